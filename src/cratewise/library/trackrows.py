"""Songs in rows of the table `tracks`."""

from typing import Any

from sqlalchemy import Row

from cratewise.library.columns import damaged
from cratewise.tracks import AudioStatistics, Track


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
        statistics=None if row.statistics is None else statistics_from(row.statistics),
        artist_tags=tuple(row.artist_tags),
    )


def statistics_from(kept: dict[str, Any]) -> AudioStatistics:
    """Statistics as they are kept.

    Raises:
        LibraryError: They are damaged.
    """
    try:
        return AudioStatistics(**kept)
    except TypeError as error:
        raise damaged(kept) from error
