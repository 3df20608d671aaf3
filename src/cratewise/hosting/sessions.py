"""Which browser is logged in to which account."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from cratewise.hosting.notices import ACCESS, tell
from cratewise.library.database import Database
from cratewise.library.tables import SessionRow
from cratewise.web.connect import SESSION_LIFE_S

LIFE = timedelta(seconds=SESSION_LIFE_S)


class SessionStore:
    """Begins and ends sessions. What a cookie holds is kept nowhere, only its hash: a copy of the database opens none.

    Args:
        database: Where they are kept.
        now: The time (UTC).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def begin(self, account_id: str) -> str:
        """Begins a session of 30 days, and gives what the browser's cookie has to hold."""
        token = secrets.token_urlsafe(32)
        now = self._now()
        row = {"session": _hash(token), "account_id": account_id, "began_at": now, "ends_at": now + LIFE}
        with self._database.noting() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.ends_at <= now))
            connection.execute(insert(SessionRow), row)
        return token

    def account_of(self, token: str) -> str | None:
        """Whose session a cookie is of; `None` where it is of none, or of one that has ended."""
        if not token:
            return None
        of_token = (SessionRow.session == _hash(token), SessionRow.ends_at > self._now())
        with self._database.reading() as connection:
            return connection.execute(select(SessionRow.account_id).where(*of_token)).scalar()

    def end(self, token: str) -> None:
        """Ends one session, and the streams of its tabs with it, at every process."""
        of_token = delete(SessionRow).where(SessionRow.session == _hash(token)).returning(SessionRow.account_id)
        with self._database.noting() as connection:
            if (account_id := connection.execute(of_token).scalar()) is not None:
                tell(connection, ACCESS, account_id)

    def end_all(self, account_id: str) -> None:
        """Ends every session of an account, and the streams with them."""
        with self._database.noting() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.account_id == account_id))
            tell(connection, ACCESS, account_id)


def holds_sessions(connection: Connection, account_id: str) -> bool:
    """Whether anybody is logged in to the account; nobody is logged out before the transaction ends."""
    sessions = select(SessionRow.session).where(SessionRow.account_id == account_id)
    return connection.execute(sessions.with_for_update(read=True)).first() is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
