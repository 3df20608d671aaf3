"""Whose writes wait for whose: of one account, in a row; of two, side by side where the database can."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from sqlalchemy import Connection

from cratewise.errors import LibraryError
from cratewise.library.database import Database

from ..postgresql import PostgresqlServer

Writer = Callable[[Database], AbstractContextManager[Connection]]


@pytest.fixture
def database(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A database whose writers soon give up waiting."""
    url = postgresql.database()
    Database.open(url).close()
    opened = Database.open(url, patience_ms=50)
    yield opened
    opened.close()


def ada(database: Database) -> AbstractContextManager[Connection]:
    """Writes Ada's rows."""
    return database.of("ada").writing()


def ben(database: Database) -> AbstractContextManager[Connection]:
    """Writes Ben's rows."""
    return database.of("ben").writing()


def ada_and_public(database: Database) -> AbstractContextManager[Connection]:
    """Writes Ada's rows and nobody's."""
    return database.of("ada").writing_public()


def ben_and_public(database: Database) -> AbstractContextManager[Connection]:
    """Writes Ben's rows and nobody's."""
    return database.of("ben").writing_public()


def anybody(database: Database) -> AbstractContextManager[Connection]:
    """Writes whose rows it likes."""
    return database.writing()


@pytest.mark.parametrize(("first", "second"), [(ada, ben), (ada, ben_and_public), (ada_and_public, ben)])
def test_accounts_do_not_wait_for_each_other(database: Database, first: Writer, second: Writer) -> None:
    """Both write in the same moment, and both are kept."""
    count = "SELECT count(*) FROM accounts"
    with first(database) as one, second(database) as other:
        one.exec_driver_sql("INSERT INTO accounts (account_id, name, liked_total) VALUES ('ada', 'Ada', 0)")
        other.exec_driver_sql("INSERT INTO accounts (account_id, name, liked_total) VALUES ('ben', 'Ben', 0)")
        assert (one.exec_driver_sql(count).scalar(), other.exec_driver_sql(count).scalar()) == (1, 1)
    with database.reading() as reading:
        assert reading.exec_driver_sql(count).scalar() == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ada, ada),
        (ada, ada_and_public),
        (ada_and_public, ben_and_public),
        (ada, anybody),
        (anybody, ada),
        (anybody, ben_and_public),
        (anybody, anybody),
    ],
)
def test_who_writes_the_same_waits(database: Database, first: Writer, second: Writer) -> None:
    """One account, what belongs to nobody, and whoever may write anything; who has waited too long is told."""
    with first(database), pytest.raises(LibraryError, match="in use"), ExitStack() as stack:
        stack.enter_context(second(database))
    with second(database) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_what_is_nobodys_is_waited_for_within_a_block_too(database: Database) -> None:
    """A block of an account's that comes to write public rows waits there."""
    of_ben = database.of("ben")

    def write() -> None:
        with of_ben.as_one(writing=True), of_ben.writing() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1
            with of_ben.writing_public():
                pass

    with ada_and_public(database), pytest.raises(LibraryError, match="in use"):
        write()
