"""The queue in PostgreSQL (procrastinate): which accounts have a job for a worker to do.

The queue only delivers: what is to be done, and whether it still is, stands on the board. A job that is delivered
twice is done once, and one whose delivery was lost is delivered again by the next tick.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from cratewise.errors import LibraryError
from cratewise.hosting.changes import conninfo
from cratewise.library.postgresql import TABLES_TURN

logger = logging.getLogger(__name__)

QUEUE, TICKS = "accounts", "ticks"

_JOB, _TICK = "cratewise.job", "cratewise.tick"
_LEAVE_WITHIN_S = 0.1
_AGAIN_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are looked at.

    Attributes:
        tick: When lost and due jobs are looked for, as cron says it; the sixth field are seconds.
        beat_every_s: Seconds between two signs of life of a worker.
        stalled_after_s: Seconds without one after which others do its jobs.
    """

    tick: str = "* * * * * */15"
    beat_every_s: float = 5.0
    stalled_after_s: float = 30.0


USUAL = Pace()

Perform = Callable[[str, Callable[[], bool]], None]
"""Does the job of an account, and leaves it for others as soon as it is told to."""


class Queue:
    """Sends the accounts that have a job to the workers; a context manager.

    Args:
        url: Address of the database.
    """

    def __init__(self, url: str) -> None:
        self._conninfo = conninfo(url)
        self._app = App(connector=SyncPsycopgConnector(conninfo=self._conninfo, min_size=1))

    def send(self, account_id: str) -> None:
        """Sends an account; one that waits already is not sent twice, and none is delivered to two at once."""
        try:
            with suppress(AlreadyEnqueued):
                job = self._app.configure_task(_JOB, queue=QUEUE, lock=account_id, queueing_lock=account_id)
                job.defer(account_id=account_id)
        except ConnectorException as error:
            logger.warning("the queue cannot be reached; the next tick sends again: %s", error)

    def open(self) -> None:
        """Connects, and makes the tables of the queue where they are missing.

        Raises:
            LibraryError: That cannot be done.
        """
        try:
            self._app.open()
            if not self._app.check_connection():
                self._make_tables()
        except (ConnectorException, psycopg.Error) as error:
            raise LibraryError(f"The queue's tables cannot be made: {error.__cause__ or error}.") from error

    def close(self) -> None:
        """Closes the connections."""
        self._app.close()

    def _make_tables(self) -> None:
        """Makes them as a whole; of processes that start at one moment, one does."""
        with psycopg.connect(self._conninfo) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [TABLES_TURN])
            if not self._app.check_connection():
                connection.execute(self._app.schema_manager.get_schema().encode())

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class QueueWorker:
    """Takes accounts from the queue.

    Args:
        url: Address of the database.
        perform: Does the job of an account.
        tick: Looks for lost and due jobs; it is called by one worker of all.
        pace: How often that is.
    """

    def __init__(self, url: str, perform: Perform, tick: Callable[[], None], pace: Pace) -> None:
        self._pace = pace
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None
        self._is_stopping = False
        self._app = App(connector=PsycopgConnector(conninfo=conninfo(url), min_size=1))
        self._perform = perform
        self._tick_of_host = tick
        self._app.task(name=_JOB, queue=QUEUE, pass_context=True)(self._do)
        # without a lock: that of a worker that died in it would keep everybody else from finding out
        tick_task = self._app.task(name=_TICK, queue=TICKS, queueing_lock=_TICK)(self._tick)
        # each machine ticks for itself: one whose clock is ahead would have ticked for the others already
        self._app.periodic(cron=pace.tick, periodic_id=socket.gethostname())(tick_task)

    def run(self, *, at_once: int, heed_signals: bool = True) -> None:
        """Does jobs until the process is told to end (SIGTERM, Ctrl+C); those under way are left to others.

        Args:
            at_once: How many accounts are worked for at the same time.
            heed_signals: Whether signals end it; only the main thread can hear them.
        """
        asyncio.run(self._run(at_once, heed_signals=heed_signals))

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end."""
        return self._is_stopping

    def stop(self) -> None:
        """Makes `run` return soon; may be called from any thread."""
        self._is_stopping = True
        if (running := self._running) is not None:
            loop, task = running
            loop.call_soon_threadsafe(task.cancel)

    async def _run(self, at_once: int, *, heed_signals: bool) -> None:
        if heed_signals:
            for one in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(one, self.stop)
        while not self._is_stopping:
            try:
                await self._take(at_once)
                if not self._is_stopping:
                    logger.warning("the queue was lost, and is connected to anew")
            except ConnectorException as error:
                what = type(error.__cause__ or error).__name__
                logger.warning("the queue cannot be reached, and is connected to anew: %s", what)
            if not self._is_stopping:
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _take(self, at_once: int) -> None:
        """Takes accounts until it is told to end, or the database goes away."""
        async with self._app.open_async():
            ticks = self._taking(TICKS, 1)  # beside the jobs, which may leave it no place
            work = self._taking(QUEUE, at_once)
            self._running = (asyncio.get_running_loop(), work)
            try:
                await asyncio.wait((work, ticks), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in (work, ticks):
                    one.cancel()
                ended = await asyncio.gather(work, ticks, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    def _taking(self, queue: str, at_once: int) -> "asyncio.Task[None]":
        return asyncio.create_task(
            self._app.run_worker_async(
                queues=[queue],
                concurrency=at_once,
                delete_jobs="always",
                shutdown_graceful_timeout=_LEAVE_WITHIN_S,
                update_heartbeat_interval=self._pace.beat_every_s,
                stalled_worker_timeout=self._pace.stalled_after_s,
                install_signal_handlers=False,
            )
        )

    def _do(self, context: JobContext, account_id: str) -> None:
        self._perform(account_id, context.should_abort)

    async def _tick(self, timestamp: int) -> None:
        jobs = self._app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=self._pace.stalled_after_s):
            await jobs.finish_job(job, Status.FAILED, delete_job=True)  # lets go of its lock
        await asyncio.to_thread(self._tick_of_host)
