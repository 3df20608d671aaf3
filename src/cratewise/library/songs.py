"""The liked songs of the accounts in the store."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from cratewise.library.accounts import KnownAccount
from cratewise.library.database import Database
from cratewise.library.identity import derived_columns, link, parts, songs_of
from cratewise.library.knowledge import SETTLED, SPOTIFY, settle, write_own
from cratewise.library.listing import refresh
from cratewise.library.tables import AccountRow, SavedTrackRow, SongRow, TrackRow
from cratewise.library.trackrows import track_from
from cratewise.library.upsert import upsert
from cratewise.tracks import Track, plain

NOT_LIKED = datetime(1970, 1, 1, tzinfo=UTC)
"""When a song was liked that is not."""

_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")


def address_of(track_id: str) -> str:
    """The address of a song whose file gives none: Spotify's, where the id may be one of Spotify's."""
    return f"{'spotify' if _SPOTIFY_ID.fullmatch(track_id) else 'cratewise'}:track:{track_id}"


@dataclass(frozen=True, slots=True)
class SavedSong:
    """A liked song.

    Attributes:
        track: The song.
        uri: Spotify's URI.
        added_at: When it was liked (UTC).
        is_available: Whether Spotify still plays it.
        cover_url: Address of a small cover, empty when there is none.
        artist_ids: Spotify's ids of its artists in the order of `track.artists`, empty where one has none; or none at
            all.
    """

    track: Track
    uri: str
    added_at: datetime
    is_available: bool = True
    cover_url: str = ""
    artist_ids: tuple[str, ...] = ()


class SongStore:
    """Reads and writes liked songs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self, account: KnownAccount, songs: Sequence[SavedSong], unliked: Collection[str] = (), source: str = SPOTIFY
    ) -> None:
        """Keeps what a sync or a file said, as a whole or not at all.

        Popularity, statistics and tags that other sources gave stay: an account gives none.

        Args:
            account: The account as it is now.
            songs: Liked songs that are new or were read again.
            unliked: Track ids that are not liked any more.
            source: Who says what the songs are like.
        """
        at = account.synced_at or NOT_LIKED
        tracks = [track_row(account.account_id, song) for song in songs]
        saved = [
            {
                "account_id": account.account_id,
                "track_id": song.track.track_id,
                "added_at": song.added_at,
                "is_available": song.is_available,
            }
            for song in songs
        ]
        with self._database.writing() as connection:
            upsert(connection, AccountRow, [plain(account)])
            upsert(connection, TrackRow, tracks, keep=(*SETTLED, "song_id"))
            upsert(connection, SavedTrackRow, saved)
            write_own(connection, account.account_id, [song.track for song in songs], source, at)
            track_ids = [row["track_id"] for row in tracks]
            settle(connection, account.account_id, track_ids)
            touched = link(connection, account.account_id, track_ids)
            if unliked:
                touched |= songs_of(connection, account.account_id, unliked)
                gone = (SavedTrackRow.account_id == account.account_id) & (SavedTrackRow.track_id == bindparam("gone"))
                connection.execute(delete(SavedTrackRow).where(gone), [{"gone": one} for one in unliked])
            refresh(connection, account.account_id, touched)

    def added_at(self, account_id: str) -> dict[str, datetime]:
        """When each liked song was liked, by track id."""
        query = select(SavedTrackRow.track_id, SavedTrackRow.added_at).where(SavedTrackRow.account_id == account_id)
        with self._database.reading() as connection:
            return {row.track_id: row.added_at for row in connection.execute(query)}

    def liked_uris(self, account_id: str) -> frozenset[str]:
        """The URIs of every release, liked itself or not, of the liked songs."""
        song = (SongRow.account_id == TrackRow.account_id) & (SongRow.song_id == TrackRow.song_id)
        query = select(TrackRow.uri).join(SongRow, song).where(TrackRow.account_id == account_id)
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def known(self, account_id: str, uris: Collection[str]) -> tuple[SavedSong, ...]:
        """The songs with these URIs, liked or not, in the order of their ids; added at a time that means nothing."""
        found, of_account = [], TrackRow.account_id == account_id
        with self._database.reading() as connection:
            for part in parts(uris):
                rows = connection.execute(select(*TrackRow.__table__.c).where(of_account, TrackRow.uri.in_(part)))
                found += [
                    SavedSong(track_from(row), row.uri, NOT_LIKED, True, row.cover_url, tuple(row.artist_ids))
                    for row in rows
                ]
        return tuple(sorted(found, key=lambda song: song.track.track_id))

    def names(self, account_id: str, uris: Collection[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Title and artists of songs by URI, also of songs that the account does not like any more."""
        found, of_account = {}, TrackRow.account_id == account_id
        with self._database.reading() as connection:
            for part in parts(uris):
                query = select(TrackRow.uri, TrackRow.title, TrackRow.artists).where(of_account, TrackRow.uri.in_(part))
                found.update({uri: (title, tuple(artists)) for uri, title, artists in connection.execute(query)})
        return found


def saved_song_from(row: Row[Any]) -> SavedSong:
    """The liked song in a row that holds the columns of `TrackRow` and `SavedTrackRow`."""
    return SavedSong(track_from(row), row.uri, row.added_at, row.is_available, row.cover_url, tuple(row.artist_ids))


def track_row(account_id: str, song: SavedSong) -> dict[str, Any]:
    """A row of `tracks`, as new: nothing that sources say stands in it, and it is a song of its own."""
    row = {"account_id": account_id, **plain(song.track)}
    row |= {"artists": list(row["artists"]), "artist_tags": [], "statistics": None, "popularity": None}
    row |= {"uri": song.uri, "cover_url": song.cover_url, "artist_ids": list(song.artist_ids)}
    derived = derived_columns(song.track.title, song.track.artists, song.track.album)
    return row | derived | {"song_id": song.track.track_id, "fingerprint": ""}
