"""One account's jobs, ordered here and done by a worker anywhere; the same face as jobs in this process have."""

import uuid
from collections.abc import Callable
from typing import Any

from cratewise.hosting.board import Board
from cratewise.jobs.state import JobOrder, JobState, state_of
from cratewise.jobs.uploads import Upload

WAITING = "Waiting for its turn"


class QueuedJobs:
    """Orders jobs for one account, one at a time.

    Args:
        account_id: The account.
        board: Where they are posted.
        send: Tells the workers that the account has a job.
        asked: Whether the jobs are asked for by somebody who is logged in, and not begun by themselves.
    """

    def __init__(self, account_id: str, board: Board, send: Callable[[str], None], *, asked: bool = True) -> None:
        self._account_id = account_id
        self._board = board
        self._send = send
        self._asked = asked

    @property
    def latest(self) -> JobState | None:
        """The running job, or the one that ended last, or nothing."""
        posted = self._board.of(self._account_id)
        return None if posted is None else posted.state

    def submit(self, kind: str, upload: Upload | None = None, **arguments: Any) -> JobState:
        """Posts a job and returns at once.

        Raises:
            JobBusyError: Another job of the account has not come to its end.
            NobodyError: Nobody is logged in to the account any more.
            LibraryError: It cannot be posted; nothing is begun.
        """
        order = JobOrder(uuid.uuid4().hex, kind, self._board.now(), arguments, attempt=0)
        state = state_of(order, WAITING)
        self._board.post(self._account_id, order, state, upload, asked=self._asked)
        self._send(self._account_id)  # where this fails, the next tick sends it
        return state

    def forget(self) -> None:
        """Forgets the job that ended last."""
        self._board.forget(self._account_id)

    def stop(self) -> None:
        """Asks the running job to end at its next step; without one, does nothing."""
        self._board.ask_to_stop(self._account_id)
