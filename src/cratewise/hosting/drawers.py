"""Small things of an account, or of the host, kept as rows; and the locks that go with them."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime

from sqlalchemy import Connection, Delete, Insert, Update, create_engine, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from cratewise.errors import LibraryAwayError
from cratewise.hosting.notices import ACCESS, tell
from cratewise.hosting.sessions import holds_sessions
from cratewise.jobs.state import NobodyError
from cratewise.library.address import address_from
from cratewise.library.database import Database
from cratewise.library.tables import DrawerRow
from cratewise.library.upsert import inserting, upsert
from cratewise.spotify.cipher import Cipher

_HOST = ""
"""The owner of what belongs to no account, but to the host; no account has this key."""

_SEALED = "sealed:"
"""What an encrypted secret begins with; no key that somebody enters does."""

_LOOKED_EVERY_S = 0.1
_Change = Insert | Update | Delete


class Held:
    """A lock that is held, as long as the connection lasts that holds it.

    Args:
        connection: That connection.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asking = threading.Lock()
        self._is_lost = False

    def lasts(self) -> bool:
        """Whether it is still held; asks the database. Once lost it stays so. May be called from any thread."""
        with self._asking:
            if not self._is_lost:
                try:
                    self._connection.scalar(select(1))
                except SQLAlchemyError:
                    self._is_lost = True
                    self._connection.invalidate()
            return not self._is_lost


class Locks:
    """Locks that count in every process that uses the database, and end with their holder, however that ends.

    Each is held by a connection of its own (PostgreSQL's session-level advisory locks).

    Args:
        url: Address of the database.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(address_from(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)

    @contextmanager
    def held(self, name: str, patience_s: float = 0.0) -> Iterator[Held]:
        """Holds a lock while the block runs.

        Args:
            name: Which.
            patience_s: How long to wait for somebody else who holds it.

        Raises:
            TimeoutError: Somebody else has held it all the time.
            LibraryAwayError: The database cannot be reached.
        """
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise _away(error) from error
        with connection:
            until_s = time.monotonic() + patience_s
            while not _is_taken(connection, key):
                if time.monotonic() >= until_s:
                    raise TimeoutError(f"{name} is held by another process")
                time.sleep(_LOOKED_EVERY_S)
            yield Held(connection)  # closing the connection lets go


def _is_taken(connection: Connection, key: int) -> bool:
    try:
        return bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
    except SQLAlchemyError as error:
        raise _away(error) from error


def _away(error: SQLAlchemyError) -> LibraryAwayError:
    hint = "Look whether PostgreSQL runs. Nothing that was kept is lost."
    return LibraryAwayError(f"The database cannot be reached: {type(error).__name__}.", hint=hint)


class DatabaseDrawer:
    """The rows of one owner; that an account's have changed is told to every process.

    Args:
        database: Where they are.
        locks: Holds others back.
        cipher: Encrypts secrets.
        account_id: Whose they are; `None` for those that belong to no account, but to the host.
        now: The time (UTC).
        asked: Whether somebody asks on a page, who has to be logged in as long as anything is written.
    """

    def __init__(
        self,
        database: Database,
        locks: Locks,
        cipher: Cipher,
        account_id: str | None,
        now: Callable[[], datetime],
        *,
        asked: bool = False,
    ) -> None:
        self._database = database
        self._locks = locks
        self._cipher = cipher
        self._account_id = account_id
        self._owner = _HOST if account_id is None else _key_of(account_id)
        self._now = now
        self._asked = asked

    def read(self, name: str) -> bytes | None:
        """What is kept under that name; `None` for nothing."""
        of_name = (DrawerRow.owner == self._owner, DrawerRow.name == name)
        with self._database.reading() as connection:
            return connection.execute(select(DrawerRow.content).where(*of_name)).scalar()

    def write(self, name: str, content: bytes) -> None:
        """Keeps it in the place of what was there before."""
        row = {"owner": self._owner, "name": name, "content": content, "changed_at": self._now()}
        with self._database.noting() as connection:
            self._check_asked(connection)
            upsert(connection, DrawerRow, [row])
            self._tell(connection)

    def replace(self, name: str, before: bytes | None, content: bytes | None) -> bool:
        """Keeps it in the place of exactly that; of several processes that try at one moment, one does."""
        if before is None and content is None:
            return self.read(name) is None
        with self._database.noting() as connection:
            if content is not None:
                self._check_asked(connection)
            change = self._replacing(connection, name, before, content).returning(DrawerRow.name)
            is_done = connection.execute(change).first() is not None
            if is_done:
                self._tell(connection)
        return is_done

    def _replacing(self, connection: Connection, name: str, before: bytes | None, content: bytes | None) -> _Change:
        row = {"owner": self._owner, "name": name, "content": content, "changed_at": self._now()}
        if before is None:
            insert = inserting(connection, DrawerRow.__table__)  # type: ignore[arg-type] # a table, not only a clause
            return insert.values(row).on_conflict_do_nothing()
        of_row = (DrawerRow.owner == self._owner, DrawerRow.name == name, DrawerRow.content == before)
        if content is None:
            return delete(DrawerRow).where(*of_row)
        return update(DrawerRow).where(*of_row).values(row)

    def delete(self, name: str) -> None:
        """Keeps nothing under that name any more."""
        with self._database.noting() as connection:
            connection.execute(delete(DrawerRow).where(DrawerRow.owner == self._owner, DrawerRow.name == name))
            self._tell(connection)

    def names(self) -> tuple[str, ...]:
        """The names under which something is kept, in order."""
        of_owner = select(DrawerRow.name).where(DrawerRow.owner == self._owner).order_by(DrawerRow.name)
        with self._database.reading() as connection:
            return tuple(connection.execute(of_owner).scalars())

    def place(self, name: str) -> str:
        """Where that is, for a message."""
        return f"What {self._database.place} keeps as {name} of “{self._owner}”"

    def sealed(self, secret: str) -> str:
        """The secret, encrypted with the host's key."""
        return _SEALED + self._cipher.encrypted(secret.encode()).decode()

    def opened(self, kept: str) -> str | None:
        """The secret; older versions kept it as it is."""
        if not kept.startswith(_SEALED):
            return kept
        secret = self._cipher.decrypted(kept.removeprefix(_SEALED).encode())
        return None if secret is None else secret.decode()

    def alone(self, name: str, patience_s: float) -> AbstractContextManager[object]:
        """Holds others back, in whatever process."""
        return self._locks.held(f"drawer {self._owner} {name}", patience_s)

    def _check_asked(self, connection: Connection) -> None:
        """Makes sure that what is asked for on a page is not kept for an account that was just forgotten.

        Raises:
            NobodyError: Nobody is logged in to it any more.
        """
        if self._asked and self._account_id is not None and not holds_sessions(connection, self._account_id):
            raise NobodyError

    def _tell(self, connection: Connection) -> None:
        if self._account_id is not None:  # what is the host's is read anew each time
            tell(connection, ACCESS, self._account_id)


