import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from cratewise.classification import Classification
from cratewise.errors import LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.database import SCHEMA, Database
from cratewise.library.migrations import configured, known_revisions
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.library.tables import Base
from cratewise.tracks import Track

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 3, NOW)
COUNT = "SELECT count(*) FROM accounts"
ADD = "INSERT INTO accounts (account_id, name, liked_total) VALUES ('{}', 'Ada', 0)"


def test_a_new_library_has_a_schema(url: str) -> None:
    """Opening an address where no library is makes every table."""
    with Library.open(url) as library:
        assert library.accounts.latest() is None


def test_the_migrations_lead_to_the_tables(url: str) -> None:
    """What the migrations make is exactly what the tables declare, and the newest of them is the schema."""
    database = Database.open(url)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()
    assert max(known_revisions()) == SCHEMA


def test_what_a_model_saw_is_known_after_a_migration(url: str) -> None:
    """A library of schema 0012, which kept with a genre the state that its song was seen in, asks of the same songs."""
    said = [Classification(f"t{number}", "bebop", "jazz", 0.9, "", False, "") for number in (1, 2, 3)]
    with Library.open(url) as library:
        library.songs.write(ADA, [_song("t1"), _song("t2", "Kind of Blue"), _song("t3")])
        library.genres.write("ada", "m1", said)
        library.songs.write(ADA, [_song("t2", "Milestones")])
        before = library.genres.unsorted("ada", "m1")
        listed = library.genres.songs("ada", 0.5)
    assert [track.track_id for track in before] == ["t2"]
    database, config = Database.open(url), configured()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
        fingerprints = connection.exec_driver_sql("SELECT fingerprint FROM classifications ORDER BY track_id").scalars()
        assert [bool(one) for one in fingerprints] == [True, False, True]
        connection.exec_driver_sql("UPDATE classifications SET fingerprint = 'another' WHERE track_id = 't2'")
    database.close()
    with Library.open(url) as library:
        assert library.genres.unsorted("ada", "m1") == before
        assert library.genres.songs("ada", 0.5) == listed


def _song(track_id: str, album: str = "") -> SavedSong:
    return SavedSong(Track(track_id, f"Title {track_id}", ("Miles Davis",), album), f"spotify:track:{track_id}", NOW)


def test_rows_of_unknown_accounts_are_refused(url: str) -> None:
    """What belongs to an account cannot be there without it."""
    database = Database.open(url)
    insert = "INSERT INTO rules (account_id, rules, changed_at) VALUES ('nobody', '{}', '2026-01-01')"
    with pytest.raises(LibraryError, match=r"(?i)foreign key"), database.writing() as connection:
        connection.exec_driver_sql(insert)
    database.close()


