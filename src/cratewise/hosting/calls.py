"""How many calls the whole host made in the last 24 hours: Spotify counts them for its app, whoever they were for."""

import json

from sqlalchemy import delete, func, insert, select

from cratewise.drawer import Drawer
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


_WAIT = "spotify-wait.json"


class SharedHold:
    """Until when Spotify asked any process of the host to wait: it counts the calls of the app, not of a process.

    Args:
        drawer: The host's.
    """

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer

    def ends_at_s(self) -> float:
        """The end, in seconds since 1970; 0 where nobody has to wait."""
        try:
            return float(json.loads(self._drawer.read(_WAIT) or b"0"))
        except (ValueError, TypeError):
            return 0.0

    def extend(self, ends_at_s: float) -> None:
        """Makes every process wait until then, if they don't longer already."""
        if ends_at_s > self.ends_at_s():
            self._drawer.write(_WAIT, json.dumps(ends_at_s).encode())

    def waited(self, ends_at_s: float, now_s: float) -> None:
        """Nothing: all go by one clock, which is not set back."""
