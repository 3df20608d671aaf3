"""Reads a person's tracks from a CSV file: as Exportify writes it, or with the columns of the public dataset."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cratewise.csvcolumns import CsvError
from cratewise.csvrows import CsvTable, read_csv
from cratewise.sources import exportify
from cratewise.trackcolumns import DATASET_NAMES, TrackRow, read_tracks_of
from cratewise.tracks import Track

_LABEL_COLUMN = "track_genre"  # of the dataset; it is the answer, and never read


@dataclass(frozen=True, slots=True)
class TrackFile:
    """What a file of tracks held.

    Attributes:
        tracks: One for each row, in the order of the file.
        kind: What sort of file it is, in words: "an Exportify file".
        notes: What was left out or is missing, each as a sentence.
    """

    tracks: tuple[Track, ...]
    kind: str
    notes: tuple[str, ...]


def read_tracks(path: Path) -> TrackFile:
    """Reads the tracks of a CSV file; any column but the title's and the artists' may be absent.

    The dataset's genre labels are never read: a track is not to be classified from its answer.

    Raises:
        CsvError: It cannot be read, is damaged, is of neither kind, or holds a value that cannot be understood.
    """
    table = read_csv(path)
    if exportify.recognises(table):
        kind, rows = "an Exportify file", exportify.read(table)
    elif all(table.column(*names) for names in (DATASET_NAMES.title, DATASET_NAMES.artists)):
        kind, rows = "a file with the dataset's columns", read_tracks_of(table, DATASET_NAMES)
    else:
        raise _not_recognised(table)
    return TrackFile(tuple(row.track for row in rows), kind, tuple(_notes(rows)))


def _not_recognised(table: CsvTable) -> CsvError:
    missing = DATASET_NAMES.title[0]
    for names in (DATASET_NAMES, exportify.NAMES):
        if table.column(*names.title):
            missing = names.artists[0]
        elif table.column(*names.artists):
            missing = names.title[0]
    near = table.nearest_note(missing, (*DATASET_NAMES.spellings, *exportify.NAMES.spellings, _LABEL_COLUMN))
    return CsvError(
        f"{table.file}, line 1: there is no column {missing!r}{near}",
        line=1,
        column=missing,
        hint="It needs the columns 'track_name' and 'artists', or 'Track Name' and 'Artist Name(s)' as Exportify has.",
    )


def _notes(rows: Iterable[TrackRow]) -> Iterable[str]:
    left_out: Counter[str] = Counter()
    first_line: dict[str, int] = {}
    n_rows = n_silent = n_nameless = 0
    for row in rows:
        n_rows += 1
        n_silent += row.track.statistics is None
        n_nameless += not row.track.title and not row.track.artists
        for column in row.left_out:
            left_out[column] += 1
            first_line.setdefault(column, row.line)
    if n_rows == 0:
        yield "There are no tracks in it, only the columns' names."
    if n_silent:
        yield f"{n_silent:,} of {n_rows:,} tracks have no audio statistics."
    if n_nameless:
        yield f"{n_nameless:,} of {n_rows:,} tracks have neither title nor artists."
    for column, count in sorted(left_out.items()):
        if count == 1:
            yield f"{column}: an impossible value left out, in line {first_line[column]}."
        else:
            yield f"{column}: {count:,} impossible values left out, the first in line {first_line[column]}."
