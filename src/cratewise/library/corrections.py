"""A person's word on genres: it beats the network, outlives syncs and models, and can be taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from cratewise.library.database import Database
from cratewise.library.identity import parts, song_of_each, songs_of
from cratewise.library.listing import refresh_all, refresh_genres
from cratewise.library.tables import CorrectionRow, GenreChangeRow, PinRow, TrackRow
from cratewise.library.upsert import upsert
from cratewise.tracks import plain

Kind = Literal["song", "album", "artist"]
_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a genre.

    Attributes:
        kind: Whether of one song, an album, or everything by an artist. A song's word counts before its album's, and
            that before its artist's.
        key: The track id of any release of the song, or the folded name of the album (after its artist's) or artist.
        name: What it is called, to be shown.
        genre: Slug of the style or family.
        family: Slug of the family of `genre`.
        said_by: Who said it.
        said_at: When (UTC).
        correction_id: Number in the library, `None` before it is kept.
        taken_back_at: When it was taken back (UTC), `None` while it holds.
    """

    kind: Kind
    key: str
    name: str
    genre: str
    family: str
    said_by: str
    said_at: datetime
    correction_id: int | None = None
    taken_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GenreChange:
    """What a person made of a genre.

    Attributes:
        genre: Slug of the style or family.
        name: Another name for it, empty for its own.
        merged_into: Slug of the genre it is a part of now, empty for none.
        is_hidden: Whether it is not shown: a hidden style's songs count as of its family.
        counts_as: Slug of the genre its songs count as in the end, empty for its own.
        counts_as_family: The family of that, empty likewise.
        said_at: When the person last changed it (UTC); `None` for long ago.
    """

    genre: str
    name: str = ""
    merged_into: str = ""
    is_hidden: bool = False
    counts_as: str = ""
    counts_as_family: str = ""
    said_at: datetime | None = None

    @property
    def is_any(self) -> bool:
        """Whether the genre is another than it was; else all that was made of it was taken back."""
        return bool(self.name or self.merged_into or self.is_hidden)


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a person wants a song, whatever its genre is.

    Attributes:
        track_id: A release of the song.
        genre: The genre whose playlist is meant.
        is_in: Whether it belongs in there; else it never does. `None` where either was taken back.
        said_at: When that was said (UTC).
    """

    track_id: str
    genre: str
    is_in: bool | None
    said_at: datetime


class CorrectionStore:
    """Reads and writes what the persons said; the songs it is about are listed anew in the same moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, account_id: str) -> tuple[Correction, ...]:
        """Everything that was ever said, newest first, what was taken back included."""
        said = CorrectionRow.__table__
        newest_first = (said.c.said_at.desc(), said.c.correction_id.desc())
        query = select(said).where(said.c.account_id == account_id).order_by(*newest_first)
        with self._database.reading() as connection:
            return tuple(_correction_from(row) for row in connection.execute(query))

    def of_songs(self, account_id: str, track_ids: Collection[str]) -> tuple[int, ...]:
        """The numbers of what holds of these songs themselves, whichever release it was said of."""
        said = CorrectionRow
        holding = (said.account_id == account_id, said.kind == "song", said.taken_back_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(select(said.correction_id, said.key).where(*holding)).all()
            songs = songs_of(connection, account_id, track_ids)
            of_key = song_of_each(connection, account_id, [row.key for row in rows])
        return tuple(row.correction_id for row in rows if of_key.get(row.key) in songs)

    def add(self, account_id: str, corrections: Sequence[Correction]) -> tuple[Correction, ...]:
        """Keeps what a person said, all of it or nothing; the newest word on a song, album or artist counts.

        Where the clock was set back since the word before, the new one is dated right behind it.

        Returns:
            The same, with their numbers.
        """
        if not corrections:
            return ()
        with self._database.writing() as connection:
            corrections = _after_what_was_said(connection, account_id, corrections)
            rows = [
                {
                    "account_id": account_id,
                    "kind": one.kind,
                    "key": one.key,
                    "name": one.name,
                    "genre": one.genre,
                    "family": one.family,
                    "said_by": one.said_by,
                    "said_at": one.said_at,
                    "taken_back_at": one.taken_back_at,
                }
                for one in corrections
            ]
            kept = insert(CorrectionRow).returning(CorrectionRow.correction_id, sort_by_parameter_order=True)
            numbers = connection.execute(kept, rows).scalars().all()
            refresh_genres(connection, account_id, _songs_meant(connection, account_id, corrections))
        return tuple(replace(one, correction_id=number) for one, number in zip(corrections, numbers, strict=True))

    def take_back(self, account_id: str, correction_ids: Collection[int], at: datetime) -> tuple[Correction, ...]:
        """Takes back what was said: what was said before on the same counts again, else the network.

        Returns:
            What was taken back just now; not what is unknown, another account's, or taken back already.
        """
        said = CorrectionRow.__table__
        taken: list[Correction] = []
        with self._database.writing() as connection:
            for part in parts(correction_ids):
                holding = and_(
                    said.c.account_id == account_id, said.c.correction_id.in_(part), said.c.taken_back_at.is_(None)
                )
                taken += [_correction_from(row) for row in connection.execute(select(said).where(holding)).all()]
                connection.execute(update(CorrectionRow).where(holding).values(taken_back_at=at))
            refresh_genres(connection, account_id, _songs_meant(connection, account_id, taken))
        return tuple(taken)

    def genre_changes(self, account_id: str) -> Mapping[str, GenreChange]:
        """What was made of genres, and of which it was taken back, by slug."""
        change = GenreChangeRow
        columns = [getattr(change, field.name) for field in fields(GenreChange)]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(change.account_id == account_id).order_by(change.genre))
            return {row.genre: GenreChange(*row) for row in rows}

    def write_genre_changes(self, account_id: str, changes: Collection[GenreChange]) -> None:
        """Keeps what was made of genres, in place of everything before."""
        rows = [{"account_id": account_id, **plain(one)} for one in changes]
        with self._database.writing() as connection:
            connection.execute(delete(GenreChangeRow).where(GenreChangeRow.account_id == account_id))
            if rows:
                connection.execute(insert(GenreChangeRow), rows)
            refresh_all(connection, account_id)

    def pins(self, account_id: str) -> tuple[Pin, ...]:
        """Where songs are wanted or not, and where they were, newest first."""
        columns = (PinRow.track_id, PinRow.genre, PinRow.is_in, PinRow.said_at)
        query = select(*columns).where(PinRow.account_id == account_id)
        with self._database.reading() as connection:
            return tuple(
                Pin(*row) for row in connection.execute(query.order_by(PinRow.said_at.desc(), PinRow.track_id))
            )

    def pin(self, account_id: str, pins: Collection[Pin]) -> None:
        """Keeps where songs are wanted or not, in place of what was said of the same song and genre."""
        with self._database.writing() as connection:
            for one in pins:
                upsert(connection, PinRow, [{"account_id": account_id, **plain(one)}])


