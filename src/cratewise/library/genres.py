"""What the classifier said of the liked songs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, and_, cast, func, select

from cratewise.classification import Classification
from cratewise.library.database import Database
from cratewise.library.identity import parts, song_of_each
from cratewise.library.listing import refresh_genres
from cratewise.library.songs import SavedSong, saved_song_from
from cratewise.library.tables import ClassificationRow, SavedTrackRow, SongRow, TrackRow
from cratewise.library.trackrows import track_from
from cratewise.library.upsert import upsert
from cratewise.tracks import Track


@dataclass(frozen=True, slots=True)
class SortedSong:
    """A liked song and its genre.

    Attributes:
        song: The song.
        classification: What the classifier said, `None` when it has not been asked yet.
        n_releases: How many releases of it are liked.
        said_by: Who the genre comes from: "model", or a person's word on the "song", "album" or "artist"; empty when
            it has none yet.
    """

    song: SavedSong
    classification: Classification | None
    n_releases: int = 1
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class GenreCounts:
    """How many liked songs an account has.

    Attributes:
        songs: All of them.
        unsure: Those whose genre is unsure.
        sure: The others by family and genre, without those that have no genre yet.
    """

    songs: int
    unsure: int
    sure: Mapping[tuple[str, str], int]


class GenreStore:
    """Reads and writes classifications."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def songs(self, account_id: str, least_confidence: float) -> tuple[SortedSong, ...]:
        """Every liked song with its genre, newest liked first; unsure are those under `least_confidence`."""
        of_song = _listed(account_id).where(SongRow.track_id == TrackRow.track_id)
        return self._sorted(of_song, least_confidence)

    def releases(self, account_id: str, least_confidence: float) -> tuple[SortedSong, ...]:
        """Every liked release, each with the genre of its song, newest liked first."""
        return self._sorted(_listed(account_id), least_confidence)

    def _sorted(self, listed: Select[Any], least_confidence: float) -> tuple[SortedSong, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(listed.order_by(SavedTrackRow.added_at.desc(), TrackRow.uri))
            return tuple(sorted_from(row, least_confidence) for row in rows)

    def counts(self, account_id: str, least_confidence: float) -> GenreCounts:
        """How many liked songs each genre has."""
        song = SongRow
        is_unsure = and_(song.said_by != "", song.confidence < least_confidence)
        query = select(song.family, song.genre, is_unsure, func.count()).where(song.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(song.family, song.genre, is_unsure)).all()
        return GenreCounts(
            songs=sum(count for *_, count in rows),
            unsure=sum(count for _, _, unsure, count in rows if unsure),
            sure={(family, genre): count for family, genre, unsure, count in rows if genre and not unsure},
        )

    def digest(self, account_id: str) -> str:
        """Another one means that songs came or went, or that the genre of some is another, or as sure no more."""
        song = SongRow
        sure = func.sum(
            cast(song.confidence * 1_000_000, BigInteger)
        )  # whole numbers, whose order of adding is nothing
        columns = (song.genre, song.said_by, func.count(), sure, func.max(song.added_at))
        query = select(*columns).where(song.account_id == account_id).group_by(song.genre, song.said_by)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(song.genre, song.said_by)).all()
        return hashlib.blake2b(repr(rows).encode(), digest_size=8).hexdigest()

    def unsorted(self, account_id: str, model_version: str, *, everything: bool = False) -> tuple[Track, ...]:
        """Liked songs that this model has not seen as they are now, newest liked first; all of them with `everything`.

        Of each song the release that stands for it.
        """
        said, song, track = ClassificationRow, SongRow, TrackRow
        is_said = and_(said.account_id == account_id, said.track_id == track.track_id)
        is_seen = select(said.track_id).where(is_said, said.model_version == model_version, said.is_current).exists()
        stands = and_(song.account_id == account_id, song.song_id == track.song_id, song.track_id == track.track_id)
        query = select(*track.__table__.c).join(song, stands).where(track.account_id == account_id)
        if not everything:
            query = query.where(~is_seen)
        # as they were read, which is how they lie in the database: whoever writes of them in this order changes each
        # of its pages once. No bare column, or SQLite would walk its index and look every song up, seen or not
        newest_first = func.coalesce(song.added_at, song.added_at).desc()
        with self._database.reading() as connection:
            # SQLite then walks the tracks by their ids, as what was said of them lies
            if connection.dialect.name == "sqlite":
                query = query.where(track.track_id > "")
            rows = connection.execute(query.order_by(newest_first, track.track_id))
            return tuple(track_from(row) for row in rows)

    def write(self, account_id: str, model_version: str, classifications: Sequence[Classification]) -> None:
        """Keeps what a model said, in place of what was said before; of songs that are gone by now, nothing."""
        with self._database.writing() as connection:
            songs = _songs_by_track(connection, account_id, [one.track_id for one in classifications])
            rows = [
                {
                    "account_id": account_id,
                    "track_id": one.track_id,
                    "genre": one.genre,
                    "family": one.family,
                    "confidence": one.confidence,
                    "runner_up": one.runner_up,
                    "others": dict(one.others),
                    "reason": one.reason,
                    "model_version": model_version,
                    "is_current": True,
                }
                for one in classifications
                if one.track_id in songs
            ]
            upsert(connection, ClassificationRow, rows)
            refresh_genres(connection, account_id, set(songs.values()))

    def others(self, account_id: str) -> dict[str, tuple[tuple[str, float], ...]]:
        """The other families that the classifier thinks of, the likeliest first, by the track it was asked of."""
        query = select(ClassificationRow.track_id, ClassificationRow.others).where(
            ClassificationRow.account_id == account_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {track_id: tuple(sorted(said.items(), key=lambda one: -one[1])) for track_id, said in rows if said}

    def model_version(self, account_id: str) -> str:
        """The model that spoke of the account's songs last, empty when none did."""
        query = select(ClassificationRow.model_version).where(ClassificationRow.account_id == account_id).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).scalar() or ""


