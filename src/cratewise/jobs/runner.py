"""Does jobs beside the pages, one at a time, and tells whoever asks how far the latest one is."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cratewise.errors import CratewiseError
from cratewise.jobs.state import Failure, JobBusyError, JobOrder, JobState, Journal, Perform, state_of
from cratewise.jobs.uploads import Upload, UploadFolder

logger = logging.getLogger(__name__)

FIRST_ESTIMATE_AFTER_S = 1.0  # the first steps of a stage say little about the rest
GONE_ON_WITH_FOR = timedelta(days=1)
"""How long after it was ordered a job is gone on with unasked: what is older, nobody expects to begin by itself."""
MOST_ATTEMPTS = 3
"""A job that was cut off so often is what ends the program, perhaps; those times don't count that it was told to."""
CUT_OFF = Failure(
    "cratewise ended while this was under way.", "What was done so far is kept. Start again to go on from there."
)


class JobStopped(Exception):  # noqa: N818 - not an error: the person asked for it
    """Raised out of a job's progress call, that is between two of its steps, once it was asked to stop."""


class Jobs:
    """Runs one job at a time in a thread of its own and remembers the latest one.

    The thread is a daemon: a server that stops asks the job to stop, waits for it a moment, and leaves. Workflows
    keep what they reported as done, and the journal keeps the order, so the next process goes on from there.

    Args:
        perform: Does what is ordered.
        explain: Puts an error into words for the person.
        journal: Where the order under way is written down.
        on_change: Called, from the job's thread, whenever the state changed.
        now: The time (UTC), by the same clock that orders are dated by.
        clock: Seconds from any fixed point, for the estimate.
        uploads: Keeps the files that come with orders; `None` where none do.
    """

    def __init__(
        self,
        perform: Perform,
        explain: Callable[[CratewiseError], Failure],
        journal: Journal,
        on_change: Callable[[], None],
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        uploads: UploadFolder | None = None,
    ) -> None:
        self._perform = perform
        self._explain = explain
        self._journal = journal
        self._on_change = on_change
        self._now = now
        self._clock = clock
        self._uploads = uploads
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._is_leaving = False
        self._thread: threading.Thread | None = None
        self._state: JobState | None = None
        self._stage_began_s, self._stage_began_at = 0.0, 0

    @property
    def latest(self) -> JobState | None:
        """The running job, or the one that ended last, or nothing."""
        return self._state

    def submit(self, kind: str, upload: Upload | None = None, **arguments: Any) -> JobState:
        """Begins a job and returns at once; see `JobDesk`."""
        return self._begin(JobOrder(uuid.uuid4().hex, kind, self._now(), arguments), upload)

    def take_up(self) -> JobState | None:
        """Goes on with the job that an earlier process left under way; one that is too old counts as cut off.

        Raises:
            JobOverError: It came to its end while it was looked at.
            CratewiseError: The journal cannot be read.
        """
        order = self._journal.open_order()
        if order is None:
            return None
        if order.attempt - order.left >= MOST_ATTEMPTS or abs(self._now() - order.ordered_at) >= GONE_ON_WITH_FOR:
            self._journal.end()
            self._drop_upload(order)
            self._state = replace(state_of(order), status="failed", message=CUT_OFF.message, hint=CUT_OFF.hint)
            return self._state
        return self._begin(replace(order, attempt=order.attempt + 1))

    def forget(self) -> None:
        """Forgets the job that ended last, as when what it failed for is mended."""
        with self._lock:
            if self._state is not None and not self._state.is_active:
                self._state = None

    def stop(self) -> None:
        """Asks the running job to end at its next step; without one, does nothing."""
        with self._lock:
            if self._state is None or not self._state.is_active:
                return
            self._stop.set()
            self._state = replace(self._state, status="stopping")
        self._on_change()

    def leave(self) -> None:
        """Asks the running job to end at its next step, for the next process to go on with; no other is begun."""
        with self._lock:
            self._is_leaving = True
        self.stop()

    def wait(self, timeout_s: float) -> bool:
        """Waits for the running job to end; says whether none is running any more."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return True

    def _begin(self, order: JobOrder, upload: Upload | None = None) -> JobState:
        with self._lock:
            if self._is_leaving:
                raise JobBusyError("cratewise is being stopped.", hint="Start it again, then repeat this.")
            if self._state is not None and self._state.is_active:
                raise JobBusyError(
                    f"“{self._state.stage}” is still running.", hint="Wait until it is done, or stop it, and try again."
                )
            self._keep(order, upload)
            self._stop.clear()
            self._state = state = state_of(order)
            self._stage_began_s = self._clock()
            self._thread = threading.Thread(target=self._run, args=(order,), name=f"job-{order.kind}", daemon=True)
            self._thread.start()
        self._on_change()
        return state

    def _keep(self, order: JobOrder, upload: Upload | None) -> None:
        if upload is not None:
            if self._uploads is None:
                raise ValueError("there is nowhere to keep a file")
            self._uploads.keep(order.job_id, upload)
        try:
            self._journal.begin(order)
        except CratewiseError:
            if upload is not None:
                self._drop_upload(order)
            raise

    def _drop_upload(self, order: JobOrder) -> None:
        if self._uploads is not None:
            self._uploads.delete(order.job_id)

    def _run(self, order: JobOrder) -> None:
        try:
            result = self._perform(order, self._progress)
        except JobStopped:
            if self._is_leaving:
                self._leave(order)
                return
            self._end(order, status="stopped")
        except CratewiseError as error:
            failure = self._explain(error)
            self._end(
                order,
                status="failed",
                message=failure.message,
                hint=failure.hint,
                is_outdated=failure.is_outdated,
                login=failure.login,
            )
        except Exception:  # the edge of a thread: nobody else could tell the person
            logger.exception("a job failed in a way nobody foresaw")
            self._end(
                order,
                status="failed",
                message="Something went wrong that should not have.",
                hint="Nothing that was reported as done is lost: try again. The terminal shows the details.",
            )
        else:
            self._end(order, status="done", result=result)

    def _leave(self, order: JobOrder) -> None:
        try:
            self._journal.leave(replace(order, left=order.left + 1))
        except CratewiseError as error:  # it is written down as begun, and gone on with as after a kill
            logger.warning("that a job is left could not be written down: %s", error)
        self._change(status="stopped", seconds_left=None)

    def _end(self, order: JobOrder, **values: object) -> None:
        try:
            self._journal.end()
        except CratewiseError as error:  # it ended all the same; the next process looks what is left of it to do
            logger.warning("the end of a job could not be written down: %s", error)
        self._drop_upload(order)
        self._change(**values, seconds_left=None)

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise JobStopped
        now_s = self._clock()
        state = self._state
        if state is not None and stage != state.stage:
            self._stage_began_s, self._stage_began_at = now_s, done  # which is more than 0 where it goes on
        self._change(stage=stage, done=done, total=total, seconds_left=self._estimate(now_s, done, total))

    def _estimate(self, now_s: float, done: int, total: int | None) -> float | None:
        elapsed_s, newly_done = now_s - self._stage_began_s, done - self._stage_began_at
        if not total or newly_done <= 0 or elapsed_s < FIRST_ESTIMATE_AFTER_S:
            return None
        return elapsed_s / newly_done * max(total - done, 0)

    def _change(self, **values: object) -> None:
        with self._lock:
            if self._state is not None:
                self._state = replace(self._state, **values)  # type: ignore[arg-type] # the names are those above
        self._on_change()
