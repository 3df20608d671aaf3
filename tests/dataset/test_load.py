"""Reading the dataset's file, and what is said when it isn't as it should be."""

import hashlib
from pathlib import Path

import pytest

from cratewise.csvcolumns import CsvError
from cratewise.dataset.load import COLUMNS, load

ROW = {
    "track_id": "x1",
    "artists": "The Police;Sting",
    "album_name": "Outlandos D'Amour",
    "track_name": "Roxanne",
    "popularity": "75",
    "duration_ms": "192586",
    "explicit": "False",
    "key": "0",
    "loudness": "-6.5",
    "mode": "1",
    "tempo": "133.9",
    "time_signature": "4",
    "track_genre": "rock",
}


def written(folder: Path, *changes: dict[str, str], without: tuple[str, ...] = ()) -> Path:
    """A dataset file of one row for each of `changes`, less the columns `without`."""
    names = [name for name in COLUMNS if name not in without]
    lines = [",".join(names)]
    lines += [",".join((ROW | change).get(name, "0.5") for name in names) for change in changes]
    path = folder / "dataset.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_row_is_read_with_its_label(tmp_path: Path) -> None:
    """Names are split, values typed, and the fingerprint is that of the file's bytes."""
    path = written(tmp_path, {})
    file = load(path)
    (labelled,) = file.rows
    track = labelled.row.track
    assert labelled.label == "rock"
    assert (track.artists, track.popularity, track.explicit) == (("The Police", "Sting"), 75, False)
    assert track.statistics is not None
    assert (track.statistics.tempo_bpm, track.statistics.loudness_db) == (133.9, -6.5)
    assert file.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("column", COLUMNS)
def test_each_missing_column_is_named(tmp_path: Path, column: str) -> None:
    """The dataset must have all of its columns but the index."""
    with pytest.raises(CsvError, match=f"line 1: 1 column missing: '{column}'") as caught:
        load(written(tmp_path, {}, without=(column,)))
    assert (caught.value.line, caught.value.column) == (1, column)


def test_a_file_of_names_alone_is_refused(tmp_path: Path) -> None:
    """A dataset without a row is no dataset."""
    path = written(tmp_path, {})
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(CsvError, match="line 1: no row follows"):
        load(path)


def test_an_unknown_label_is_named_with_the_nearest(tmp_path: Path) -> None:
    """A label that isn't one of the 114 gives line, column, the label and what may have been meant."""
    with pytest.raises(CsvError, match="line 3, column 'track_genre': 'hiphop' is not one of") as caught:
        load(written(tmp_path, {}, {"track_genre": "hiphop"}))
    assert (caught.value.line, caught.value.column) == (3, "track_genre")
    assert "'hip-hop'" in caught.value.hint


def test_a_row_without_an_id_is_refused(tmp_path: Path) -> None:
    """Tracks are told apart by their ids."""
    with pytest.raises(CsvError, match="line 2, column 'track_id'"):
        load(written(tmp_path, {"track_id": ""}))


@pytest.mark.parametrize("column", ["popularity", "tempo", "explicit", "mode"])
def test_a_value_that_cannot_be_understood_is_named(tmp_path: Path, column: str) -> None:
    """Line, column and the text."""
    with pytest.raises(CsvError, match=f"line 3, column '{column}': 'loud' is not"):
        load(written(tmp_path, {}, {column: "loud"}))
