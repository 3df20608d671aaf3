"""Tracks from the rows of a table with types, such as Parquet's; what cannot be is left out and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cratewise.csvcolumns import ABSENT_NUMBERS, NO, YES
from cratewise.sources import songtable
from cratewise.sources.exportify import bare_id
from cratewise.sources.gaps import Gaps, LeftOut
from cratewise.sources.tracklayout import Layout
from cratewise.trackcolumns import LONGEST_TEXT, QUANTITIES, STATISTICS, Quantity
from cratewise.tracks import AudioStatistics, Track

if TYPE_CHECKING:
    from polars import DataFrame, Series

_TRUTHS = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}


@dataclass(frozen=True, slots=True)
class FrameTracks:
    """The tracks of some rows of a file.

    Attributes:
        tracks: In the order of the rows.
        gaps: What they lack.
    """

    tracks: tuple[Track, ...]
    gaps: Gaps


def tracks_in_frame(frame: "DataFrame", layout: Layout, file: str, first_row: int) -> FrameTracks:
    """Makes a track of each row.

    A value that cannot be (a danceability of 7, a word where a number belongs, a title of a million letters) is
    unknown, and no reason to end the job. A missing id becomes `<file>:row-<number>`.

    Args:
        frame: Some rows of the file, with at least the layout's columns.
        layout: Which column holds what.
        file: The file's name, for ids and notes.
        first_row: Number in the file of the frame's first row, the file's first being 1.
    """
    reader = _Reader(frame, layout, file, first_row)
    ids, titles, albums = (reader.texts(role) for role in ("track_id", "title", "album"))
    artists, explicit = reader.artists(), reader.explicit()
    quantities = {name: reader.quantity(name, quantity) for name, quantity in QUANTITIES.items()}
    nothing = (None,) * len(STATISTICS)
    statistics = [
        None if values == nothing else AudioStatistics(*values)
        for values in zip(*(quantities[name] for name in STATISTICS), strict=True)
    ]
    tracks = tuple(
        Track(
            track_id=bare_id(ids[row]) or f"{file}:row-{first_row + row}",
            title=titles[row],
            artists=artists[row],
            album=albums[row],
            duration_ms=quantities["duration_ms"][row],
            explicit=explicit[row],
            popularity=quantities["popularity"][row],
            statistics=statistics[row],
        )
        for row in range(len(frame))
    )
    return FrameTracks(tracks, Gaps.of(tracks, reader.left_out))


class _Reader:
    """Takes the columns of one frame as Python values, and notes those that cannot be."""

    def __init__(self, frame: "DataFrame", layout: Layout, file: str, first_row: int) -> None:
        self._frame = frame
        self._layout = layout
        self._file = file
        self._first_row = first_row
        self.left_out: dict[str, LeftOut] = {}

    def texts(self, role: str) -> list[str]:
        """Texts without spaces around them, empty where there is none."""
        series = self._series(role)
        if series is None:
            return [""] * len(self._frame)
        return self._short_enough(series.name, self._decoded(series).to_list())

    def artists(self) -> list[tuple[str, ...]]:
        """The names of each row's artists."""
        import polars

        series = self._series("artists")
        if series is None:
            return [()] * len(self._frame)
        kind = series.dtype
        if not isinstance(kind, polars.List | polars.Array):
            texts = self._decoded(series).to_list()
            rows = [songtable.artists_of((text or "").strip(), self._layout.has_commas) for text in texts]
        else:
            if isinstance(kind.inner, polars.Struct):
                series = series.cast(polars.List(kind.inner)).list.eval(polars.element().struct.field("name"))
            series = series.cast(polars.List(polars.String), strict=False)
            rows = [tuple(name.strip() for name in names or () if name and name.strip()) for names in series.to_list()]
        for row, names in enumerate(rows):
            if names and max(map(len, names)) > LONGEST_TEXT:
                self._leave_out(series.name, row)
                rows[row] = tuple(name for name in names if len(name) <= LONGEST_TEXT)
        return rows

    def explicit(self) -> list[bool | None]:
        """Whether each row is marked explicit."""
        import polars

        series = self._series("explicit")
        if series is None:
            return [None] * len(self._frame)
        if series.dtype == polars.Boolean:
            return series.to_list()
        texts = [text.strip().casefold() for text in self._decoded(series).fill_null("").to_list()]
        for row, text in enumerate(texts):
            if text not in _TRUTHS and text not in ABSENT_NUMBERS and text != "nan":
                self._leave_out(series.name, row)
        return [_TRUTHS.get(text) for text in texts]

    def quantity(self, name: str, quantity: Quantity) -> list[Any]:
        """Numbers within what can be; NaN is how many programs write that nothing is known."""
        import polars

        series = self._series(name)
        if series is None:
            return [None] * len(self._frame)
        texts = None
        if series.dtype.is_numeric() or series.dtype in {polars.Boolean, polars.Null}:
            numbers = series.cast(polars.Float64, strict=False)
        else:
            texts = self._decoded(series).str.strip_chars().str.to_lowercase().replace([*ABSENT_NUMBERS, "nan"], None)
            words = {word: str(number) for word, number in quantity.words.items()}
            numbers = texts.replace(words).cast(polars.Float64, strict=False)
        numbers = numbers.fill_nan(None)
        is_possible = numbers.is_between(quantity.least, quantity.greatest)
        if quantity.is_whole:
            is_possible &= numbers == numbers.floor()
        is_given = (numbers if texts is None else texts).is_not_null()
        for row in (is_given & ~is_possible.fill_null(False)).arg_true().to_list():
            self._leave_out(series.name, row)
        kept = numbers.zip_with(is_possible.fill_null(False), polars.Series([None], dtype=polars.Float64))
        return (kept.cast(polars.Int64) if quantity.is_whole else kept).to_list()

    def _series(self, role: str) -> "Series | None":
        column = self._layout.columns.get(role)
        return None if column is None else self._frame[column]

    def _decoded(self, series: "Series") -> "Series":
        """As text; bytes that are none are left out."""
        import polars

        texts = series.cast(polars.String, strict=False)
        if series.dtype == polars.Binary:
            for row in (series.is_not_null() & texts.is_null()).arg_true().to_list():
                self._leave_out(series.name, row)
        return texts

    def _short_enough(self, column: str, texts: Sequence[str | None]) -> list[str]:
        kept = [(text or "").strip() for text in texts]
        for row, text in enumerate(kept):
            if len(text) > LONGEST_TEXT:
                self._leave_out(column, row)
                kept[row] = ""
        return kept

    def _leave_out(self, column: str, row: int) -> None:
        count, first = self.left_out.get(column, LeftOut(0, f"row {self._first_row + row:,} of {self._file}"))
        self.left_out[column] = LeftOut(count + 1, first)
