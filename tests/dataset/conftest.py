"""The real dataset, read once."""

from pathlib import Path

import pytest

from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.load import load
from cratewise.dataset.rows import DatasetFile


@pytest.fixture(scope="session")
def real_file(shared: Path) -> DatasetFile:
    """The rows of the real file."""
    return load(shared / "data" / "spotify_tracks.csv")


@pytest.fixture(scope="session")
def real_dataset(real_file: DatasetFile) -> Dataset:
    """The real dataset, cleaned."""
    return clean(real_file)
