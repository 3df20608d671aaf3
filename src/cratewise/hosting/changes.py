"""Hearing of what other processes did: one connection waits for PostgreSQL to say which account has changed."""

import logging
import threading
from collections.abc import Callable, Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from cratewise.library.address import address_from

logger = logging.getLogger(__name__)

_LOOKED_EVERY_S = 1.0
_AGAIN_AFTER_S = 2.0
_ALIVE = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}  # a dead network says nothing


def conninfo(url: str) -> str:
    """The address of the database as PostgreSQL's own library takes it."""
    address: URL = address_from(url)
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


class Changes:
    """Calls a listener with the account that changed, in a thread of its own, until it is stopped.

    After the connection was lost and made anew, each is called with `None`: anything may have changed meanwhile.

    Args:
        url: Address of the database.
        listeners: Who is told, by channel.

    Attributes:
        is_listening: Whether changes are heard of now; else what was read earlier cannot be trusted.
    """

    is_listening = False

    def __init__(self, url: str, listeners: Mapping[str, Callable[[str | None], None]]) -> None:
        self._conninfo = make_conninfo(conninfo(url), **_ALIVE)
        self._listeners = listeners
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="changes", daemon=True)

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listens no longer."""
        self._ended.set()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    for channel in self._listeners:
                        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    self.is_listening = True
                    for listener in self._listeners.values():
                        listener(None)
                    while not self._ended.is_set():
                        for notice in connection.notifies(timeout=_LOOKED_EVERY_S):
                            self._listeners[notice.channel](notice.payload)
            except psycopg.Error as error:
                self.is_listening = False
                logger.warning("nothing is heard of other processes for a moment: %s", type(error).__name__)
                self._ended.wait(_AGAIN_AFTER_S)
