"""Fixtures every room uses."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.load import load
from cratewise.dataset.rows import DatasetFile

from .postgresql import PostgresqlServer, programs
from .spotify.contract.recording import Recorder, recording

if TYPE_CHECKING:
    from .spotify.contract.contract import Contract

settings.register_profile("machine of any speed", deadline=None)
settings.load_profile("machine of any speed")

_SHARED = Path(os.environ.get("CRATEWISE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
_SPECIFICATION = _SHARED / "spec" / "spotify-open-api.yml"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test touches the machine's own keyring

REQUIRE_ALL = os.environ.get("CRATEWISE_REQUIRE_ALL") == "1"

_LONGEST = frozenset({"test_schedules_http.py", "test_apply.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has the longest files begun first: one that is begun last has all cores but one wait for it."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


def missing(what: str) -> NoReturn:
    """Skips a test because something is not on this machine; fails it where everything must be there (CI)."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} (CRATEWISE_REQUIRE_ALL is set, so this must be there)")
    pytest.skip(what)


@pytest.fixture(scope="session", name="missing")
def _missing() -> Callable[[str], None]:
    """Says that something is not on this machine."""
    return missing


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real data and specifications; tests that need it skip where it is absent."""
    folder = _SHARED
    if not folder.is_dir():
        missing(f"no shared data at {folder.name}/: set CRATEWISE_SHARED to the folder that holds data/ and spec/")
    return folder


@pytest.fixture(scope="session")
def real_file(shared: Path) -> DatasetFile:
    """The rows of the real file."""
    return load(shared / "data" / "spotify_tracks.csv")


@pytest.fixture(scope="session")
def real_dataset(real_file: DatasetFile) -> Dataset:
    """The real dataset, cleaned."""
    return clean(real_file)


@pytest.fixture(scope="session")
def specification(shared: Path) -> Path:
    """Spotify's own OpenAPI file."""
    return shared / _SPECIFICATION.relative_to(_SHARED)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, started when a test first needs it."""
    yield from own_server()


def own_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, for as long as a fixture lasts."""
    bin_folder = programs()
    if bin_folder is None:
        missing("no PostgreSQL on this machine: apt-get install postgresql")
    server = PostgresqlServer.make(bin_folder)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database that has no library yet: a SQLite file that is not there, or an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'library.sqlite3'}"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.database()


@cache
def contract() -> "Contract | None":
    """What may go over the wire; `None` where Spotify's file is not there (the tests of the contract say so)."""
    if not _SPECIFICATION.is_file():
        return None
    from .spotify.contract.contract import Contract, read_document  # slow, and most rooms send nothing

    return Contract(read_document(_SPECIFICATION))


@pytest.fixture(scope="session")
def recorder() -> Iterator[Recorder]:
    """Hears what the client sends and the stand-in answers in every test of the run."""
    heard = Recorder()
    with recording(heard):
        yield heard


@pytest.fixture(autouse=True)
def _contract_is_kept(request: pytest.FixtureRequest, recorder: Recorder) -> Iterator[None]:
    """Fails a test in which the client or the stand-in did what Spotify's file doesn't allow."""
    yield
    heard = recorder.take()
    if not heard or request.node.get_closest_marker("off_contract"):
        return
    judge = contract()
    if judge is not None and (breaches := judge.breaches(heard)):
        pytest.fail("not as Spotify's OpenAPI file has it:\n" + "\n".join(breaches))
