"""What can be wrong with a SQLite file: each is one clear error, and nothing is lost."""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, event

from cratewise.classification import Classification
from cratewise.errors import LibraryError
from cratewise.library import migrations
from cratewise.library.accounts import KnownAccount
from cratewise.library.database import Database
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.playlists.rules import Rules
from cratewise.tracks import AudioStatistics, Track

AT = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = 65534


def url_of(file: Path) -> str:
    """The address of a file."""
    return f"sqlite:///{file}"


def fill(library: Library, n_songs: int = 300) -> None:
    """Songs, genres and rules."""
    songs = [
        SavedSong(
            Track(f"t{number}", f"Title {number}", ("Ada", "Ben"), statistics=AudioStatistics(energy=0.5)),
            f"uri{number}",
            AT + timedelta(minutes=number),
        )
        for number in range(n_songs)
    ]
    said = [Classification(f"t{number}", "bebop", "jazz", 0.5, "blues", False, "r") for number in range(n_songs)]
    library.songs.write(KnownAccount("ada", "Ada", n_songs, AT), songs)
    library.genres.write("ada", "m", said)
    library.playlists.write_rules("ada", Rules(("jazz",)), AT)


def read_all(library: Library) -> int:
    """Reads everything there is."""
    library.accounts.latest()
    library.songs.added_at("ada")
    library.genres.unsorted("ada", "m")
    library.playlists.rules("ada")
    return len(library.genres.songs("ada", 0.5))


@pytest.fixture
def good(file: Path) -> bytes:
    """What a file with a library holds."""
    with Library.open(url_of(file)) as library:
        fill(library)
    return file.read_bytes()


def test_a_new_library_makes_its_folder(file: Path) -> None:
    """Opening an address where nothing is makes the folder and the file, and an empty file will do, too."""
    Library.open(url_of(file)).close()
    assert file.exists()
    empty = file.with_name("empty.sqlite3")
    empty.touch()
    Library.open(url_of(empty)).close()


def test_what_was_written_survives_a_power_cut(file: Path) -> None:
    """Readers don't wait for writers (WAL), and a commit is on the disk."""
    database = Database.open(url_of(file))
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_what_many_batches_change_goes_into_the_file_at_once(file: Path) -> None:
    """Some thousand pages stay in the journal while a library is open, and are in the file when it is closed."""
    with Library.open(url_of(file)) as library:
        before = file.stat().st_size
        for _ in range(30):
            fill(library)
        journal = file.with_name(f"{file.name}-wal")
        assert journal.stat().st_size > 1_500 * 4_096
        assert file.stat().st_size == before
    assert not journal.exists()
    assert file.stat().st_size > before


