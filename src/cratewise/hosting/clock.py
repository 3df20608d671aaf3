"""One time for every process of a host: the database's, whatever the clocks of their machines say."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from cratewise.errors import CratewiseError

logger = logging.getLogger(__name__)

_ASKED_EVERY_S = 60.0
_TELLING = timedelta(minutes=1)
"""How far a machine's clock may be off before the log says so."""


class SharedClock:
    """This machine's clock, corrected by how far it is off the database's, which is asked once a minute.

    While the database is away, it is off as far as it was before.

    Args:
        ask: The database's time (UTC).
        own: This machine's time (UTC).
        elapsed_s: Seconds since whenever, by a clock that nobody sets.
    """

    def __init__(
        self,
        ask: Callable[[], datetime],
        own: Callable[[], datetime],
        elapsed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._own = own
        self._elapsed_s = elapsed_s
        self._asked_s = self._elapsed_s()
        self._behind = self._look()
        if abs(self._behind) > _TELLING:
            logger.warning("this machine's clock is %s off the database's, which counts", abs(self._behind))

    def __call__(self) -> datetime:
        """The time (UTC)."""
        if self._elapsed_s() - self._asked_s >= _ASKED_EVERY_S:
            self._asked_s = self._elapsed_s()
            try:
                self._behind = self._look()
            except CratewiseError as trouble:
                logger.debug("the database's time is not known at the moment: %s", trouble)
        return self._own() + self._behind

    def now_s(self) -> float:
        """The time in seconds since 1970."""
        return self().timestamp()

    def _look(self) -> timedelta:
        before = self._own()
        there = self._ask()
        return there - (before + (self._own() - before) / 2)
