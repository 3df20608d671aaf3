"""The liked songs of the accounts in the store."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from cratewise.library.accounts import KnownAccount
from cratewise.library.columns import damaged
from cratewise.library.database import Database
from cratewise.library.tables import AccountRow, SavedTrackRow, TrackRow
from cratewise.library.upsert import upsert
from cratewise.tracks import AudioStatistics, Track

PARAMETERS = 500
"""Values in one IN (...): SQLite takes some thousands."""


@dataclass(frozen=True, slots=True)
class SavedSong:
    """A liked song.

    Attributes:
        track: The song.
        uri: Spotify's URI.
        added_at: When it was liked (UTC).
        is_available: Whether Spotify still plays it.
        cover_url: Address of a small cover, empty when there is none.
    """

    track: Track
    uri: str
    added_at: datetime
    is_available: bool = True
    cover_url: str = ""


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
            upsert(connection, AccountRow, [asdict(account)])
            upsert(connection, TrackRow, tracks, keep=("statistics", "artist_tags"))
            upsert(connection, SavedTrackRow, saved)
            if unliked:
                gone = (SavedTrackRow.account_id == account.account_id) & (SavedTrackRow.track_id == bindparam("gone"))
                connection.execute(delete(SavedTrackRow).where(gone), [{"gone": one} for one in unliked])

    def added_at(self, account_id: str) -> dict[str, datetime]:
        """When each liked song was liked, by track id."""
        query = select(SavedTrackRow.track_id, SavedTrackRow.added_at).where(SavedTrackRow.account_id == account_id)
        with self._database.reading() as connection:
            return {row.track_id: row.added_at for row in connection.execute(query)}

    def names(self, uris: Collection[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Title and artists of songs by URI, also of songs that nobody likes any more."""
        wanted, found = sorted(uris), {}
        with self._database.reading() as connection:
            for start in range(0, len(wanted), PARAMETERS):
                part = wanted[start : start + PARAMETERS]
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
        statistics=None if row.statistics is None else _statistics_from(row.statistics),
        artist_tags=tuple(row.artist_tags),
    )


def _statistics_from(kept: dict[str, Any]) -> AudioStatistics:
    try:
        return AudioStatistics(**kept)
    except TypeError as error:
        raise damaged(kept) from error


def saved_song_from(row: Row[Any]) -> SavedSong:
    """The liked song in a row that holds the columns of `TrackRow` and `SavedTrackRow`."""
    return SavedSong(track_from(row), row.uri, row.added_at, row.is_available, row.cover_url)


def _track_row(song: SavedSong) -> dict[str, Any]:
    row = asdict(song.track)
    known = json.dumps(row, sort_keys=True).encode()
    fingerprint = hashlib.blake2b(known, digest_size=8).hexdigest()
    row |= {"artists": list(row["artists"]), "artist_tags": list(row["artist_tags"])}
    return row | {"uri": song.uri, "cover_url": song.cover_url, "fingerprint": fingerprint}
