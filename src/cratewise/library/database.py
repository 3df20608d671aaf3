"""Opening the database, bringing it to the newest schema, and saying clearly what is wrong with it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cratewise.errors import LibraryError

SCHEMA = "0005"
"""The newest migration; a library of another schema is migrated when it is opened."""

BUSY_TIMEOUT_MS = 15_000
"""How long one process waits for another that writes."""


class Database:
    """One open database.

    Attributes:
        place: What it is called in messages: the file, without a password.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self.place = place

    @classmethod
    def open(cls, url: str) -> "Database":
        """Opens (or makes) the database and migrates it.

        Args:
            url: A SQLite address in SQLAlchemy's notation.

        Raises:
            LibraryError: It cannot be opened, is damaged, or was written by a newer version of this program.
        """
        parsed = _parsed(url)
        place = parsed.database or "memory"
        try:
            Path(place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            Path(place).touch(mode=0o600)
        except OSError as error:
            raise LibraryError(
                f"{place} cannot be made or written: {error.strerror}.",
                hint="Choose another folder with --data-dir or CRATEWISE_DATA_DIR.",
            ) from error
        engine = create_engine(parsed)
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
        database = cls(engine, place)
        try:
            database._migrate()
        except BaseException:
            engine.dispose()
            raise
        return database

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
    def _transaction(self, *, writing: bool) -> Iterator[Connection]:
        try:
            with self._engine.execution_options(writing=writing).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._explained(error) from error

    def _migrate(self) -> None:
        with self.reading() as connection:
            if _schema(connection) == SCHEMA:
                return
        from cratewise.library.migrations import known_revisions, upgrade  # Alembic takes a while to import

        with self.writing() as connection:
            found = _schema(connection)
            if found is not None and found not in known_revisions():
                hint = "A newer version wrote it: update cratewise, or choose another folder with --data-dir."
                raise LibraryError(f"{self.place} has the schema {found}, newer than {SCHEMA}.", hint=hint)
            upgrade(connection)

    def _explained(self, error: SQLAlchemyError) -> LibraryError:
        cause = str(getattr(error, "orig", None) or error)
        if "malformed" in cause or "not a database" in cause or "file is encrypted" in cause:
            hint = "Move the file away and sync again, or put a copy of it back."
            return LibraryError(f"{self.place} is damaged or no library of cratewise ({cause}).", hint=hint)
        if "readonly" in cause or "unable to open" in cause:
            hint = "Make the folder writable, or choose another with --data-dir or CRATEWISE_DATA_DIR."
            return LibraryError(f"{self.place} cannot be written ({cause}).", hint=hint)
        if "locked" in cause:
            hint = "Another cratewise is writing to it: try again when that is done."
            return LibraryError(f"{self.place} is in use ({cause}).", hint=hint)
        if "full" in cause:
            return LibraryError(f"{self.place} cannot grow ({cause}).", hint="Make room on the disk; nothing is lost.")
        return LibraryError(f"{self.place} refused ({cause}).")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        hint = "Write it as sqlite:////folder/library.sqlite3."
        raise LibraryError("The address of the database cannot be understood.", hint=hint) from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        hint = "Write it as sqlite:////folder/library.sqlite3."
        raise LibraryError(
            f"The database {parsed.render_as_string(hide_password=True)} is not a SQLite file.", hint=hint
        )
    return parsed


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, so that they cover changes of the schema too
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what was reported as done survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail at once, without waiting, if another wrote between.
    is_writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _schema(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
