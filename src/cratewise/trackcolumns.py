"""Turns rows of a table into tracks: which column holds what, and which values cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cratewise.csvrows import Column, CsvRow, CsvTable
from cratewise.tracks import AudioStatistics, Track


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that tracks have: the least and greatest it can be, and whether it only takes whole values."""

    least: float
    greatest: float
    is_whole: bool = False


# Loudness: Spotify gives about -60 to 0 dB, and up to +5 for clipped masters. No track it holds lasts a day.
QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "popularity": Quantity(0, 100, is_whole=True),
        "duration_ms": Quantity(1, 86_400_000, is_whole=True),
        "danceability": Quantity(0, 1),
        "energy": Quantity(0, 1),
        "key": Quantity(0, 11, is_whole=True),
        "loudness_db": Quantity(-100, 20),
        "mode": Quantity(0, 1, is_whole=True),
        "speechiness": Quantity(0, 1),
        "acousticness": Quantity(0, 1),
        "instrumentalness": Quantity(0, 1),
        "liveness": Quantity(0, 1),
        "valence": Quantity(0, 1),
        "tempo_bpm": Quantity(1, 1000),
        "time_signature": Quantity(1, 7, is_whole=True),
    }
)
_OF_THE_TRACK = ("popularity", "duration_ms")
STATISTICS = tuple(name for name in QUANTITIES if name not in _OF_THE_TRACK)


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track as a row of a file gave it.

    Attributes:
        line: Line of the file the row begins in.
        track: What it says; what cannot be (a tempo of 0, a danceability of 7, NaN) is `None`.
        left_out: Names of the columns whose value could not be.
    """

    line: int
    track: Track
    left_out: tuple[str, ...]


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


class TrackReader:
    """Makes tracks of the rows of one table; columns that it doesn't have leave their values unknown."""

    def __init__(self, table: CsvTable, names: ColumnNames) -> None:
        self.track_id = table.column(*names.track_id)
        self.title = table.column(*names.title)
        self.artists = table.column(*names.artists)
        self.album = table.column(*names.album)
        self.explicit = table.column(*names.explicit)
        self._quantities: list[tuple[str, Quantity, Column]] = [
            (name, QUANTITIES[name], column)
            for name, spellings in names.quantities.items()
            if (column := table.column(*spellings)) is not None
        ]

    def read(self, row: CsvRow) -> TrackRow:
        """Reads one row; artists are separated by semicolons, and a missing id becomes `row-<line>`.

        Raises:
            CsvError: A value cannot be understood at all.
        """
        values: dict[str, float | None] = {}
        left_out: list[str] = []
        for name, quantity, column in self._quantities:
            value = column.whole_number(row) if quantity.is_whole else column.number(row)
            if value is not None and not quantity.least <= value <= quantity.greatest:  # NaN is not within either
                left_out.append(column.name)
                value = None
            values[name] = int(value) if quantity.is_whole and value is not None else value
        popularity, duration_ms = values.pop("popularity", None), values.pop("duration_ms", None)
        has_statistics = any(value is not None for value in values.values())
        track = Track(
            track_id=_text(self.track_id, row) or f"row-{row.line}",
            title=_text(self.title, row),
            artists=separated(_text(self.artists, row), ";"),
            album=_text(self.album, row),
            duration_ms=None if duration_ms is None else int(duration_ms),
            explicit=None if self.explicit is None else self.explicit.yes_or_no(row),
            popularity=None if popularity is None else int(popularity),
            statistics=AudioStatistics(**values) if has_statistics else None,  # type: ignore[arg-type]  # whole ones are int
        )
        return TrackRow(row.line, track, tuple(left_out))


def separated(text: str, separator: str) -> tuple[str, ...]:
    """The parts of a joined text, without empty ones."""
    return tuple(part for piece in text.split(separator) if (part := piece.strip()))


def _text(column: Column | None, row: CsvRow) -> str:
    return "" if column is None else column.text(row)