class NobodysDrawer:
    """The drawer of whoever is not logged in: there is nothing in it, and nothing goes into it."""

    def read(self, _name: str) -> None:
        """Nothing."""

    def write(self, _name: str, _content: bytes) -> None:
        """Refuses.

        Raises:
            NobodyError: Always.
        """
        raise NobodyError

    def replace(self, _name: str, _before: bytes | None, _content: bytes | None) -> bool:
        """Refuses.

        Raises:
            NobodyError: Always.
        """
        raise NobodyError

    def delete(self, _name: str) -> None:
        """Refuses.

        Raises:
            NobodyError: Always.
        """
        raise NobodyError

    def names(self) -> tuple[str, ...]:
        """None."""
        return ()

    def place(self, name: str) -> str:
        """Where that would be."""
        return f"What nobody keeps as {name}"

    def sealed(self, _secret: str) -> str:
        """Refuses.

        Raises:
            NobodyError: Always.
        """
        raise NobodyError

    def opened(self, _kept: str) -> None:
        """Nothing."""

    def alone(self, _name: str, _patience_s: float) -> AbstractContextManager[None]:
        """Holds nobody back."""
        return nullcontext()


def accounts_with(database: Database, name: str) -> tuple[str, ...]:
    """The accounts that keep something under that name."""
    of_name = (DrawerRow.name == name, DrawerRow.owner != _HOST)
    with database.reading() as connection:
        return tuple(connection.execute(select(DrawerRow.owner).where(*of_name).order_by(DrawerRow.owner)).scalars())


def forget_drawer(database: Database, account_id: str) -> None:
    """Deletes everything that is in an account's drawer."""
    with database.writing() as connection:
        connection.execute(delete(DrawerRow).where(DrawerRow.owner == _key_of(account_id)))
        tell(connection, ACCESS, account_id)


def _key_of(account_id: str) -> str:
    if account_id == _HOST:
        raise ValueError("no account has an empty key: that is the host's own")
    return account_id