def sorted_from(row: Row[Any], least_confidence: float) -> SortedSong:
    """The song in a row that holds the columns of `saved_song_from`, and what `SongRow` says of it."""
    said = Classification(
        track_id=row.track_id,
        genre=row.genre,
        family=row.family,
        confidence=row.confidence,
        runner_up=row.runner_up,
        is_unsure=row.confidence < least_confidence,
        reason=row.reason,
    )
    return SortedSong(saved_song_from(row), said if row.said_by else None, row.n_releases, row.said_by)


def _songs_by_track(connection: Connection, account_id: str, track_ids: Sequence[str]) -> dict[str, str]:
    """What `song_of_each` says, mostly without reading tracks: a listed song's id is that of one of its releases."""
    called: list[str] = []
    for part in parts(track_ids):
        query = select(SongRow.song_id).where(SongRow.account_id == account_id, SongRow.song_id.in_(part))
        called += connection.execute(query).scalars()
    songs = {song_id: song_id for song_id in called}
    return songs | song_of_each(connection, account_id, [one for one in track_ids if one not in songs])


def _listed(account_id: str) -> Select[Any]:
    """Every liked release beside its song."""
    song = and_(SongRow.account_id == SavedTrackRow.account_id, SongRow.song_id == TrackRow.song_id)
    of_song = (SongRow.genre, SongRow.family, SongRow.confidence, SongRow.runner_up, SongRow.reason)
    columns = (*TrackRow.__table__.c, SavedTrackRow.added_at, SavedTrackRow.is_available)
    return (
        select(*columns, *of_song, SongRow.said_by, SongRow.n_releases)
        .select_from(SavedTrackRow)
        .join(TrackRow, and_(TrackRow.account_id == account_id, TrackRow.track_id == SavedTrackRow.track_id))
        .join(SongRow, song)
        .where(SavedTrackRow.account_id == account_id)
    )
