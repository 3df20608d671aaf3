"""The liked songs of the accounts in the store."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from cratewise.library.accounts import KnownAccount
from cratewise.library.database import Database
from cratewise.library.identity import derived_columns, link, parts, songs_of
from cratewise.library.listing import refresh
from cratewise.library.tables import AccountRow, SavedTrackRow, TrackRow
from cratewise.tracks import AudioStatistics, Track


@dataclass(frozen=True, slots=True)
class SavedSong:
    """A liked song.

    Attributes:
        track: The song.
        uri: Spotify's URI.
        added_at: When it was liked (UTC).
        is_available: Whether Spotify still plays it.
        cover_url: Address of a small cover, empty when there is none.
        artist_ids: Spotify's ids of its artists, as far as they have one.
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

    def write(self, account: KnownAccount, songs: Sequence[SavedSong], unliked: Collection[str] = ()) -> None:
        """Keeps what a sync found, as a whole or not at all.

        Statistics and tags that are known already stay: an account gives none.

        Args:
            account: The account as it is now.
            songs: Liked songs that are new or were read again.
            unliked: Track ids that are not liked any more.
        """
        tracks = [_track_row(song) for song in songs]
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
            _upsert(connection, AccountRow, [asdict(account)], keep=())
            _upsert(connection, TrackRow, tracks, keep=("statistics", "artist_tags", "song_id"))
            _upsert(connection, SavedTrackRow, saved, keep=())
            touched = link(connection, [row["track_id"] for row in tracks])
            if unliked:
                touched |= songs_of(connection, unliked)
                gone = (SavedTrackRow.account_id == account.account_id) & (SavedTrackRow.track_id == bindparam("gone"))
                connection.execute(delete(SavedTrackRow).where(gone), [{"gone": one} for one in unliked])
            refresh(connection, touched)

    def added_at(self, account_id: str) -> dict[str, datetime]:
        """When each liked song was liked, by track id."""
        query = select(SavedTrackRow.track_id, SavedTrackRow.added_at).where(SavedTrackRow.account_id == account_id)
        with self._database.reading() as connection:
            return {row.track_id: row.added_at for row in connection.execute(query)}

    def names(self, uris: Collection[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Title and artists of songs by URI, also of songs that nobody likes any more."""
        found = {}
        with self._database.reading() as connection:
            for part in parts(uris):
                query = select(TrackRow.uri, TrackRow.title, TrackRow.artists).where(TrackRow.uri.in_(part))
                found.update({uri: (title, tuple(artists)) for uri, title, artists in connection.execute(query)})
        return found


def track_from(row: Row[Any]) -> Track:
    """The song in a row that holds the columns of `TrackRow`."""
    return Track(
        track_id=row.track_id,
        title=row.title,
        artists=tuple(row.artists),
        album=row.album,
        duration_ms=row.duration_ms,
        explicit=row.explicit,
        popularity=row.popularity,
        release_year=row.release_year,
        isrc=row.isrc,
        statistics=None if row.statistics is None else AudioStatistics(**row.statistics),
        artist_tags=tuple(row.artist_tags),
    )


def saved_song_from(row: Row[Any]) -> SavedSong:
    """The liked song in a row that holds the columns of `TrackRow` and `SavedTrackRow`."""
    return SavedSong(track_from(row), row.uri, row.added_at, row.is_available, row.cover_url, tuple(row.artist_ids))


def _track_row(song: SavedSong) -> dict[str, Any]:
    row = asdict(song.track)
    known = json.dumps(row, sort_keys=True).encode()
    fingerprint = hashlib.blake2b(known, digest_size=8).hexdigest()
    row |= {"artists": list(row["artists"]), "artist_tags": list(row["artist_tags"])}
    row |= {"uri": song.uri, "cover_url": song.cover_url, "artist_ids": list(song.artist_ids)}
    derived = derived_columns(song.track.title, song.track.artists, song.track.album)
    return row | derived | {"song_id": "", "fingerprint": fingerprint}


def _upsert(connection: Connection, kind: Any, rows: Sequence[dict[str, Any]], *, keep: Collection[str]) -> None:
    """Inserts rows, or brings those that are there up to date except for the columns in `keep`."""
    if not rows:
        return
    table: Table = kind.__table__
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    fresh = {column.name: statement.excluded[column.name] for column in table.c if column.name not in (*key, *keep)}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=fresh), rows)
