"""A library of its own for each test, on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cratewise.library.store import Library


@pytest.fixture
def library(url: str) -> Iterator[Library]:
    """An empty library."""
    with Library.open(url) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite file that is not there yet, in a folder that is not there yet."""
    return tmp_path / "folder" / "library.sqlite3"
