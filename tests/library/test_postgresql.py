"""What can be wrong with a PostgreSQL database: each is one clear error, and shows no password."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from cratewise.errors import LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.database import Database
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import Track

from ..postgresql import PostgresqlServer

AT = datetime(2026, 1, 1, tzinfo=UTC)


def refusal(url: str) -> LibraryError:
    """The error of opening an address, which has one line and no password."""
    with pytest.raises(LibraryError) as caught:
        Library.open(url)
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


@pytest.fixture
def database(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A database with a library."""
    opened = Database.open(postgresql.database())
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_an_address_is_understood(postgresql: PostgresqlServer, scheme: str) -> None:
    """As hosts of databases print it, and as SQLAlchemy wants it."""
    Library.open(postgresql.database().replace("postgresql", scheme, 1)).close()


def test_a_server_that_does_not_run_is_one_clear_error() -> None:
    """Nobody listens at that port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = refusal(f"postgresql://ada:secret@127.0.0.1:{taken.getsockname()[1]}/music")
    assert "postgresql://ada@127.0.0.1" in str(error)
    assert "cannot be reached" in str(error)
    assert "CRATEWISE_DATABASE_URL" in error.hint


def test_a_new_account_is_not_believed_to_have_no_songs(postgresql: PostgresqlServer) -> None:
    """What was counted of the accounts before says nothing of it: each of its songs would be compared with each."""
    url = postgresql.database()
    songs = [
        SavedSong(Track(f"t{number}", f"Take {number}", ("Miles Davis",)), f"u{number}", AT) for number in range(300)
    ]
    with Library.open(url) as library:
        library.songs.write(KnownAccount("ada", "Ada", 300, AT), songs)
    database = Database.open(url)
    with database.writing() as connection:
        connection.exec_driver_sql("ANALYZE")
        counted = "SELECT attname FROM pg_stats WHERE tablename IN ('tracks', 'saved_tracks', 'songs')"
        columns = set(connection.exec_driver_sql(counted).scalars())
    database.close()
    assert "track_id" in columns
    assert "account_id" not in columns


def test_a_wrong_password_or_name_is_one_clear_error(postgresql: PostgresqlServer) -> None:
    """The server's reason is passed on."""
    assert "password authentication failed" in str(refusal(postgresql.url("postgres", password="secret")))
    assert "password authentication failed" in str(refusal(postgresql.url("postgres", user="eve", password="secret")))
    assert '"nothing" does not exist' in str(refusal(postgresql.url("nothing")))


def test_a_user_who_may_not_make_tables_is_told_what_to_ask_for(postgresql: PostgresqlServer) -> None:
    """Since PostgreSQL 15 only its owner may make tables in a database."""
    url = postgresql.database()
    postgresql.execute("CREATE ROLE guest LOGIN PASSWORD 'secret'")
    error = refusal(postgresql.url(url.partition("@/")[2].partition("?")[0], user="guest", password="secret"))
    assert "permission denied for schema public" in str(error)
    assert "GRANT CREATE" in error.hint


def test_a_database_that_lacks_most_scripts_is_refused(postgresql: PostgresqlServer) -> None:
    """A Japanese title could not be kept in Latin-1."""
    url = postgresql.database(options="ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "encoding LATIN1" in str(refusal(url))


def test_a_database_that_can_only_be_read_is_refused(postgresql: PostgresqlServer) -> None:
    """Such as a copy that follows another server."""
    url = postgresql.database()
    name = url.partition("@/")[2].partition("?")[0]
    postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "can only be read" in str(refusal(url))


def test_another_programs_database_is_refused(postgresql: PostgresqlServer) -> None:
    """No table is put beside those of another program."""
    url = postgresql.database()
    postgresql.execute("CREATE TABLE invoices (number int)", url.partition("@/")[2].partition("?")[0])
    assert "another program (tables: invoices)" in str(refusal(url))


def test_a_server_that_was_started_anew_is_found_again(postgresql: PostgresqlServer, database: Database) -> None:
    """While it is gone that is one clear error; what was being written then is taken back, and all else is there."""
    add = "INSERT INTO accounts (account_id, name, liked_total) VALUES ('{}', 'Ada', 0)"
    with database.writing() as connection:
        connection.exec_driver_sql(add.format("kept"))
    with pytest.raises(LibraryError, match="cannot be reached"), database.writing() as connection:  # noqa: PT012
        connection.exec_driver_sql(add.format("lost"))
        postgresql.stop(at_once=True)
        connection.exec_driver_sql(add.format("lost, too"))
    with pytest.raises(LibraryError, match="cannot be reached"), database.reading():
        pass
    postgresql.start()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT account_id FROM accounts").scalars().all() == ["kept"]


def test_a_connection_that_the_server_ends_is_one_clear_error(postgresql: PostgresqlServer, database: Database) -> None:
    """As when it is shut down while somebody writes; the next one connects anew."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cratewise'"
    with pytest.raises(LibraryError, match="cannot be reached any more"), database.writing() as connection:  # noqa: PT012
        postgresql.execute(end)
        connection.exec_driver_sql("SELECT 1")
    with database.writing() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_reading_cannot_write(database: Database) -> None:
    """A transaction that sees one state is not for changing it."""
    with pytest.raises(LibraryError, match="read-only"), database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM accounts")


def test_no_password_is_logged(postgresql: PostgresqlServer, caplog: pytest.LogCaptureFixture) -> None:
    """Not even by SQLAlchemy, asked for everything it has to say."""
    caplog.set_level(logging.DEBUG)
    url = postgresql.database()
    database = Database.open(url)
    database.close()
    with suppress(LibraryError):
        Library.open(postgresql.url("nothing"))
    shown = f"{caplog.text} {database!r} {vars(database)!r}"
    assert caplog.records
    assert postgresql.password not in shown


def test_a_missing_driver_says_how_to_install_it() -> None:
    """psycopg comes with an extra, which most people don't need."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from cratewise.errors import LibraryError; from cratewise.library.store import Library\n"
        "try: Library.open('postgresql://ada:secret@127.0.0.1/music')\n"
        "except LibraryError as error: print(error, error.hint)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "pip install 'cratewise[postgres]'" in said
    assert "secret" not in said
