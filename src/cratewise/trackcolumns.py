"""Turns rows of a table into tracks: which column holds what, and which values cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from cratewise.csvcolumns import Column, CsvError, CsvRow
from cratewise.csvrows import CsvTable
from cratewise.tracks import AudioStatistics, Track


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that tracks have.

    Attributes:
        least: The least it can be.
        greatest: The greatest it can be.
        is_whole: Whether it only takes whole values.
        words: Values that some files write as words, in small letters.
    """

    least: float
    greatest: float
    is_whole: bool = False
    words: Mapping[str, int] = field(default_factory=dict)


_SHARPS = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
_FLATS = {"db": 1, "eb": 3, "gb": 6, "ab": 8, "bb": 10}
_KEYS = {name: place for place, name in enumerate(_SHARPS)} | _FLATS


# Loudness: Spotify gives about -60 to 0 dB, and up to +5 for clipped masters. No track it holds lasts a day.
QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "popularity": Quantity(0, 100, is_whole=True),
        "duration_ms": Quantity(1, 86_400_000, is_whole=True),
        "danceability": Quantity(0, 1),
        "energy": Quantity(0, 1),
        "key": Quantity(0, 11, is_whole=True, words=_KEYS),
        "loudness_db": Quantity(-100, 20),
        "mode": Quantity(0, 1, is_whole=True, words={"minor": 0, "major": 1}),
        "speechiness": Quantity(0, 1),
        "acousticness": Quantity(0, 1),
        "instrumentalness": Quantity(0, 1),
        "liveness": Quantity(0, 1),
        "valence": Quantity(0, 1),
        "tempo_bpm": Quantity(1, 1000),
        "time_signature": Quantity(1, 7, is_whole=True, words={f"{beats}/4": beats for beats in range(8)}),
    }
)
LONGEST_TEXT = 10_000
"""Characters of the longest title, album or name of an artist that is taken for one."""
OF_THE_TRACK = ("popularity", "duration_ms")
STATISTICS = tuple(one.name for one in fields(AudioStatistics))
_NOTHING = (None,) * len(STATISTICS)


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track as a row of a file gave it.

    Attributes:
        line: Line of the file the row begins in.
        track: What it says; what cannot be (a tempo of 0, a danceability of 7, NaN) is `None`.
        left_out: Names of the columns whose value could not be.
        has_id: Whether the file gave the track's id; else it stands for the line.
        liked_at: When it was liked (UTC), `None` when that is unknown.
        artist_ids: Spotify's ids of the artists in their order, or none.
    """

    line: int
    track: Track
    left_out: tuple[str, ...]
    has_id: bool = True
    liked_at: datetime | None = None
    artist_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Under which names a kind of file keeps what; each entry lists the known spellings, the preferred one first.

    Attributes:
        track_id: Spotify's id or URI of the track.
        title: Title.
        artists: Artists' names.
        album: Album title.
        explicit: Whether Spotify marks it explicit.
        quantities: For each of `QUANTITIES`, the spellings of its column.
    """

    track_id: tuple[str, ...]
    title: tuple[str, ...]
    artists: tuple[str, ...]
    album: tuple[str, ...]
    explicit: tuple[str, ...]
    quantities: Mapping[str, tuple[str, ...]]

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name of a column that is known."""
        texts = (self.track_id, self.title, self.artists, self.album, self.explicit)
        return tuple(name for names in (*texts, *self.quantities.values()) for name in names)


DATASET_NAMES = ColumnNames(
    track_id=("track_id",),
    title=("track_name",),
    artists=("artists",),
    album=("album_name",),
    explicit=("explicit",),
    quantities=MappingProxyType(
        {name: (name.removesuffix("_db").removesuffix("_bpm"),) for name in QUANTITIES},
    ),
)


def read_tracks_of(table: CsvTable, names: ColumnNames) -> list[TrackRow]:
    """Makes a track of each row, in their order; columns that the table doesn't have leave their values unknown.

    Artists are separated by semicolons. A missing id becomes `row-<line>`, so that it is unique in the file.

    Raises:
        CsvError: A value cannot be understood at all.
    """
    rows = table.rows
    left_out: dict[int, list[str]] = {}
    quantities: dict[str, list[Any]] = {}
    for name, quantity in QUANTITIES.items():
        column = table.column(*names.quantities.get(name, ()))
        quantities[name] = [None] * len(rows) if column is None else _possible(column, quantity, rows, left_out)
    popularities, durations_ms = (quantities[name] for name in OF_THE_TRACK)
    statistics = [
        None if values == _NOTHING else AudioStatistics(*values)
        for values in zip(*(quantities[name] for name in STATISTICS), strict=True)
    ]
    explicit = table.column(*names.explicit)
    track_ids, titles, artists, albums = (
        _texts(table, spellings) for spellings in (names.track_id, names.title, names.artists, names.album)
    )
    return [
        TrackRow(
            row.line,
            Track(
                track_id=track_ids[index] or f"row-{row.line}",
                title=titles[index],
                artists=separated(artists[index], ";"),
                album=albums[index],
                duration_ms=durations_ms[index],
                explicit=None if explicit is None else explicit.yes_or_no(row),
                popularity=popularities[index],
                statistics=statistics[index],
            ),
            tuple(left_out.get(index, ())),
            has_id=bool(track_ids[index]),
        )
        for index, row in enumerate(rows)
    ]


def _possible(
    column: Column, quantity: Quantity, rows: Sequence[CsvRow], left_out: dict[int, list[str]]
) -> list[float | None]:
    """The column's values; those that cannot be are `None`, and the column's name is noted for the row."""
    least, greatest = quantity.least, quantity.greatest
    values = column.whole_numbers(rows, quantity.words) if quantity.is_whole else column.numbers(rows)
    impossible = [
        index
        for index, value in enumerate(values)
        if value is not None and not least <= value <= greatest  # which NaN isn't either
    ]
    for index in impossible:
        left_out.setdefault(index, []).append(column.name)
        values[index] = None
    return [None if value is None else int(value) for value in values] if quantity.is_whole else values


def _texts(table: CsvTable, spellings: tuple[str, ...]) -> list[str]:
    column = table.column(*spellings)
    if column is None:
        return [""] * len(table.rows)
    texts = column.texts(table.rows)
    for row, text in zip(table.rows, texts, strict=True):
        if len(text) > LONGEST_TEXT and max(map(len, text.split(";"))) > LONGEST_TEXT:
            raise CsvError(
                f"{table.file}, line {row.line}, column {column.name!r}: {len(text):,} characters, which is no name",
                line=row.line,
                column=column.name,
                hint="Perhaps a quotation mark is in the wrong place.",
            )
    return texts


def separated(text: str, separator: str) -> tuple[str, ...]:
    """The parts of a joined text, without empty ones."""
    return tuple([part for piece in text.split(separator) if (part := piece.strip())])
