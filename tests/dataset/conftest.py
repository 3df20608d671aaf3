"""The real dataset's parts, and its file as it stands, read by nothing of this program."""

import csv
from pathlib import Path

import pytest

from cratewise.dataset.clean import Dataset
from cratewise.dataset.split import Split, split

SEEDS = (0, 7, 20261)


@pytest.fixture(scope="session")
def real_rows(shared: Path) -> list[dict[str, str]]:
    """The rows of the real file as texts by column."""
    with (shared / "data" / "spotify_tracks.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed {seed}")
def song_split(real_dataset: Dataset, request: pytest.FixtureRequest) -> Split:
    """The real dataset, split by song."""
    return split(real_dataset, "song", request.param)


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed {seed}")
def artist_split(real_dataset: Dataset, request: pytest.FixtureRequest) -> Split:
    """The real dataset, split by artist."""
    return split(real_dataset, "artist", request.param)
