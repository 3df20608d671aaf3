"""How many calls the whole host made in the last 24 hours: Spotify counts them for its app, whoever they were for."""

from sqlalchemy import delete, func, insert, select

from cratewise.library.database import Database
from cratewise.library.tables import CallRow
from cratewise.spotify.budget import DAY_S


class CallTable:
    """Remembers in the database when calls were made.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, at_s: float) -> None:
        """Counts a call made at this time, in seconds since 1970."""
        with self._database.noting() as connection:
            connection.execute(insert(CallRow), {"at_s": at_s})

    def count(self, now_s: float) -> int:
        """Calls of the last 24 hours."""
        of_day = (CallRow.at_s > now_s - DAY_S, CallRow.at_s <= now_s)
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(CallRow).where(*of_day)).scalar_one()

    def drop_old(self, now_s: float) -> None:
        """Forgets the calls that no longer count."""
        with self._database.noting() as connection:
            connection.execute(delete(CallRow).where(CallRow.at_s <= now_s - DAY_S))
