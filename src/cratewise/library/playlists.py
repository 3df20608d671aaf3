"""The account's own playlists as last seen, those this program made, and the person's rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, delete, insert, select, update

from cratewise.errors import CratewiseError, LibraryError
from cratewise.library.database import Database
from cratewise.library.tables import AccountRow, ManagedPlaylistRow, PlaylistRow, RulesRow
from cratewise.playlists.account import PlaylistHead
from cratewise.playlists.plan import ManagedPlaylist
from cratewise.playlists.rules import Rules
from cratewise.tracks import plain

_RULES = TypeAdapter(Rules)


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
