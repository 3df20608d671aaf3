"""A library in a PostgreSQL database, for those who host it."""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from cratewise.errors import LibraryAwayError, LibraryError, LibraryRefusedError
from cratewise.library.address import shown
from cratewise.library.columns import json_from, json_into

EVERYBODY = ""
"""The turn of whoever may write any account's rows: nobody else writes meanwhile."""

WRITERS_TURN = 0x6372617465
"""The advisory lock that a writer holds ("crate"): one who writes an account's rows alone shares it, and holds another
of that account. Of one database, so that others on the server don't mind it."""

_PUBLIC_TURN = WRITERS_TURN + 1

TABLES_TURN = WRITERS_TURN + 2
"""The advisory lock of whoever makes tables that another library brings."""

_DURABLE = (  # what was reported as done survives a power cut, however the server is set; stricter settings stay
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
)

CONNECT_WITHIN_S = 10
"""A host that is not there otherwise takes minutes to say so."""

_SETTING = "CRATEWISE_DATABASE_URL"
_KEPT = "Nothing that was kept is lost."
_MEANINGS = {  # by SQLSTATE, since messages come in the server's language; the longest that fits counts
    "22": ("cannot keep a value", f"{_KEPT} Please report this."),
    "25006": ("can only be read", f"Name the server that takes writes in {_SETTING}."),
    "25P03": ("cannot be reached any more", f"The server ended a transaction that stood still; try again. {_KEPT}"),
    "42501": (
        "refuses this user",
        "The user needs the right to make tables: as the database's owner, or by GRANT CREATE, USAGE ON SCHEMA public.",
    ),
    "42P07": ("holds another program's tables", f"Make a database for cratewise alone, and name it in {_SETTING}."),
    "53": ("has no room left", f"Make room on the server's disk, or let it take more connections. {_KEPT}"),
    "53300": ("takes no more connections", "Close other programs that use it, or raise max_connections."),
    "55P03": ("is in use", "Another cratewise is writing to it: try again when that is done."),
    "57": ("cannot be reached any more", f"The server ended the connection: try again when it runs. {_KEPT}"),
    "58": ("cannot be read or written", f"The server's disk is failing. {_KEPT}"),
    "XX": ("is damaged", "Restore the database from a copy."),
}
_AWAY = ("08", "53300", "57P")
"""SQLSTATEs of a server that takes no connections now, or has ended this one."""
_UNREACHABLE = f"Look whether the server runs there, and whether user, password and database in {_SETTING} are right."


class PostgresqlDatabase:
    """A database on a server, and how PostgreSQL is used with it.

    Attributes:
        place: Its address without a password.
        is_shared: True.
    """

    is_shared = True

    def __init__(self, address: URL, patience_ms: int) -> None:
        self.place = shown(address)
        self._address = address
        self._patience_ms = patience_ms

    def engine(self) -> Engine:
        """Connects when it is first used; a connection that was lost is made anew.

        Raises:
            LibraryError: The driver is not installed.
        """
        defaults = {"connect_timeout": str(CONNECT_WITHIN_S), "application_name": "cratewise"}
        query = {**defaults, **self._address.query}
        try:
            engine = create_engine(
                self._address.set(query=query),
                json_serializer=json_into,
                json_deserializer=json_from,
                pool_pre_ping=True,
            )
        except ImportError as error:
            hint = "pip install 'cratewise[postgres]'"
            raise LibraryError(f"{self.place} needs PostgreSQL's driver (psycopg: {error}).", hint=hint) from error
        event.listen(engine, "connect", _configure)
        return engine

    def begin(self, connection: Connection, *, writing: bool, turn: str | None) -> None:
        """Begins a transaction: one that reads sees one state throughout, one that writes waits for its turn.

        A lock, and not SERIALIZABLE: the stores read and then write, and a caller's block cannot be run again when
        the server finds a conflict. Blocks are short (a page of songs, a step of a run), so that a turn comes soon;
        and it is what SQLite does, so that both behave alike. A writer reads what the one before it committed, which
        REPEATABLE READ, whose snapshot is as old as the waiting, would not see.
        """
        if writing:
            patience = f"SET LOCAL lock_timeout = {self._patience_ms}"
            connection.exec_driver_sql("; ".join([_DURABLE, patience, *_locks(turn)]))
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def take_public_turn(self, connection: Connection) -> None:
        """Waits for the lock of whoever writes what is nobody's; always the last one, so that none wait in a ring."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_PUBLIC_TURN})")

    def check(self, connection: Connection) -> None:
        """Makes sure that the database can keep every title.

        Raises:
            LibraryError: Its encoding cannot.
        """
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            hint = "Make one with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0."
            raise LibraryError(f"{self.place} has the encoding {encoding}, which lacks most scripts.", hint=hint)

    def scrub(self, engine: Engine) -> None:
        """Nothing: the server's own vacuum does it, and its files are its keeper's."""

    def explained(self, error: SQLAlchemyError) -> LibraryError:
        """What PostgreSQL's complaint means for a person."""
        original = getattr(error, "orig", None) or error
        cause = " ".join(str(original).splitlines()[0].split()) if str(original) else type(original).__name__
        state: str | None = getattr(original, "sqlstate", None)
        if state is None:  # no connection was made, or it broke
            kind = LibraryAwayError if isinstance(error, OperationalError | InterfaceError) else LibraryError
            return kind(f"{self.place} cannot be reached ({cause}).", hint=_UNREACHABLE)
        fitting = [prefix for prefix in _MEANINGS if state.startswith(prefix)]
        what, hint = _MEANINGS[max(fitting, key=len)] if fitting else ("refused", "")
        if state.startswith(_AWAY):
            return LibraryAwayError(f"{self.place} {what} ({cause}).", hint=hint)
        headline = f"The database {what}"
        return LibraryRefusedError(f"{headline} ({cause}).", headline=headline, hint=hint)


def _locks(turn: str | None) -> Iterator[str]:
    """What takes the locks of a turn: of an account's, the one that all share first."""
    if turn is None:
        return
    if turn == EVERYBODY:
        yield f"SELECT pg_advisory_xact_lock({WRITERS_TURN})"
        return
    yield f"SELECT pg_advisory_xact_lock_shared({WRITERS_TURN})"
    of_account = int.from_bytes(hashlib.blake2b(turn.encode(), digest_size=8).digest(), signed=True)
    yield f"SELECT pg_advisory_xact_lock({of_account})"


def _configure(connection: Any, _record: object) -> None:
    """Has each statement planned for the tables as they are now.

    A plan that was made once for all, while a library was empty, would go on reading whole tables as it fills, until
    the server next analyses them.
    """
    is_in_transaction = not connection.autocommit
    connection.execute("SET plan_cache_mode = force_custom_plan")
    if is_in_transaction:
        connection.commit()
