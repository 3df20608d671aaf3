"""Opening the database, bringing it to the newest schema, and saying clearly what is wrong with it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from cratewise.errors import LibraryError
from cratewise.library.address import address_from
from cratewise.library.postgresql import EVERYBODY, PostgresqlDatabase
from cratewise.library.sqlite import SqliteFile
from cratewise.library.tables import SavedTrackRow

SCHEMA = "0013"
"""The newest migration; a library of another schema is migrated when it is opened."""

PATIENCE_MS = 15_000
"""How long one process waits for another that writes."""

_OURS = SavedTrackRow.__tablename__  # a table that every schema of the library has


class Kind(Protocol):
    """One kind of database: where it is, and how it is used."""

    @property
    def place(self) -> str:
        """What it is called in messages: its file or address, without a password."""

    @property
    def is_shared(self) -> bool:
        """Whether several people's programs may keep their libraries in it."""

    def engine(self) -> Engine:
        """Makes what hands out connections.

        Raises:
            LibraryError: That cannot be done.
        """

    def begin(self, connection: Connection, *, writing: bool, turn: str | None) -> None:
        """Begins a transaction; one that writes waits for its turn.

        Args:
            connection: An open connection.
            writing: Whether anything will be written.
            turn: The account whose rows are written, `EVERYBODY` where it may be anybody's; `None` for what depends on
                nothing that others write, and waits for nobody.
        """

    def take_public_turn(self, connection: Connection) -> None:
        """Waits until no other account writes what belongs to nobody; a turn of `EVERYBODY` has waited already."""

    def check(self, connection: Connection) -> None:
        """Makes sure that a library can be kept there.

        Raises:
            LibraryError: It cannot.
        """

    def scrub(self, engine: Engine) -> None:
        """Makes sure that what was deleted cannot be read from the disk any more, as far as that is in its hands."""

    def explained(self, error: SQLAlchemyError) -> LibraryError:
        """What a complaint of the database means, and what to do."""


class Database:
    """One open database.

    Attributes:
        place: What it is called in messages: its file or address, without a password.
        is_shared: Whether several people's programs may keep their libraries in it.
    """

    def __init__(self, kind: Kind) -> None:
        self.place = kind.place
        self.is_shared = kind.is_shared
        self._kind = kind
        self._turn = EVERYBODY
        self._block = threading.local()
        self._engine = kind.engine()
        event.listen(self._engine, "begin", self._begin)

    @classmethod
    def open(cls, url: str, *, patience_ms: int = PATIENCE_MS) -> Self:
        """Opens (or makes) the database and migrates it.

        Args:
            url: Address of a SQLite file or a PostgreSQL database in SQLAlchemy's notation.
            patience_ms: How long to wait for another that writes.

        Raises:
            LibraryError: It cannot be opened, is damaged, is another program's, or was written by a newer version.
        """
        address = address_from(url)
        kind = SqliteFile if address.drivername == "sqlite" else PostgresqlDatabase
        database = cls(kind(address, patience_ms))
        try:
            database._migrate()
        except BaseException:
            database.close()
            raise
        return database

    def of(self, account_id: str) -> Self:
        """The same database for what writes one account's rows alone, and rows that belong to nobody.

        Where the database can tell them apart, its writers wait for each other and for those of `EVERYBODY`, and not
        for those of other accounts.
        """
        same = copy(self)
        same._turn = account_id
        return same

    def apart(self) -> Self:
        """The same database for what is no part of the block that a thread is in: others see it at once."""
        same = copy(self)
        same._block = threading.local()
        return same

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout.

        Raises:
            LibraryError: The database refused.
        """
        with self._transaction(writing=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose work is kept as a whole, or not at all; one writer at a time.

        Raises:
            LibraryError: The database refused; nothing of it was kept.
        """
        with self._transaction(writing=True) as connection:
            yield connection

    @contextmanager
    def writing_public(self) -> Iterator[Connection]:
        """Like `writing`, for rows that belong to nobody, whoever's rows are written beside them.

        Raises:
            LibraryError: The database refused; nothing of it was kept.
        """
        with self._transaction(writing=True) as connection:
            self._kind.take_public_turn(connection)
            yield connection

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A connection for a small note that depends on nothing that others write: it waits for no turn.

        Raises:
            LibraryError: The database refused; nothing of it was kept.
        """
        with self._transaction(writing=True, waits=False) as connection:
            yield connection

    @contextmanager
    def as_one(self, *, writing: bool) -> Iterator[None]:
        """Makes one transaction of all that this thread reads and writes in the block.

        What is read in it stays true until the block ends, and with `writing` nobody else writes meanwhile.

        Args:
            writing: Whether anything is written in the block.

        Raises:
            LibraryError: The database refused; nothing of the block was kept.
        """
        with self._transaction(writing=writing) as connection:
            around = self._around()
            self._block.connection = connection
            try:
                yield
            finally:
                self._block.connection = around

    def scrub(self) -> None:
        """Makes sure that what was deleted cannot be read from the disk any more, as far as the database can.

        Raises:
            LibraryError: The database refused.
        """
        try:
            self._kind.scrub(self._engine)
        except SQLAlchemyError as error:
            raise self._kind.explained(error) from error

    @contextmanager
    def _transaction(self, *, writing: bool, waits: bool = True) -> Iterator[Connection]:
        if (around := self._around()) is not None:
            if writing and not around.get_execution_options().get("writing"):
                raise ValueError("nothing is written in a block that was begun for reading")
            yield around
            return
        try:
            options = {"writing": writing, "turn": self._turn if waits else None}
            with self._engine.execution_options(**options).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._kind.explained(error) from error

    def _around(self) -> Connection | None:
        """The connection of the block that this thread is in."""
        connection: Connection | None = getattr(self._block, "connection", None)
        return connection

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        self._kind.begin(connection, writing=options.get("writing", False), turn=options.get("turn", EVERYBODY))

    def _migrate(self) -> None:
        with self.reading() as connection:
            if _schema(connection) == SCHEMA:
                return
            self._kind.check(connection)
        from cratewise.library.migrations import known_revisions, upgrade  # Alembic takes a while to import

        with self.writing() as connection:  # where two open it at once, the second finds it made
            found, tables = _schema(connection), inspect(connection).get_table_names()
            if tables and _OURS not in tables:
                hint = "Choose another folder with --data-dir, or a database for cratewise alone."
                raise LibraryError(f"{self.place} belongs to another program (tables: {_some(tables)}).", hint=hint)
            if found is not None and found not in known_revisions():
                hint = "A newer version wrote it: update cratewise, or choose another folder with --data-dir."
                raise LibraryError(f"{self.place} has the schema {found}, newer than {SCHEMA}.", hint=hint)
            upgrade(connection)


def _schema(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _some(tables: list[str]) -> str:
    return ", ".join(sorted(tables)[:3]) + (", …" if len(tables) > 3 else "")
