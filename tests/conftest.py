"""Fixtures every room uses."""

import os
from pathlib import Path

import pytest

REQUIRE_ALL = os.environ.get("CRATEWISE_REQUIRE_ALL") == "1"


def missing(what: str) -> None:
    """Skips a test because something is not on this machine; fails it where everything must be there (CI)."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} (CRATEWISE_REQUIRE_ALL is set, so this must be there)")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real data and specifications; tests that need it skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("CRATEWISE_SHARED", default))
    if not folder.is_dir():
        missing(f"no shared data at {folder.name}/: set CRATEWISE_SHARED to the folder that holds data/ and spec/")
    return folder
