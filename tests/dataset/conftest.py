"""The real dataset, read once."""

from pathlib import Path

import pytest

from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.load import load
from cratewise.dataset.rows import DatasetFile
from cratewise.dataset.split import Split, split


@pytest.fixture(scope="session")
def real_file(shared: Path) -> DatasetFile:
    """The rows of the real file."""
    return load(shared / "data" / "spotify_tracks.csv")


@pytest.fixture(scope="session")
def real_dataset(real_file: DatasetFile) -> Dataset:
    """The real dataset, cleaned."""
    return clean(real_file)


@pytest.fixture(scope="session")
def song_split(real_dataset: Dataset) -> Split:
    """The real dataset, split by song with the seed 7."""
    return split(real_dataset, "song", 7)
