"""The account's own playlists as last seen, those this program made, and the person's rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, delete, insert, select, update

from cratewise.errors import CratewiseError, LibraryError
from cratewise.library.database import Database
from cratewise.library.identity import link, parts
from cratewise.library.knowledge import settle
from cratewise.library.listing import refresh
from cratewise.library.songs import SavedSong, track_row
from cratewise.library.tables import (
    AccountRow,
    ManagedPlaylistRow,
    PlaylistRow,
    PlaylistSongsRow,
    RulesRow,
    TrackRow,
)
from cratewise.library.upsert import upsert
from cratewise.playlists.account import PlaylistHead
from cratewise.playlists.plan import ManagedPlaylist
from cratewise.playlists.rules import Rules
from cratewise.tracks import plain

_RULES = TypeAdapter(Rules)


@dataclass(frozen=True, slots=True)
class PlaylistSongs:
    """What stands in one of the account's own playlists, as far as it was read.

    Attributes:
        playlist_id: Spotify's id.
        snapshot_id: Of the moment it was read.
        uris: What was read, in order; `None` for an entry without an address.
        n_read: Entries that were read, where the next page begins.
        is_whole: Whether that is all of it.
    """

    playlist_id: str
    snapshot_id: str
    uris: tuple[str | None, ...] = ()
    n_read: int = 0
    is_whole: bool = False


class PlaylistStore:
    """Reads and writes playlists and rules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def managed(self, account_id: str) -> tuple[ManagedPlaylist, ...]:
        """The playlists this program made, those that the person deleted included, ordered by genre."""
        table = ManagedPlaylistRow.__table__
        query = select(table).where(table.c.account_id == account_id).order_by(table.c.genre)
        with self._database.reading() as connection:
            return tuple(_managed_from(row) for row in connection.execute(query))

    def own(self, account_id: str) -> tuple[PlaylistHead, ...]:
        """The account's own playlists, whoever made them."""
        table = PlaylistRow.__table__
        query = select(table).where(table.c.account_id == account_id).order_by(table.c.name, table.c.playlist_id)
        with self._database.reading() as connection:
            return tuple(
                PlaylistHead(row.playlist_id, row.name, row.description, row.snapshot_id, row.total, row.url)
                for row in connection.execute(query)
            )

    def write_seen(self, account_id: str, own: Sequence[PlaylistHead], managed: Sequence[ManagedPlaylist]) -> None:
        """Keeps how the account's own playlists, and the managed ones among them, were just seen."""
        rows = [{"account_id": account_id, **plain(head)} for head in own]
        with self._database.writing() as connection:
            connection.execute(delete(PlaylistRow).where(PlaylistRow.account_id == account_id))
            if rows:
                connection.execute(insert(PlaylistRow), rows)
            for playlist in managed:
                write_managed(connection, account_id, playlist)
            account = update(AccountRow).where(AccountRow.account_id == account_id)
            connection.execute(account.values(playlists_seen=True))

    def songs(self, account_id: str) -> dict[str, PlaylistSongs]:
        """What stands in the account's own playlists, by id, as far as it was read."""
        table = PlaylistSongsRow.__table__
        query = select(table).where(table.c.account_id == account_id).order_by(table.c.playlist_id)
        with self._database.reading() as connection:
            return {
                row.playlist_id: PlaylistSongs(
                    row.playlist_id, row.snapshot_id, tuple(row.uris), row.n_read, row.is_whole
                )
                for row in connection.execute(query)
            }

    def write_songs(self, account_id: str, read: PlaylistSongs, songs: Collection[SavedSong]) -> None:
        """Keeps what was read of a playlist, and the songs in it that were not known; none of them counts as liked."""
        row = {"account_id": account_id, **plain(read), "uris": list(read.uris)}
        rows = {song.track.track_id: track_row(account_id, song) for song in songs}
        with self._database.writing() as connection:
            upsert(connection, PlaylistSongsRow, [row])
            for part in parts(rows):
                here = select(TrackRow.track_id).where(TrackRow.account_id == account_id, TrackRow.track_id.in_(part))
                for known in connection.execute(here).scalars().all():
                    del rows[known]
            if rows:
                connection.execute(insert(TrackRow), list(rows.values()))
                settle(connection, account_id, list(rows))
                refresh(connection, account_id, link(connection, account_id, list(rows)))

    def forget_songs(self, account_id: str, playlist_ids: Collection[str]) -> None:
        """Forgets what stood in playlists that are gone; their songs stay known."""
        with self._database.writing() as connection:
            for part in parts(playlist_ids):
                gone = PlaylistSongsRow.playlist_id.in_(part)
                connection.execute(delete(PlaylistSongsRow).where(PlaylistSongsRow.account_id == account_id, gone))

    def rules(self, account_id: str) -> Rules | None:
        """The rules saved last, `None` when there are none."""
        query = select(RulesRow.rules).where(RulesRow.account_id == account_id)
        with self._database.reading() as connection:
            kept = connection.execute(query).scalar()
        return None if kept is None else rules_from(kept)

    def write_rules(self, account_id: str, rules: Rules, at: datetime) -> None:
        """Keeps the rules in place of those before."""
        row = {"account_id": account_id, "rules": rules_into(rules), "changed_at": at}
        with self._database.writing() as connection:
            connection.execute(delete(RulesRow).where(RulesRow.account_id == account_id))
            connection.execute(insert(RulesRow), [row])


def write_managed(connection: Connection, account_id: str, playlist: ManagedPlaylist) -> None:
    """Keeps a managed playlist, in place of the one its genre had before."""
    forget_managed(connection, account_id, playlist.genre)
    row = {
        "account_id": account_id,
        "playlist_id": playlist.playlist_id,
        "genre": playlist.genre,
        "name": playlist.name,
        "ours": sorted(playlist.ours),
        "contents": list(playlist.contents),
        "snapshot_id": playlist.snapshot_id,
        "url": playlist.url,
        "does_exist": playlist.exists,
    }
    connection.execute(insert(ManagedPlaylistRow), [row])


def forget_managed(connection: Connection, account_id: str, genre: str) -> None:
    """Forgets the playlist of a genre."""
    here = (ManagedPlaylistRow.account_id == account_id) & (ManagedPlaylistRow.genre == genre)
    connection.execute(delete(ManagedPlaylistRow).where(here))


def rules_into(rules: Rules) -> dict[str, Any]:
    """Rules as they are kept."""
    kept: dict[str, Any] = _RULES.dump_python(rules, mode="json")
    return kept


def rules_from(kept: dict[str, Any]) -> Rules:
    """Kept rules.

    Raises:
        LibraryError: They are damaged.
    """
    try:
        return _RULES.validate_python(kept)
    except (ValidationError, CratewiseError) as error:
        raise LibraryError(f"The rules kept in the library cannot be read: {error}") from error


def _managed_from(row: Row[Any]) -> ManagedPlaylist:
    return ManagedPlaylist(
        playlist_id=row.playlist_id,
        genre=row.genre,
        name=row.name,
        ours=frozenset(row.ours),
        contents=tuple(row.contents),
        snapshot_id=row.snapshot_id,
        url=row.url,
        exists=row.does_exist,
    )
