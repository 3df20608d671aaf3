"""What the other tests need: a skip with its reason where it is absent, a failure where everything must be there."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from .postgresql import PostgresqlServer


def test_the_training_extra_is_there(missing: Callable[[str], None]) -> None:
    """Without torch, tests/model/training isn't run."""
    absent = [package for package in ("torch", "onnx", "sklearn", "matplotlib") if find_spec(package) is None]
    if absent:
        missing(f"tests/model/training needs {', '.join(absent)}: run `make test TRAIN=1`")
    assert absent == []


def test_the_baselines_extra_is_there(missing: Callable[[str], None]) -> None:
    """Without it, tests/model/training/peers isn't run."""
    absent = [package for package in ("lightgbm", "catboost", "pytabkit") if find_spec(package) is None]
    if absent:
        missing(f"tests/model/training/peers needs {', '.join(absent)}: run `make test TRAIN=1`")
    assert absent == []


def test_a_browser_is_there(missing: Callable[[str], None]) -> None:
    """Without Debian's Chromium, tests/e2e isn't run."""
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        missing("tests/e2e needs Chromium: apt-get install chromium")
    assert chromium.exists()


def test_a_postgresql_server_is_there(postgresql: PostgresqlServer) -> None:
    """Without Debian's PostgreSQL, the library's tests run on SQLite alone."""
    assert postgresql.folder.is_dir()


def test_the_shared_data_is_there(shared: Path) -> None:
    """Without the shared data, tests on the real dataset skip."""
    assert (shared / "data" / "spotify_tracks.csv").is_file()
