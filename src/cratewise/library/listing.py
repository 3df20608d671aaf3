"""The songs as they are listed: one row for each song of an account, made anew whenever something under it changes.

Filtering, sorting and paging read this one table: joining what it is made from takes most of a second for 100,000
songs.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Subquery,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import aliased

from cratewise.library.database import Database
from cratewise.library.identity import PARAMETERS, derived_columns, link, parts
from cratewise.library.tables import (
    AccountRow,
    ClassificationRow,
    CorrectionRow,
    DerivedRow,
    GenreChangeRow,
    SavedTrackRow,
    SongRow,
    TrackRow,
)
from cratewise.progress import Progress, in_parts, silent, told

DERIVED = 2
"""Raised whenever the rules change by which columns and tables are derived: `derive_anew` then runs once."""

MODEL = "model"
"""Who said the genre, where no person did."""

_REASONS = {
    "song": "You said so.",
    "album": "You said so of the album.",
    "artist": "You said so of the artist.",
}
_OF_GENRE = ("genre", "family", "confidence", "runner_up", "reason", "said_by")
_BATCH = 2_000


def refresh(connection: Connection, account_id: str, song_ids: Collection[str]) -> None:
    """Lists these songs of an account anew."""
    for part in parts(sorted(song_ids)):
        connection.execute(delete(SongRow).where(SongRow.account_id == account_id, SongRow.song_id.in_(part)))
        _insert(connection, _standing(account_id).where(TrackRow.song_id.in_(part)), account_id)


def refresh_genres(connection: Connection, account_id: str, song_ids: Collection[str]) -> None:
    """Lists these songs anew where nothing but what is said of their genres has changed.

    What stands for each of them is in its row already, and only the columns of the genre are written: the tracks of a
    large library are not read, and its other indexes stay as they are.
    """
    song = SongRow
    for part in parts(sorted(song_ids)):
        these = and_(song.account_id == account_id, song.song_id.in_(part))
        listed = select(song.song_id, song.track_id, song.artist, song.album).where(these).subquery()
        of_genre = _counted(_said(listed, account_id), account_id).subquery()
        fresh = {name: of_genre.c[name] for name in _OF_GENRE}
        connection.execute(update(song).where(these, song.song_id == of_genre.c.song_id).values(fresh))


def refresh_all(connection: Connection, account_id: str, progress: Progress = silent) -> None:
    """Lists every song of an account anew, some at a time."""
    liked = (SavedTrackRow.account_id == TrackRow.account_id) & (SavedTrackRow.track_id == TrackRow.track_id)
    song_ids: set[str] = set()
    for query in (
        select(SongRow.song_id).where(SongRow.account_id == account_id),
        select(TrackRow.song_id).join(SavedTrackRow, liked).where(TrackRow.account_id == account_id),
    ):
        with connection.execute(query, execution_options={"yield_per": PARAMETERS}) as found:
            song_ids.update(told(found.scalars(), progress, "Listing the songs"))
    for part in in_parts(sorted(song_ids), progress, "Listing the songs"):
        refresh(connection, account_id, part)


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
    for account_id in connection.execute(select(AccountRow.account_id)).scalars().all():
        of_account = tracks.c.account_id == account_id
        rows = connection.execute(select(tracks).where(of_account).order_by(tracks.c.track_id)).all()
        for row in rows:
            fresh = derived_columns(row.title, row.artists, row.album) | {"song_id": ""}
            connection.execute(tracks.update().where(of_account, tracks.c.track_id == row.track_id).values(**fresh))
        for start in range(0, len(rows), _BATCH):
            link(connection, account_id, [row.track_id for row in rows[start : start + _BATCH]])
        refresh_all(connection, account_id)
    connection.execute(delete(DerivedRow))
    connection.execute(insert(DerivedRow).values(version=DERIVED))


def _standing(account_id: str) -> Select[*tuple[Any, ...]]:
    """Every liked release with its place among those of its song: the first is the one that stands for it."""
    of_song = TrackRow.song_id
    playable_newest = (SavedTrackRow.is_available.desc(), SavedTrackRow.added_at.desc(), TrackRow.uri)
    return (
        select(
            SavedTrackRow.account_id,
            TrackRow.song_id,
            TrackRow.track_id,
            func.count().over(partition_by=of_song).label("n_releases"),
            func.max(SavedTrackRow.added_at).over(partition_by=of_song).label("added_at"),
            SavedTrackRow.is_available,
            TrackRow.artist_key.label("artist"),
            TrackRow.album_key.label("album"),
            TrackRow.words,
            func.row_number().over(partition_by=of_song, order_by=playable_newest).label("place"),
        )
        .join(TrackRow, and_(TrackRow.account_id == account_id, TrackRow.track_id == SavedTrackRow.track_id))
        .where(SavedTrackRow.account_id == account_id)
    )


def _insert(connection: Connection, releases: Select[*tuple[Any, ...]], account_id: str) -> None:
    standing = releases.subquery()
    columns = [column for column in standing.c if column.name != "place"]
    first = select(*columns).where(standing.c.place == 1).subquery()
    listed = _counted(_said(first, account_id), account_id)
    connection.execute(insert(SongRow).from_select(listed.selected_columns.keys(), listed))


def _counted(said: Subquery, account_id: str) -> Select[*tuple[Any, ...]]:
    """The same with what each genre counts as, where a person merged or hid it."""
    changes = {name: aliased(GenreChangeRow) for name in ("genre", "family")}
    counted = {"genre": "counts_as", "family": "counts_as_family"}
    columns: dict[str, Any] = {column.name: column for column in said.c}
    for name, counts_as in counted.items():
        columns[name] = func.coalesce(*(getattr(change, counts_as) for change in changes.values()), said.c[name])
    query = select(*(value.label(name) for name, value in columns.items())).select_from(said)
    for name, change in changes.items():
        of_genre = and_(change.account_id == account_id, change.genre == said.c[name], change.counts_as != "")
        query = query.outerjoin(change, of_genre)
    return query


def _said(standing: Subquery, account_id: str) -> Subquery:
    """What is said of each song's genre: by a person of the song, the album or the artist, else by the model."""
    model, person = ClassificationRow, CorrectionRow
    is_said = person.genre.is_not(None)
    reasons = case(_REASONS, value=person.kind)
    of_genre = {
        "genre": func.coalesce(person.genre, model.genre, ""),
        "family": func.coalesce(person.family, model.family, ""),
        "confidence": case((is_said, 1.0), else_=func.coalesce(model.confidence, 0.0)),
        "runner_up": func.coalesce(model.runner_up, ""),
        "reason": case((is_said, reasons), else_=func.coalesce(model.reason, "")),
        "said_by": case((is_said, person.kind), (model.genre.is_not(None), MODEL), else_=""),
    }
    columns: dict[str, Any] = {column.name: column for column in standing.c} | of_genre
    of_model = and_(model.account_id == account_id, model.track_id == standing.c.track_id)
    counts = (
        _newest(account_id, "song", lambda said: said.key.in_(_releases(account_id, standing))),
        _newest(account_id, "album", lambda said: said.key == standing.c.album),
        _newest(account_id, "artist", lambda said: said.key == standing.c.artist),
    )
    return (
        select(*(value.label(name) for name, value in columns.items()))
        .select_from(standing)
        .outerjoin(model, of_model)
        .outerjoin(person, person.correction_id == func.coalesce(*counts))
        .subquery()
    )


def _newest(account_id: str, kind: str, is_meant: Callable[[Any], ColumnElement[bool]]) -> ScalarSelect[int]:
    """The number of the correction that counts of those of one kind; `None` where there is none."""
    said = aliased(CorrectionRow)
    holding = and_(said.account_id == account_id, said.kind == kind, said.taken_back_at.is_(None))
    newest_first = (said.said_at.desc(), said.correction_id.desc())
    return select(said.correction_id).where(holding, is_meant(said)).order_by(*newest_first).limit(1).scalar_subquery()


def _releases(account_id: str, standing: Subquery) -> Select[str]:
    """Every release of a song: what is said of one holds for all."""
    release = aliased(TrackRow)
    of_song = and_(release.account_id == account_id, release.song_id == standing.c.song_id)
    return select(release.track_id).where(of_song).correlate(standing)
