"""Fixtures every room uses."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.load import load
from cratewise.dataset.rows import DatasetFile

settings.register_profile("machine of any speed", deadline=None)
settings.load_profile("machine of any speed")

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test touches the machine's own keyring

REQUIRE_ALL = os.environ.get("CRATEWISE_REQUIRE_ALL") == "1"


def _missing(what: str) -> None:
    """Skips a test because something is not on this machine; fails it where everything must be there (CI)."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} (CRATEWISE_REQUIRE_ALL is set, so this must be there)")
    pytest.skip(what)


@pytest.fixture(scope="session")
def missing() -> Callable[[str], None]:
    """Says that something is not on this machine."""
    return _missing


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real data and specifications; tests that need it skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("CRATEWISE_SHARED", default))
    if not folder.is_dir():
        _missing(f"no shared data at {folder.name}/: set CRATEWISE_SHARED to the folder that holds data/ and spec/")
    return folder


@pytest.fixture(scope="session")
def real_file(shared: Path) -> DatasetFile:
    """The rows of the real file."""
    return load(shared / "data" / "spotify_tracks.csv")


@pytest.fixture(scope="session")
def real_dataset(real_file: DatasetFile) -> Dataset:
    """The real dataset, cleaned."""
    return clean(real_file)
