"""The parts of the real dataset."""

import pytest

from cratewise.dataset.clean import Dataset
from cratewise.dataset.split import Split, split


@pytest.fixture(scope="session")
def song_split(real_dataset: Dataset) -> Split:
    """The real dataset, split by song with the seed 7."""
    return split(real_dataset, "song", 7)
