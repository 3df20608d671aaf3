"""The songs as they are listed: one row for each song of an account, made anew whenever something under it changes.

Filtering, sorting and paging read this one table: joining what it is made from takes most of a second for 100,000
songs.
"""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Delete,
    Insert,
    ScalarSelect,
    Select,
    Subquery,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from cratewise.library.columns import StorableText
from cratewise.library.database import Database
from cratewise.library.identity import PARAMETERS, are_of, derived_columns, link, parts
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


_ACCOUNT: BindParameter[str] = bindparam("of_account", type_=StorableText())
_SONGS: BindParameter[Any] = bindparam("these_songs", expanding=True, type_=StorableText())


def refresh(connection: Connection, account_id: str, song_ids: Collection[str]) -> None:
    """Lists these songs of an account anew."""
    for part in parts(sorted(song_ids)):
        these = {_ACCOUNT.key: account_id, _SONGS.key: part}
        connection.execute(_unlisting(), these)
        connection.execute(_listing(), these)


def refresh_genres(connection: Connection, account_id: str, song_ids: Collection[str]) -> None:
    """Lists these songs anew where nothing but what is said of their genres has changed.

    What stands for each of them is in its row already, and only the columns of the genre are written: the tracks of a
    large library are not read, and its other indexes stay as they are.
    """
    for part in parts(sorted(song_ids)):
        connection.execute(_listing_genres(), {_ACCOUNT.key: account_id, _SONGS.key: part})


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
            fresh = derived_columns(row.title, row.artists, row.album) | {"song_id": row.track_id}
            connection.execute(tracks.update().where(of_account, tracks.c.track_id == row.track_id).values(**fresh))
        for start in range(0, len(rows), _BATCH):
            link(connection, account_id, [row.track_id for row in rows[start : start + _BATCH]])
        refresh_all(connection, account_id)
    connection.execute(delete(DerivedRow))
    connection.execute(insert(DerivedRow).values(version=DERIVED))


# The statements are built once: thousands of them, each built anew, leave so many objects for Python to search through
# that it takes a tenth of the time of writing a large library.
@cache
def _unlisting() -> Delete:
    return delete(SongRow).where(SongRow.account_id == _ACCOUNT, SongRow.song_id.in_(_SONGS))


@cache
def _listing() -> Insert:
    """Lists songs with what stands for each and what is said of its genre."""
    standing = _standing().where(are_of(_ACCOUNT, _SONGS)).subquery()
    columns = [column for column in standing.c if column.name != "place"]
    first = select(*columns).where(standing.c.place == 1).subquery()
    listed = _counted(_said(first))
    return insert(SongRow).from_select(listed.selected_columns.keys(), listed)


@cache
def _listing_genres() -> Update:
    """Writes what is said of the genres of songs that are listed."""
    song = SongRow
    these = and_(song.account_id == _ACCOUNT, song.song_id.in_(_SONGS))
    listed = select(song.song_id, song.track_id, song.artist, song.album).where(these).subquery()
    of_genre = _counted(_said(listed)).subquery()
    fresh = {name: of_genre.c[name] for name in _OF_GENRE}
    return update(song).where(these, song.song_id == of_genre.c.song_id).values(fresh)


def _standing() -> Select[*tuple[Any, ...]]:
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
        .join(TrackRow, and_(TrackRow.account_id == _ACCOUNT, TrackRow.track_id == SavedTrackRow.track_id))
        .where(SavedTrackRow.account_id == _ACCOUNT)
    )


def _counted(said: Subquery) -> Select[*tuple[Any, ...]]:
    """The same with what each genre counts as, where a person merged or hid it."""
    changes = {name: aliased(GenreChangeRow) for name in ("genre", "family")}
    counted = {"genre": "counts_as", "family": "counts_as_family"}
    columns: dict[str, Any] = {column.name: column for column in said.c}
    for name, counts_as in counted.items():
        columns[name] = func.coalesce(*(getattr(change, counts_as) for change in changes.values()), said.c[name])
    query = select(*(value.label(name) for name, value in columns.items())).select_from(said)
    for name, change in changes.items():
        of_genre = and_(change.account_id == _ACCOUNT, change.genre == said.c[name], change.counts_as != "")
        query = query.outerjoin(change, of_genre)
    return query


def _said(standing: Subquery) -> Subquery:
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
    of_model = and_(model.account_id == _ACCOUNT, model.track_id == standing.c.track_id)
    counts = (
        _newest("song", lambda said: said.key.in_(_releases(standing))),
        _newest("album", lambda said: said.key == standing.c.album),
        _newest("artist", lambda said: said.key == standing.c.artist),
    )
    return (
        select(*(value.label(name) for name, value in columns.items()))
        .select_from(standing)
        .outerjoin(model, of_model)
        .outerjoin(person, person.correction_id == func.coalesce(*counts))
        .subquery()
    )


def _newest(kind: str, is_meant: Callable[[Any], ColumnElement[bool]]) -> ScalarSelect[int]:
    """The number of the correction that counts of those of one kind; `None` where there is none."""
    said = aliased(CorrectionRow)
    holding = and_(said.account_id == _ACCOUNT, said.kind == kind, said.taken_back_at.is_(None))
    newest_first = (said.said_at.desc(), said.correction_id.desc())
    return select(said.correction_id).where(holding, is_meant(said)).order_by(*newest_first).limit(1).scalar_subquery()


def _releases(standing: Subquery) -> CompoundSelect[str]:
    """Every release of a song: what is said of one holds for all."""
    other = aliased(TrackRow)
    of_song = and_(other.account_id == _ACCOUNT, other.song_id == standing.c.song_id)
    others = select(other.track_id).where(of_song, other.song_id != other.track_id).correlate(standing)
    return union_all(select(standing.c.song_id).correlate(standing), others)
