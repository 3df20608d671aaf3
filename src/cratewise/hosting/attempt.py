"""One attempt of a worker at an account's job: it goes on only as long as the worker holds the account's lock.

The lock is a connection, and is lost with it, as when the database is restarted. So the database is asked before each
step and before each call: another worker may be at the job from the moment that it is back.
"""

import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from cratewise.errors import CratewiseError, LibraryAwayError
from cratewise.hosting.board import Board
from cratewise.hosting.drawers import Held
from cratewise.jobs.runner import Jobs, JobStopped
from cratewise.jobs.state import JobOrder, JobState, Perform, Result
from cratewise.progress import Progress
from cratewise.spotify.budget import CallLog

logger = logging.getLogger(__name__)

_SHOWN_EVERY_S = 0.25


class Work:
    """Does what is ordered, and leaves it for later where the database goes away.

    Args:
        perform: Does it.
        lock: The account's.
        leave: Asks the job to end at its next step, for another attempt to go on with.

    Attributes:
        is_leaving: Whether it was asked to.
    """

    def __init__(self, perform: Perform, lock: Held, leave: Callable[[], None]) -> None:
        self.is_leaving = False
        self._perform = perform
        self._lock = lock
        self._leave = leave

    def leave(self) -> None:
        """Has the job end at its next step."""
        self.is_leaving = True
        self._leave()

    def may_go_on(self) -> bool:
        """Whether no other worker can be at the job."""
        return self._lock.lasts()

    def perform(self, order: JobOrder, progress: Progress) -> Result:
        """Does what is ordered.

        Raises:
            JobStopped: It is to be left.
            CratewiseError: It failed for another reason than that the database went away.
        """

        def guarded(stage: str, done: int, total: int | None) -> None:
            check(self._lock)
            progress(stage, done, total)

        try:
            return self._perform(order, guarded)
        except (CratewiseError, SQLAlchemyError) as error:
            if not isinstance(error, LibraryAwayError) and self._lock.lasts():
                raise
            logger.warning("the database went away during a job, which is left for now: %s", type(error).__name__)
            self.leave()
            raise JobStopped from error


class GuardedCalls:
    """Counts the calls of a job, and lets none be sent once another worker may be at it.

    Args:
        calls: Where they are counted.
        lock: The account's.
    """

    def __init__(self, calls: CallLog, lock: Held) -> None:
        self._calls = calls
        self._lock = lock

    def add(self, at_s: float) -> None:
        """Counts a call made at this time, in seconds since 1970.

        Raises:
            LibraryAwayError: It may not be sent.
        """
        self._calls.add(at_s)
        check(self._lock)

    def count(self, now_s: float) -> int:
        """Calls of the last 24 hours."""
        return self._calls.count(now_s)


def check(lock: Held) -> None:
    """Makes sure that a lock is still held.

    Raises:
        LibraryAwayError: It was lost.
    """
    if not lock.lasts():
        raise LibraryAwayError("The database was away, and with it the lock of the account.")


class BoardJournal:
    """The order on the board: it is struck out by showing that the job has come to its end.

    Args:
        board: The board.
        account_id: Whose job it is.

    Attributes:
        attempt: Which attempt at it this is.
        left: The order, once it was left; it has to be written down then.
    """

    def __init__(self, board: Board, account_id: str) -> None:
        self.attempt = 0
        self.left: JobOrder | None = None
        self._board = board
        self._account_id = account_id

    def begin(self, order: JobOrder) -> None:
        """Notes the attempt.

        Raises:
            JobOverError: It has come to its end meanwhile, or somebody else is at it.
        """
        self._board.attempt(self._account_id, order)
        self.attempt = order.attempt

    def leave(self, order: JobOrder) -> None:
        """Remembers that it was left: the database may be away."""
        self.left = order

    def end(self) -> None:
        """Nothing: the state that is shown next says it."""

    def open_order(self) -> JobOrder | None:
        """The order that has not come to its end."""
        posted = self._board.of(self._account_id)
        if posted is None or not posted.state.is_active:
            return None
        self.attempt = posted.order.attempt
        return posted.order


class Shown:
    """Shows on the board how a job goes on: each stage and the end at once, the steps between a few times a second.

    Args:
        board: The board.
        account_id: Whose job it is.
        journal: Says which attempt it is.
        work: Says whether the job is being left: that is no end.
    """

    def __init__(self, board: Board, account_id: str, journal: BoardJournal, work: Work) -> None:
        self._board = board
        self._account_id = account_id
        self._journal = journal
        self._work = work
        self._last: JobState | None = None
        self._shown_s = 0.0

    def show(self, jobs: Jobs) -> None:
        """Shows the newest state, if it is time."""
        state = jobs.latest
        if state is None or self._work.is_leaving:
            return
        last, now_s = self._last, time.monotonic()
        is_news = last is None or (last.stage, last.status) != (state.stage, state.status)
        if is_news or now_s - self._shown_s >= _SHOWN_EVERY_S:
            self._last, self._shown_s = state, now_s
            try:
                self._board.show(self._account_id, state, self._journal.attempt)
            except CratewiseError as trouble:
                if state.is_active:  # nothing can be kept: the job ends here
                    raise
                logger.warning("the end of a job could not be shown yet: %s", type(trouble).__name__)
