"""Reads the dataset's CSV file into typed rows; nothing is mended or merged yet."""

import hashlib
from pathlib import Path

from cratewise.csvrows import nearest, parse_csv, read_bytes
from cratewise.dataset.labels import LABELS
from cratewise.dataset.rows import DatasetFile, LabelledRow
from cratewise.trackcolumns import DATASET_NAMES, TrackReader

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
    track_id, label_column = columns["track_id"], columns[LABEL_COLUMN]
    reader = TrackReader(table, DATASET_NAMES)
    known = frozenset(LABELS)
    rows: list[LabelledRow] = []
    for row in table.rows:
        label = label_column.text(row)
        if label not in known:
            close = nearest(label, LABELS)
            meant = f"Did you mean {close!r}?" if close else "The labels stand in cratewise/dataset/labels.py."
            raise label_column.error(row, "one of the dataset's 114 labels", hint=meant)
        if not track_id.text(row):
            raise track_id.error(row, "a track id", hint="Each row needs its id: tracks are told apart by it.")
        rows.append(LabelledRow(reader.read(row), label))
    return DatasetFile(tuple(rows), hashlib.sha256(data).hexdigest())
