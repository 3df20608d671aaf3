"""Finding, sorting and paging songs in a library of any size: one page is read, whatever it is a page of."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, select

from cratewise.library.database import Database
from cratewise.library.genres import SortedSong, sorted_from
from cratewise.library.identity import parts
from cratewise.library.tables import SavedTrackRow, SongRow, TrackRow
from cratewise.tracks import name_key, normalised

Order = Literal["added", "title", "artist", "confidence"]

_ORDERS: dict[Order, tuple[Any, ...]] = {
    "added": (SongRow.added_at.desc(), SongRow.song_id.desc()),
    "title": (SongRow.words, SongRow.song_id),
    "artist": (SongRow.artist, SongRow.words, SongRow.song_id),
    "confidence": (SongRow.confidence, SongRow.song_id),
}


@dataclass(frozen=True, slots=True)
class SongFilter:
    """Which songs are wanted; what isn't given doesn't matter.

    Attributes:
        words: Words or parts of words that all stand in title, artists or album, however spelled.
        artist: Their first artist, however spelled.
        album: Their album, however spelled.
        genre: Slug of a style or family; a family has the songs of its styles too.
        surer_than: Songs the genre is known of with at least this confidence.
        unsurer_than: Songs the genre is known of with less than this confidence.
        said_by: Who the genre comes from: "model", or a person's word on the "song", "album" or "artist".
    """

    words: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    surer_than: float | None = None
    unsurer_than: float | None = None
    said_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SongPage:
    """A part of the songs that were asked for.

    Attributes:
        songs: The songs of this page.
        total: How many there are on all pages.
    """

    songs: tuple[SortedSong, ...] = field(default=())
    total: int = 0


class SongSearch:
    """Reads pages of the songs of an account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        account_id: str,
        wanted: SongFilter,
        *,
        order: Order = "added",
        offset: int = 0,
        limit: int = 100,
        least_confidence: float = 0.0,
    ) -> SongPage:
        """The songs from `offset` on, at most `limit`, with how many there are.

        Args:
            account_id: Whose songs.
            wanted: Which of them.
            order: "added" newest first, "title" and "artist" from A, "confidence" least sure first.
            offset: How many come before this page.
            limit: How many it has at most.
            least_confidence: Songs under it count as unsure.
        """
        matches = _matches(account_id, wanted)
        ids = select(SongRow.song_id).where(matches).order_by(*_ORDERS[order]).offset(offset).limit(limit).subquery()
        query = _whole_songs(account_id).join(ids, ids.c.song_id == SongRow.song_id).order_by(*_ORDERS[order])
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(SongRow).where(matches)).scalar_one()
            rows = connection.execute(query).all()
        return SongPage(tuple(sorted_from(row, least_confidence) for row in rows), total)

    def standing(self, account_id: str, track_ids: Collection[str]) -> dict[str, SortedSong]:
        """The liked songs that are listed under these tracks, by their ids."""
        found = {}
        with self._database.reading() as connection:
            for part in parts(track_ids):
                rows = connection.execute(_whole_songs(account_id).where(SongRow.track_id.in_(part))).all()
                found.update({row.track_id: sorted_from(row, 0.0) for row in rows})
        return found

    def song(self, account_id: str, track_id: str) -> SortedSong | None:
        """The liked song that this track is a release of, if there is one."""
        this = and_(TrackRow.account_id == account_id, TrackRow.track_id == track_id)
        song_id = select(TrackRow.song_id).where(this).scalar_subquery()
        with self._database.reading() as connection:
            row = connection.execute(_whole_songs(account_id).where(SongRow.song_id == song_id)).first()
        return None if row is None else sorted_from(row, 0.0)


def _whole_songs(account_id: str) -> Select[*tuple[Any, ...]]:
    columns = (*TrackRow.__table__.c, SavedTrackRow.added_at, SavedTrackRow.is_available)
    of_song = (SongRow.genre, SongRow.family, SongRow.confidence, SongRow.runner_up, SongRow.reason)
    liked = and_(SavedTrackRow.account_id == SongRow.account_id, SavedTrackRow.track_id == SongRow.track_id)
    return (
        select(*columns, *of_song, SongRow.said_by, SongRow.n_releases)
        .select_from(SongRow)
        .join(TrackRow, and_(TrackRow.account_id == account_id, TrackRow.track_id == SongRow.track_id))
        .join(SavedTrackRow, liked)
        .where(SongRow.account_id == account_id)
    )


def _matches(account_id: str, wanted: SongFilter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [SongRow.account_id == account_id]
    conditions += [SongRow.words.contains(word, autoescape=True) for word in normalised(wanted.words).split()]
    if wanted.artist:
        conditions.append(SongRow.artist == name_key(wanted.artist))
    if wanted.album:
        conditions.append(SongRow.album.endswith(f"\n{name_key(wanted.album)}", autoescape=True))
    if wanted.genre:
        conditions.append((SongRow.genre == wanted.genre) | (SongRow.family == wanted.genre))
    if wanted.surer_than is not None:
        conditions += [SongRow.said_by != "", SongRow.confidence >= wanted.surer_than]
    if wanted.unsurer_than is not None:
        conditions += [SongRow.said_by != "", SongRow.confidence < wanted.unsurer_than]
    if wanted.said_by:
        conditions.append(SongRow.said_by.in_(wanted.said_by))
    return and_(*conditions)
