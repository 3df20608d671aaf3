"""Reads a person's tracks from a CSV file: Exportify's, one with the public dataset's columns, or any other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cratewise.csvcolumns import CsvError
from cratewise.csvrows import CsvTable, read_csv
from cratewise.progress import Progress, silent, told
from cratewise.sources import exportify, songtable
from cratewise.sources.gaps import Gaps, LeftOut
from cratewise.trackcolumns import DATASET_NAMES, TrackRow, read_tracks_of
from cratewise.tracks import Track

NEEDED = "It needs titles ('track_name'), artists ('artists') or statistics"
_LABEL_COLUMN = "track_genre"  # of the dataset; it is the answer, and never read


@dataclass(frozen=True, slots=True)
class TrackFile:
    """What a file of tracks held.

    Attributes:
        rows: The tracks in the order of the file.
        kind: What sort of file it is, in words: "an Exportify file".
        source: Short for that, as where something is known from: "exportify" or "csv".
        notes: What was left out or is missing, each as a sentence.
    """

    rows: tuple[TrackRow, ...]
    kind: str
    source: str
    notes: tuple[str, ...]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks in the order of the file."""
        return tuple(row.track for row in self.rows)


def read_tracks(path: Path) -> TrackFile:
    """Reads the tracks of a CSV file; any column may be absent, as long as there are titles, artists or statistics.

    The dataset's genre labels are never read: a track is not to be classified from its answer.

    Raises:
        CsvError: It cannot be read, is damaged, says nothing of songs, has a column whose name seems mistyped, or holds
            a value that cannot be understood.
    """
    return tracks_in(read_csv(path))


def tracks_in(table: CsvTable, progress: Progress = silent) -> TrackFile:
    """Takes the tracks out of a table that was read; like `read_tracks`."""
    source, stage = "csv", f"Looking at the songs of {table.file}"
    found: Iterator[TrackRow]
    table = exportify.in_english(table)
    if exportify.recognises(table):
        source, kind, found = "exportify", "an Exportify file", exportify.read(table, progress, stage)
    elif all(table.column(*names) for names in (DATASET_NAMES.title, DATASET_NAMES.artists)):
        kind, found = "a file with the dataset's columns", _of_dataset(table, progress, stage)
    elif songtable.recognises(table):
        kind, found = "a file of songs", songtable.read(table, progress, stage)
    else:
        raise CsvError(
            f"{table.file}, line 1: none of the columns is known{table.nearest_note('track_name', ())}",
            line=1,
            hint=f"{NEEDED}, or to be as Exportify writes it.",
        )
    rows = tuple(found)
    return TrackFile(rows, kind, source, (*absent(table), *_notes(lambda: told(rows, progress, stage, len(rows)))))


def _of_dataset(table: CsvTable, progress: Progress, stage: str) -> Iterator[TrackRow]:
    for part in table.parts(progress, stage):
        yield from read_tracks_of(part, DATASET_NAMES)


def absent(table: CsvTable) -> Iterable[str]:
    """Notes of titles and artists that have no column, with the name that looks most like one."""
    names = songtable.names_in(table)
    for what, found, wanted in (("titles", names.title, "track_name"), ("artists", names.artists, "artists")):
        if not found:
            yield f"There is no column of {what}{table.nearest_note(wanted, names.spellings)}; {wanted!r} is one."


def _notes(rows: Callable[[], Iterable[TrackRow]]) -> Iterable[str]:
    left_out: dict[str, LeftOut] = {}
    for row in rows():
        for column in row.left_out:
            count, first = left_out.get(column, LeftOut(0, f"line {row.line}"))
            left_out[column] = LeftOut(count + 1, first)
    return Gaps.of((row.track for row in rows()), left_out).notes()
