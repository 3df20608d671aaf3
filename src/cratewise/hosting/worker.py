"""Doing what the accounts of a host ordered: in as many processes as there are, each account's jobs one by one."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from cratewise.errors import CratewiseError, LibraryAwayError
from cratewise.hosting.attempt import BoardJournal, GuardedCalls, Shown, Work
from cratewise.hosting.drawers import Held
from cratewise.hosting.host import Host
from cratewise.hosting.jobs import QueuedJobs
from cratewise.hosting.queue import USUAL, Pace, Queue, QueueWorker
from cratewise.jobs.runner import Jobs
from cratewise.jobs.state import JobBusyError, JobOverError, JobState
from cratewise.web.errors import failure_of
from cratewise.web.schedule import begin_if_due
from cratewise.web.tasks import Tasks

logger = logging.getLogger(__name__)

_LOOKED_EVERY_S = 0.25
_AGAIN_AFTER_S = 0.5
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
            with self._host.between_jobs(account_id, _LOOKED_AT_WITHIN_S) as lock:
                self._perform(account_id, lock, should_leave)
        except JobBusyError:  # a worker that was taken for dead lives: it goes on
            logger.warning("another worker is still at the job of an account")
        except LibraryAwayError as trouble:
            logger.warning("a job has to wait for its database: %s", trouble)
        if should_leave():
            self._queue.send(account_id)

    def _perform(self, account_id: str, lock: Held, should_leave: Callable[[], bool]) -> None:
        board, calls = self._host.board, GuardedCalls(self._host.calls, lock)
        with self._host.application(account_id, calls=calls) as app:
            journal = BoardJournal(board, account_id)
            tasks = Tasks(app, self._host.upload(account_id))
            work = Work(tasks.perform, lock, lambda: jobs.leave())  # noqa: PLW0108 (it is made next)
            shown = Shown(board.apart(), account_id, journal, work)
            jobs = Jobs(work.perform, failure_of, journal, lambda: shown.show(jobs), board.now)
            try:
                self._see_through(account_id, jobs, work, should_leave)
            except JobOverError:
                return
            except LibraryAwayError as trouble:
                logger.warning("the database went away during a job, which is left for now: %s", trouble)
            finally:  # whatever happened, what its thread uses stays open until that has ended
                work.leave()
                while not jobs.wait(_LOOKED_EVERY_S):
                    pass
        self._tell_end(account_id, jobs.latest, journal)

    def _see_through(self, account_id: str, jobs: Jobs, work: Work, should_leave: Callable[[], bool]) -> None:
        """Begins the account's job, and returns when it has ended or has to be left."""
        if jobs.take_up() is None:
            return
        while not jobs.wait(_LOOKED_EVERY_S):
            posted = self._host.board.of(account_id)
            if should_leave() or not work.may_go_on():
                return
            if posted is not None and posted.shall_stop:
                jobs.stop()

    def _tell_end(self, account_id: str, ended: JobState | None, journal: BoardJournal) -> None:
        """Writes down that a job was left or has ended; where the database is away, when it is back."""
        if ended is None:
            return
        while True:
            try:
                if journal.left is not None:
                    self._host.board.leave(account_id, journal.left)
                else:
                    self._host.board.show(account_id, ended, journal.attempt)
                break
            except JobOverError:  # somebody else is at it, or it was forgotten
                return
            except LibraryAwayError as trouble:
                if self._taking.is_stopping:  # then it is gone on with as after a kill
                    logger.warning("the end of a job could not be written down: %s", trouble)
                    return
                time.sleep(_AGAIN_AFTER_S)
        if journal.left is None:
            fields = {"job": ended.job_id, "kind": ended.kind, "status": ended.status, "problem": ended.message}
            logger.info("job ended", extra={"fields": fields})

    def tick(self) -> None:
        """Delivers what was lost, and begins what is due; while another worker is at it, only tidies up.

        While the database is away, nothing is done: there is another tick after this one.
        """
        try:
            self._host.tidy()
            with suppress(TimeoutError), self._host.locks.held("tick"):
                self._look()
        except LibraryAwayError as trouble:
            logger.warning("what is lost or due is looked for again with the next tick: %s", trouble)

    def _look(self) -> None:
        self._host.calls.drop_old(self._host.now.now_s())
        for account_id in self._host.board.active():
            self._queue.send(account_id)
        for account_id in self._host.with_schedules():
            try:
                self._begin_if_due(account_id)
            except JobBusyError:  # its job is under way, or it is being forgotten
                continue
            except LibraryAwayError:  # nothing can be done for the others either
                raise
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
