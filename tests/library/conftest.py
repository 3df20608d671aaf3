"""A library of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cratewise.library.store import Library


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Address of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'folder' / 'library.sqlite3'}"


@pytest.fixture
def library(url: str) -> Iterator[Library]:
    """An empty library."""
    with Library.open(url) as opened:
        yield opened
