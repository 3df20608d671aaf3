"""Doing what the accounts of a host ordered: in as many processes as there are, each account's jobs one by one."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from cratewise.errors import CratewiseError
from cratewise.hosting.board import Board
from cratewise.hosting.host import Host
from cratewise.hosting.jobs import QueuedJobs
from cratewise.hosting.queue import USUAL, Pace, Queue, QueueWorker
from cratewise.jobs.runner import Jobs
from cratewise.jobs.state import JobBusyError, JobOrder, JobOverError, JobState
from cratewise.web.errors import failure_of
from cratewise.web.schedule import begin_if_due
from cratewise.web.tasks import Tasks

logger = logging.getLogger(__name__)

_LOOKED_EVERY_S = 0.25
_SHOWN_EVERY_S = 0.25
_LOOKED_AT_WITHIN_S = 1.0  # a worker that looks whether something is due has the account to itself for less


class Worker:
    """Does the jobs that the queue delivers.

    Args:
        host: What the accounts share.
        pace: How often lost and due jobs are looked for.
    """

    def __init__(self, host: Host, pace: Pace = USUAL) -> None:
        url = host.settings.library_url
        self._host = host
        self._queue = Queue(url)
        self._taking = QueueWorker(url, self.perform, self.tick, pace)

    def run(self, *, at_once: int, heed_signals: bool = True) -> None:
        """Works until the process is told to end.

        Args:
            at_once: How many accounts are worked for at the same time.
            heed_signals: Whether signals end it; only the main thread can hear them.
        """
        self._host.tidy()
        self._host.classifier  # noqa: B018 - loaded before anybody waits for it
        with self._queue:
            self._taking.run(at_once=at_once, heed_signals=heed_signals)

    def stop(self) -> None:
        """Makes `run` return soon; may be called from any thread."""
        self._taking.stop()

    def perform(self, account_id: str, should_leave: Callable[[], bool]) -> None:
        """Does the account's job, if it has one that has not come to its end.

        Args:
            account_id: The account.
            should_leave: Whether the job has to be left for another worker.
        """
        try:
            with self._host.between_jobs(account_id, _LOOKED_AT_WITHIN_S):
                self._perform(account_id, should_leave)
        except JobBusyError:  # a worker that was taken for dead lives: it goes on
            logger.warning("another worker is still at the job of an account")
        if should_leave():
            self._queue.send(account_id)

    def _perform(self, account_id: str, should_leave: Callable[[], bool]) -> None:
        board = self._host.board
        with self._host.application(account_id) as app:
            shown, journal = _Shown(board, account_id), _BoardJournal(board, account_id)
            perform = Tasks(app, self._host.upload(account_id)).perform
            jobs = Jobs(perform, failure_of, journal, lambda: shown.show(jobs), board.now)
            try:
                state = jobs.take_up()
            except JobOverError:
                return
            if state is None:
                return
            board.show(account_id, state)
            while not jobs.wait(_LOOKED_EVERY_S):
                posted = board.of(account_id)
                if should_leave():
                    shown.is_leaving = True
                    jobs.leave()
                elif posted is not None and posted.shall_stop:
                    jobs.stop()
            ended = jobs.latest
            if ended is not None and not shown.is_leaving:
                board.show(account_id, ended)  # once more, where the database was away when it ended
                fields = {"job": ended.job_id, "kind": ended.kind, "status": ended.status, "problem": ended.message}
                logger.info("job ended", extra={"fields": fields})

    def tick(self) -> None:
        """Delivers what was lost, and begins what is due; while another worker is at it, does nothing."""
        with suppress(TimeoutError), self._host.locks.held("tick"):
            self._look()

    def _look(self) -> None:
        self._host.calls.drop_old(time.time())
        for account_id in self._host.board.active():
            self._queue.send(account_id)
        for account_id in self._host.with_schedules():
            try:
                self._begin_if_due(account_id)
            except JobBusyError:  # its job is under way, or it is being forgotten
                continue
            except CratewiseError as trouble:
                logger.warning("playlists are not kept current: %s", trouble)
            except Exception:  # the edge between two accounts: that of the next is not to wait for this one's
                logger.exception("the playlists of an account are not kept current for a reason that nobody foresaw")

    def _begin_if_due(self, account_id: str) -> None:
        begun: list[str] = []
        jobs = QueuedJobs(account_id, self._host.board, begun.append, asked=False)
        with self._host.between_jobs(account_id), self._host.application(account_id) as app:
            begin_if_due(app, jobs)
        for one in begun:  # only now could a worker do it
            self._queue.send(one)


class _Shown:
    """Shows on the board how a job goes on: each stage and the end at once, the steps between a few times a second."""

    def __init__(self, board: Board, account_id: str) -> None:
        self.is_leaving = False
        self._board = board
        self._account_id = account_id
        self._last: JobState | None = None
        self._shown_s = 0.0

    def show(self, jobs: Jobs) -> None:
        """Shows the newest state, if it is time."""
        state = jobs.latest
        if state is None or (self.is_leaving and not state.is_active):  # it is not at its end: another goes on
            return
        last, now_s = self._last, time.monotonic()
        is_news = last is None or (last.stage, last.status) != (state.stage, state.status)
        if is_news or now_s - self._shown_s >= _SHOWN_EVERY_S:
            self._last, self._shown_s = state, now_s
            try:
                self._board.show(self._account_id, state)
            except CratewiseError as trouble:
                if state.is_active:  # nothing can be kept: the job ends here
                    raise
                logger.warning("the end of a job could not be shown yet: %s", trouble)


class _BoardJournal:
    """The order on the board: it is struck out by showing that the job has come to its end."""

    def __init__(self, board: Board, account_id: str) -> None:
        self._board = board
        self._account_id = account_id

    def begin(self, order: JobOrder) -> None:
        """Notes the attempt, or that it was left.

        Raises:
            JobOverError: It has come to its end meanwhile.
        """
        self._board.attempt(self._account_id, order)

    leave = begin

    def end(self) -> None:
        """Nothing: the state that is shown next says it."""

    def open_order(self) -> JobOrder | None:
        """The order that has not come to its end."""
        posted = self._board.of(self._account_id)
        return posted.order if posted is not None and posted.state.is_active else None
