"""Reads the dataset's CSV file into typed rows; nothing is mended or merged yet."""

import hashlib
from pathlib import Path

from cratewise.csvcolumns import CsvError, nearest
from cratewise.csvrows import parse_csv, read_bytes
from cratewise.dataset.labels import LABELS
from cratewise.dataset.rows import DatasetFile, LabelledRow
from cratewise.trackcolumns import DATASET_NAMES, read_tracks_of

LABEL_COLUMN = "track_genre"
COLUMNS = (
    *(DATASET_NAMES.track_id + DATASET_NAMES.artists + DATASET_NAMES.album + DATASET_NAMES.title),
    *(DATASET_NAMES.explicit + tuple(name for names in DATASET_NAMES.quantities.values() for name in names)),
    LABEL_COLUMN,
)


def load(path: Path) -> DatasetFile:
    """Reads the Spotify Tracks Dataset.

    Raises:
        CsvError: The file cannot be read, lacks columns, is damaged, or has a label that isn't one of the 114.
    """
    data = read_bytes(path)
    table = parse_csv(data, path.name)
    columns = table.require(COLUMNS)
    if not table.rows:
        raise CsvError(
            f"{table.file}, line 1: no row follows the columns' names",
            line=1,
            hint="Fetch the dataset anew: `cratewise dataset download`.",
        )
    track_id, label_column = columns["track_id"], columns[LABEL_COLUMN]
    known = frozenset(LABELS)
    for row in table.rows:
        label = label_column.text(row)
        if label not in known:
            close = nearest(label, LABELS)
            meant = f"Did you mean {close!r}?" if close else "The labels stand in cratewise/dataset/labels.py."
            raise label_column.error(row, "one of the dataset's 114 labels", hint=meant)
        if not track_id.text(row):
            raise track_id.error(row, "a track id", hint="Each row needs its id: tracks are told apart by it.")
    labels = (label_column.text(row) for row in table.rows)
    tracks = read_tracks_of(table, DATASET_NAMES)
    rows = tuple(LabelledRow(track, label) for track, label in zip(tracks, labels, strict=True))
    return DatasetFile(rows, hashlib.sha256(data).hexdigest())
