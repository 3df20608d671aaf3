"""Catalogues of made-up songs, small enough to be classified in a second."""

from collections.abc import Callable
from pathlib import Path

import polars
import pytest

from cratewise.bulk.inputs import find_inputs
from cratewise.bulk.job import Job, Options
from cratewise.model.classifier import Classifier
from cratewise.progress import silent

ARTISTS = ("Nas", "Metallica", "Miles Davis", "Johann Sebastian Bach", "Bob Marley & The Wailers", "Nobody At All")
SLICE_ROWS = 100


def songs(n_rows: int, start: int = 0) -> polars.DataFrame:
    """Rows with the dataset's columns; every seventh is silent, and lengths of titles differ."""
    rows = range(start, start + n_rows)
    return polars.DataFrame(
        {
            "track_id": [f"id{row}" for row in rows],
            "artists": [f"{ARTISTS[row % 6]};{ARTISTS[row // 6 % 6]}" for row in rows],
            "album_name": [f"Album {row % 97}" for row in rows],
            "track_name": [f"Song {row} {'and more ' * (row % 5)}" for row in rows],
            "duration_ms": [180_000 + row % 60_000 for row in rows],
            "danceability": [None if row % 7 == 0 else row % 100 / 100 for row in rows],
            "tempo": [None if row % 7 == 0 else 60 + row % 100 + 0.125 for row in rows],
            "track_genre": ["acoustic" for _ in rows],
        }
    )


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The shipped model."""
    return Classifier.load()


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A folder with two files of 250 and 130 songs, one of them in a folder of its own."""
    folder = tmp_path / "catalogue"
    (folder / "more").mkdir(parents=True)
    songs(250).write_parquet(folder / "a.parquet")
    songs(130, 250).write_parquet(folder / "more" / "b.parquet")
    return folder


@pytest.fixture
def job_of(tmp_path: Path, classifier: Classifier) -> Callable[..., Job]:
    """Makes a job with slices of 100 rows."""

    def make(
        source: Path,
        out: str = "out",
        *,
        options: Options = Options("genre", True, 0.4),  # noqa: B008 # it is a value
        slice_rows: int = SLICE_ROWS,
    ) -> Job:
        return Job(find_inputs(source, silent), tmp_path / out, options, None, classifier.version, slice_rows)

    return make