def _after_what_was_said(
    connection: Connection, account_id: str, corrections: Sequence[Correction]
) -> list[Correction]:
    """The same words, none of them older than what was said before of the same."""
    said = CorrectionRow
    later = select(said.kind, said.key, said.said_at).where(
        said.account_id == account_id, said.said_at > min(one.said_at for one in corrections)
    )
    rows = connection.execute(later).all()
    if not rows:
        return list(corrections)
    releases = {row.key for row in rows if row.kind == "song"} | {one.key for one in corrections if one.kind == "song"}
    songs = song_of_each(connection, account_id, releases)

    def about(kind: str, key: str) -> tuple[str, str]:
        return kind, songs.get(key, key) if kind == "song" else key

    newest: dict[tuple[str, str], datetime] = {}
    for row in rows:
        subject = about(row.kind, row.key)
        newest[subject] = max(row.said_at, newest.get(subject, row.said_at))
    before = [newest.get(about(one.kind, one.key), one.said_at) for one in corrections]
    return [
        replace(one, said_at=newest_at + _AN_INSTANT) if newest_at > one.said_at else one
        for one, newest_at in zip(corrections, before, strict=True)
    ]


def _songs_meant(connection: Connection, account_id: str, corrections: Collection[Correction]) -> set[str]:
    meant = songs_of(connection, account_id, {one.key for one in corrections if one.kind == "song"})
    for kind, column in (("album", TrackRow.album_key), ("artist", TrackRow.artist_key)):
        for part in parts({one.key for one in corrections if one.kind == kind}):
            of_account = select(TrackRow.song_id).where(TrackRow.account_id == account_id)
            meant |= set(connection.execute(of_account.where(column.in_(part))).scalars())
    return meant


def _correction_from(row: Row[Any]) -> Correction:
    return Correction(
        kind=row.kind,
        key=row.key,
        name=row.name,
        genre=row.genre,
        family=row.family,
        said_by=row.said_by,
        said_at=row.said_at,
        correction_id=row.correction_id,
        taken_back_at=row.taken_back_at,
    )