def test_songs_that_a_model_saw_are_passed_over_without_being_read(file: Path) -> None:
    """Songs and what was said of them are walked side by side, by their ids, whatever order another index has."""
    asked: list[tuple[str, tuple[str, ...]]] = []

    def note(_connection: object, _cursor: object, query: str, values: tuple[str, ...], *_: object) -> None:
        asked.append((query, values))

    with Library.open(url_of(file)) as library:
        fill(library)
        event.listen(Engine, "before_cursor_execute", note)
        try:
            library.genres.unsorted("ada", "m")
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    query, values = next(one for one in asked if "classifications" in one[0])
    with closing(sqlite3.connect(file)) as opened:
        plan = [step for *_, step in opened.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    assert plan[0] == "SEARCH tracks USING INDEX sqlite_autoindex_tracks_1 (account_id=? AND track_id>?)"
    assert "SEARCH classifications USING PRIMARY KEY (account_id=? AND track_id=?)" in plan


def test_small_rows_lie_in_the_order_of_their_key(file: Path) -> None:
    """A library of schema 0007, whose likes and genres had row numbers, loses these and nothing else."""
    with Library.open(url_of(file)) as library:
        fill(library)
        before = library.genres.songs("ada", 0.4), library.songs.added_at("ada")
    row_numbers = ("SELECT rowid FROM saved_tracks", "SELECT rowid FROM classifications")
    database, config = Database.open(url_of(file)), migrations.configured()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        assert [len(connection.exec_driver_sql(query).all()) for query in row_numbers] == [300, 300]
    database.close()
    with Library.open(url_of(file)) as library:
        assert (library.genres.songs("ada", 0.4), library.songs.added_at("ada")) == before
    with closing(sqlite3.connect(file)) as opened:
        for query in row_numbers:
            with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
                opened.execute(query)


@pytest.mark.parametrize("rubbish", [b"\x89PNG rubbish" * 1000, b"title;artist\nSo What;Miles Davis\n" * 9])
def test_another_kind_of_file_is_refused(file: Path, rubbish: bytes) -> None:
    """A picture or a text gets one clear error, and is not overwritten."""
    file.parent.mkdir()
    file.write_bytes(rubbish)
    with pytest.raises(LibraryError, match="damaged or no library") as caught:
        Library.open(url_of(file))
    assert "Move the file away" in caught.value.hint
    assert file.read_bytes() == rubbish


@pytest.mark.parametrize("table", ["moz_places", "accounts", "alembic_version"])
def test_another_programs_database_is_refused(file: Path, table: str) -> None:
    """No table is put beside those of another program."""
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute(f"CREATE TABLE {table} (version_num)")
    connection.close()
    with pytest.raises(LibraryError, match=f"another program .tables: {table}"):
        Library.open(url_of(file))
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [(table,)]
    connection.close()


def test_damage_is_never_anything_but_one_clear_error(file: Path, good: bytes) -> None:
    """Wherever a file is cut off or overwritten: it can be read, or the library says that it is damaged."""
    chance = random.Random(5)  # noqa: S311 (no secret)
    hints = []
    for number in range(120):
        damaged = bytearray(good)
        size = chance.choice([1, 16, 4096])
        at = chance.randrange(len(good) - size)
        damaged[at : at + size] = chance.randbytes(size)
        for one in file.parent.iterdir():
            one.unlink()
        file.write_bytes(damaged[: chance.randrange(1, len(good))] if number % 4 == 0 else damaged)
        try:
            with Library.open(url_of(file)) as library:
                read_all(library)
        except LibraryError as error:
            hints.append(error.hint)
    assert len(hints) > 40
    assert all(hints)


def test_a_file_that_lost_its_contents_keeps_its_journal(file: Path) -> None:
    """SQLite would throw the journal of an empty file away, with what was written last."""
    with Library.open(url_of(file)) as library:
        fill(library, 3)
        journal = file.with_name("library.sqlite3-wal")
        left = journal.read_bytes()
    shutil.rmtree(file.parent)
    file.parent.mkdir()
    file.touch()
    journal.write_bytes(left)
    with pytest.raises(LibraryError, match=r"is empty, but library\.sqlite3-wal beside it is not"):
        Library.open(url_of(file))
    assert journal.read_bytes() == left


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be made, and a file that cannot be opened, each get one clear error."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LibraryError, match="cannot be made") as caught:
        Library.open(f"sqlite:///{tmp_path}/file/library.sqlite3")
    assert "--data-dir" in caught.value.hint
    with pytest.raises(LibraryError, match="cannot be written"):
        Library.open(f"sqlite:///{tmp_path}")


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Not as root, whom no permission stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("closed", ["folder", "file"])
def test_what_may_only_be_read_is_refused(good: bytes, closed: str) -> None:
    """A folder or a file that may not be written is one clear error, and what it holds stays."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:  # where somebody else can look, too
        folder, file = Path(made), Path(made) / "library.sqlite3"
        file.write_bytes(good)
        file.chmod(0o644 if closed == "folder" else 0o444)
        folder.chmod(0o555 if closed == "folder" else 0o777)
        with as_somebody_else(), pytest.raises(LibraryError, match=r"cannot be (made or )?written") as caught:
            Library.open(url_of(file))
        assert "--data-dir" in caught.value.hint
        assert file.read_bytes() == good


def test_a_full_disk_is_one_clear_error(file: Path) -> None:
    """What does not fit is not kept in part, and what was kept before stays."""
    database = Database.open(url_of(file))
    library = Library(database)
    fill(library, 3)
    with database.writing() as connection:
        n_pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with database.reading() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {n_pages}")
    with pytest.raises(LibraryError, match="cannot grow") as caught:
        fill(library, 3000)
    assert "Make room" in caught.value.hint
    assert read_all(library) == 3
    library.close()


def test_a_file_that_may_not_grow_keeps_what_it_has(file: Path) -> None:
    """As on a full disk in a program that writes on and on: it ends with one clear error, and no song is lost."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from test_sqlite import fill; from cratewise.errors import LibraryError\n"
        "from cratewise.library.store import Library\n"
        "library = Library.open(sys.argv[1])\n"
        "for number in range(1, 10_000, 50):\n"
        "    try: fill(library, number)\n"
        "    except LibraryError as error: sys.exit(f'{error} {error.hint}')\n"
        "    print(number, flush=True)\n"
    )
    limit = 600_000
    ended = subprocess.run(
        [sys.executable, "-c", program, url_of(file), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "cannot be read or written" in ended.stderr
    assert "Traceback" not in ended.stderr
    with Library.open(url_of(file)) as library:
        assert read_all(library) >= int(ended.stdout.split()[-1])


def test_only_its_owner_can_read_a_library(file: Path) -> None:
    """The file, and what SQLite puts beside it, are closed to other people of the machine."""
    with Library.open(url_of(file)):
        for one in file.parent.iterdir():
            assert one.stat().st_mode & 0o077 == 0, one.name


def test_a_file_that_lost_its_contents_is_no_new_library(file: Path) -> None:
    """Where an account was worked with, that is said; a folder without a library gets one."""
    note = file.parent / "account"
    with Library.open(url_of(file), note) as library:
        library.accounts.work_with("ada")
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()
    file.touch()
    with pytest.raises(LibraryError, match="is empty, and there was a library in it") as trouble:
        Library.open(url_of(file), note)
    assert "account" in trouble.value.hint
    assert file.stat().st_size == 0
    note.unlink()
    with Library.open(url_of(file), note) as library:
        assert library.accounts.latest() is None