def test_a_failed_write_leaves_nothing(url: str) -> None:
    """What was written before a failure in the same transaction is taken back, whatever failed."""
    database = Database.open(url)

    def add(second: Callable[[Connection], object]) -> None:
        with database.writing() as connection:
            connection.exec_driver_sql(ADD.format("a"))
            second(connection)

    def interrupt(_: Connection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(LibraryError):
        add(lambda connection: connection.exec_driver_sql(ADD.format("a")))
    with pytest.raises(KeyboardInterrupt):
        add(interrupt)
    with database.reading() as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 0
    database.close()


def test_reading_sees_one_state_throughout(url: str) -> None:
    """What another writes while somebody reads is seen by the next reading, and waits for nobody."""
    one, other = Database.open(url), Database.open(url)
    with one.reading() as reading:
        before = reading.exec_driver_sql(COUNT).scalar()
        with other.writing() as writing:
            writing.exec_driver_sql(ADD.format("a"))
        assert reading.exec_driver_sql(COUNT).scalar() == before == 0
    with one.reading() as reading:
        assert reading.exec_driver_sql(COUNT).scalar() == 1
    one.close()
    other.close()


def test_a_second_writer_waits_for_its_turn_and_then_says_so(url: str) -> None:
    """There is one writer at a time; who has waited long enough gets one clear error, and can go on."""
    one, other = Database.open(url), Database.open(url, patience_ms=50)
    with one.writing() as writing:
        writing.exec_driver_sql(ADD.format("a"))
        with pytest.raises(LibraryError, match="in use") as caught, other.writing():
            pass
        assert "try again" in caught.value.hint
    with other.writing() as writing:
        assert writing.exec_driver_sql(COUNT).scalar() == 1  # a writer reads what the one before it kept
    one.close()
    other.close()


def test_processes_that_open_a_library_at_once_all_succeed(url: str) -> None:
    """One of them makes the tables, the others wait for it."""
    program = (
        "import sys; from cratewise.library.migrations import known_revisions; "
        "from cratewise.library.store import Library; print('ready', flush=True); sys.stdin.readline(); "
        "Library.open(sys.argv[1]).close()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in started] == [""] * 4
    assert [process.returncode for process in started] == [0] * 4
    with Library.open(url) as library:
        assert library.accounts.latest() is None


def test_a_newer_schema_is_refused(url: str) -> None:
    """A library that a newer version wrote gets one clear error, and stays as it is."""
    database = Database.open(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LibraryError, match="schema 9999, newer than") as caught:
        Library.open(url)
    assert "update cratewise" in caught.value.hint
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
    database.close()


def test_moments_are_the_same_in_every_time_zone(url: str) -> None:
    """A moment comes back in UTC to the microsecond, wherever the server thinks it is."""
    at = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    with Library.open(url) as library:
        library.songs.write(KnownAccount("ada", "Ada", 0, at), [])
        known = library.accounts.latest()
    assert known is not None
    assert known.synced_at == at
    assert known.synced_at.utcoffset() == at.utcoffset()


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "sqlite://",
        "mysql://ada:secret@host/music",
        "postgresql://ada:secret@host",
        "postgresql+asyncpg://ada:secret@host/music",
        "postgresql://ada:sec/ret:secret@host:port/music",
    ],
)
def test_another_kind_of_database_is_refused_without_its_password(address: str) -> None:
    """An address that is neither a SQLite file nor a PostgreSQL database is refused, and no error shows a password."""
    with pytest.raises(LibraryError) as caught:
        Library.open(address)
    assert "sec" not in str(caught.value)
    assert "sqlite:////" in caught.value.hint
    assert "postgresql://" in caught.value.hint


def test_a_block_is_one_transaction(url: str) -> None:
    """All that a thread writes in it is kept together or not at all; blocks in it belong to it."""
    database = Database.open(url)

    def count() -> int:
        with database.reading() as connection:
            return connection.exec_driver_sql(COUNT).scalar_one()

    def add(name: str) -> None:
        with database.writing() as connection:
            connection.exec_driver_sql(ADD.format(name))

    def fail() -> None:
        with database.as_one(writing=True):
            add("a")
            with database.as_one(writing=True):
                add("b")
            assert count() == 2
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert count() == 0
    with database.as_one(writing=True):
        add("a")
    assert count() == 1
    database.close()


def test_a_block_sees_one_state(url: str) -> None:
    """What another writes meanwhile is seen behind it; and nothing is written in a block that reads."""
    database, other = Database.open(url), Database.open(url)
    with database.as_one(writing=False):
        for expected in (0, 0):
            with database.reading() as connection:
                assert connection.exec_driver_sql(COUNT).scalar_one() == expected
            with other.writing() as connection:
                connection.exec_driver_sql(ADD.format(f"{connection.exec_driver_sql(COUNT).scalar_one()}"))
        with pytest.raises(ValueError, match="reading"), database.writing():
            pass
    with database.reading() as connection:
        assert connection.exec_driver_sql(COUNT).scalar_one() == 2
    database.close()
    other.close()


def test_nobody_writes_during_a_block_that_writes(url: str) -> None:
    """What is read in it is still true when something is made of it."""
    database, other = Database.open(url), Database.open(url, patience_ms=1)
    with database.as_one(writing=True), pytest.raises(LibraryError, match="in use"), other.writing():
        pass
    with other.writing() as connection:
        connection.exec_driver_sql(ADD.format("a"))
    database.close()
    other.close()
