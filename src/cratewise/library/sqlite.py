"""A library in a SQLite file: the default, which needs no set-up."""

import sqlite3
from contextlib import closing
from errno import EDQUOT, ENOSPC
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cratewise.errors import LibraryError
from cratewise.library.columns import json_from, json_into
from cratewise.library.tables import SavedTrackRow

_ELSEWHERE = "or choose another folder with --data-dir or CRATEWISE_DATA_DIR."
_BETWEEN_ATTEMPTS_S = 0.01
_RESTORE = "Move the file away and sync again, or put a copy of it back."

_CACHE_KIB = 160 * 1024
"""100,000 songs fit, and a smaller library takes no more than it is: with SQLite's 2 MiB, listing some of those songs
anew took ten times as long."""
_JOURNAL_PAGES = 8_000
"""How long the journal grows (32 MB) before what stands in it goes into the file: at SQLite's 1,000, each batch of a
great library went there on its own, as the keys of a batch lie everywhere in the indexes."""


class SqliteFile:
    """A file, and how SQLite is used with it.

    Attributes:
        place: Its path.
        is_shared: False: it is a data folder's own.
    """

    is_shared = False

    def __init__(self, address: URL, patience_ms: int) -> None:
        self.place = str(address.database)
        self._address = address
        self._patience_ms = patience_ms

    def engine(self) -> Engine:
        """Makes the file if it is not there, for its owner alone.

        Raises:
            LibraryError: That cannot be done.
        """
        file = Path(self.place)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            self._check_journal(file)
        except OSError as error:
            is_full = error.errno in {ENOSPC, EDQUOT}
            advice = "Make room on the disk" if is_full else "Make file and folder writable for you"
            message = f"{self.place} cannot be made or written: {error.strerror}."
            raise LibraryError(message, hint=f"{advice}, {_ELSEWHERE}") from error
        engine = create_engine(self._address, json_serializer=json_into, json_deserializer=json_from)
        event.listen(engine, "connect", self._configure)
        return engine

    def begin(self, connection: Connection, *, writing: bool, turn: str | None) -> None:
        """Begins a transaction; one that is to write waits for its turn at once: a file has one for all.

        One that reads first and then writes would fail, without waiting, if another wrote between.
        """
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    def take_public_turn(self, connection: Connection) -> None:
        """Nothing: whoever writes is the only one."""

    def check(self, connection: Connection) -> None:
        """Any SQLite file that can be opened will do."""

    def scrub(self, engine: Engine) -> None:
        """Writes the file anew without what was deleted, and empties the journal."""
        with closing(engine.raw_connection()) as connection:  # neither works within a transaction
            try:
                connection.cursor().execute("VACUUM")
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise DBAPIError("VACUUM", None, error) from error

    def explained(self, error: SQLAlchemyError) -> LibraryError:
        """What SQLite's complaint means for a person."""
        cause = str(getattr(error, "orig", None) or error)
        for words, what, hint in (
            (("malformed", "not a database", "encrypted", "decode"), "is damaged or no library of cratewise", _RESTORE),
            (("readonly", "unable to open"), "cannot be written", f"Make file and folder writable, {_ELSEWHERE}"),
            (("locked",), "is in use", "Another cratewise is writing to it: try again when that is done."),
            (("full",), "cannot grow", "Make room on the disk; nothing that was kept is lost."),
            (
                ("disk I/O",),
                "cannot be read or written",
                "The disk is full, failing or gone; nothing that was kept is lost.",
            ),
        ):
            if any(word in cause for word in words):
                return LibraryError(f"{self.place} {what} ({cause}).", hint=hint)
        return LibraryError(f"{self.place} refused ({cause}).")

    def _check_journal(self, file: Path) -> None:
        """SQLite would throw away what stands in the journal of a file that lost its contents."""
        journal = file.with_name(f"{file.name}-wal")
        if file.stat().st_size == 0 and journal.exists() and journal.stat().st_size > 0:
            raise LibraryError(f"{self.place} is empty, but {journal.name} beside it is not.", hint=_RESTORE)

    def _configure(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun above, so that they cover changes of the schema too
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {self._patience_ms}")
        if self._is_ours(cursor):
            self._keep_a_journal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")  # what was reported as done survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_JOURNAL_PAGES}")
        cursor.close()

    def _is_ours(self, cursor: sqlite3.Cursor) -> bool:
        """Whether it is a library or empty: another program's file is refused later, and stays as it is until then.

        Raises:
            LibraryError: The list of tables is damaged.
        """
        try:
            tables = {name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except UnicodeDecodeError as error:  # Python's, while it reads SQLite's complaint, which quotes the file
            raise LibraryError(f"{self.place} is damaged: its list of tables is no text.", hint=_RESTORE) from error
        return not tables or SavedTrackRow.__tablename__ in tables

    def _keep_a_journal(self, cursor: sqlite3.Cursor) -> None:
        """Turns WAL on: readers don't wait for writers.

        SQLite does not wait (whatever its `busy_timeout`) when two turn it on in a new file at once: four processes
        that opened one file together failed in one of three attempts.
        """
        until = monotonic() + self._patience_ms / 1000
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or monotonic() > until:
                    raise
                sleep(_BETWEEN_ATTEMPTS_S)
            else:
                return
