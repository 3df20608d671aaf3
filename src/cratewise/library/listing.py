"""The songs as they are listed: one row for each song of an account, made anew whenever something under it changes.

Filtering, sorting and paging read this one table: joining what it is made from takes most of a second for 100,000
songs.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, case, delete, func, insert, literal, select

from cratewise.library.database import Database
from cratewise.library.identity import derived_columns, link, parts
from cratewise.library.tables import ClassificationRow, DerivedRow, SavedTrackRow, SongRow, TrackRow

DERIVED = 1
"""Raised whenever the rules change by which columns and tables are derived: `derive_anew` then runs once."""

MODEL = "model"
"""Who said the genre, where no person did."""

_BATCH = 2_000


def refresh(connection: Connection, song_ids: Collection[str]) -> None:
    """Lists these songs anew, for every account that likes them."""
    for part in parts(song_ids):
        connection.execute(delete(SongRow).where(SongRow.song_id.in_(part)))
        _insert(connection, _standing(TrackRow.song_id.in_(part)))


def derive_anew(database: Database) -> None:
    """Makes everything that is derived anew, unless it was made by the rules of today.

    Raises:
        LibraryError: The database refused.
    """
    with database.reading() as connection:
        if _is_of_today(connection):
            return
    with database.writing() as connection:
        if not _is_of_today(connection):
            _derive(connection)


def _is_of_today(connection: Connection) -> bool:
    return connection.execute(select(DerivedRow.version)).scalar() == DERIVED


def _derive(connection: Connection) -> None:
    tracks: Table = TrackRow.__table__  # type: ignore[assignment]
    for row in connection.execute(select(tracks)).all():
        fresh = derived_columns(row.title, row.artists, row.album) | {"song_id": ""}
        connection.execute(tracks.update().where(tracks.c.track_id == row.track_id).values(**fresh))
    track_ids = connection.execute(select(TrackRow.track_id).order_by(TrackRow.track_id)).scalars().all()
    for start in range(0, len(track_ids), _BATCH):
        link(connection, track_ids[start : start + _BATCH])
    connection.execute(delete(SongRow))
    _insert(connection, _standing(literal(True)))
    connection.execute(delete(DerivedRow))
    connection.execute(insert(DerivedRow).values(version=DERIVED))


def _standing(condition: Any) -> Select[Any]:
    """Every liked release with its place among those of its song: the first is the one that stands for it."""
    of_song = (SavedTrackRow.account_id, TrackRow.song_id)
    playable_newest = (SavedTrackRow.is_available.desc(), SavedTrackRow.added_at.desc(), TrackRow.uri)
    return (
        select(
            SavedTrackRow.account_id,
            TrackRow.song_id,
            TrackRow.track_id,
            func.count().over(partition_by=of_song).label("n_releases"),
            func.max(SavedTrackRow.added_at).over(partition_by=of_song).label("added_at"),
            SavedTrackRow.is_available,
            TrackRow.title,
            TrackRow.artist_key,
            TrackRow.words,
            func.row_number().over(partition_by=of_song, order_by=playable_newest).label("place"),
        )
        .join(TrackRow, TrackRow.track_id == SavedTrackRow.track_id)
        .where(condition)
    )


def _insert(connection: Connection, releases: Select[Any]) -> None:
    standing = releases.subquery()
    said = and_(
        ClassificationRow.account_id == standing.c.account_id, ClassificationRow.track_id == standing.c.track_id
    )
    columns = {
        "account_id": standing.c.account_id,
        "song_id": standing.c.song_id,
        "track_id": standing.c.track_id,
        "n_releases": standing.c.n_releases,
        "added_at": standing.c.added_at,
        "is_available": standing.c.is_available,
        "title": standing.c.title,
        "artist": standing.c.artist_key,
        "words": standing.c.words,
        "genre": func.coalesce(ClassificationRow.genre, ""),
        "family": func.coalesce(ClassificationRow.family, ""),
        "confidence": func.coalesce(ClassificationRow.confidence, 0.0),
        "runner_up": func.coalesce(ClassificationRow.runner_up, ""),
        "reason": func.coalesce(ClassificationRow.reason, ""),
        "said_by": case((ClassificationRow.genre.is_(None), ""), else_=MODEL),
    }
    query = (
        select(*(value.label(name) for name, value in columns.items()))
        .select_from(standing)
        .outerjoin(ClassificationRow, said)
        .where(standing.c.place == 1)
    )
    connection.execute(insert(SongRow).from_select(list(columns), query))
