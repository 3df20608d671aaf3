"""Work that takes a while, done beside the pages: one job at a time for the account, its state told to whoever asks."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cratewise.errors import CratewiseError
from cratewise.progress import Progress
from cratewise.spotify.errors import LoginRequired, ScopeMissing
from cratewise.web.errors import JobBusyError, explained

logger = logging.getLogger(__name__)

Status = Literal["running", "stopping", "done", "stopped", "failed"]
Result = Mapping[str, object]
Work = Callable[[Progress], Result]

FIRST_ESTIMATE_AFTER_S = 1.0  # the first steps of a stage say little about the rest


class OutdatedError(CratewiseError):
    """A job found the account other than it was read last, so that it has to be read again first."""


class JobStopped(Exception):  # noqa: N818 - not an error: the person asked for it
    """Raised out of a job's progress call, that is between two of its steps, once the person asked it to stop."""


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is, as the pages show it.

    Attributes:
        job_id: Tells this job from every other.
        kind: What it does: "sort", "apply" or "undo".
        run_id: The run it was started for, `None` when it was not for one that was there already.
        status: "running", "stopping" (asked to, at the next step), "done", "stopped" or "failed".
        stage: What it is doing now, as a person would say it.
        done: Steps of the stage that are done.
        total: Steps the stage has, `None` while that is unknown.
        seconds_left: Estimate for the stage, `None` while there is too little to estimate from.
        message: What went wrong when it failed.
        hint: What to do about that.
        is_outdated: Whether it failed because the account has to be read again first.
        login: What has to be asked for at Spotify before it can be repeated: "reading" or "writing"; empty for nothing.
        result: What came out when it is done.
    """

    job_id: str
    kind: str
    run_id: int | None = None
    status: Status = "running"
    stage: str = "Starting"
    done: int = 0
    total: int | None = None
    seconds_left: float | None = None
    message: str = ""
    hint: str = ""
    is_outdated: bool = False
    login: Literal["", "reading", "writing"] = ""
    result: Result | None = None

    @property
    def is_active(self) -> bool:
        """True until the job came to an end of any sort."""
        return self.status in {"running", "stopping"}


class Jobs:
    """Runs one job at a time in a thread of its own and remembers the latest one.

    The thread is a daemon: a server that stops asks the job to stop, waits for it a moment, and leaves. Workflows
    keep what they reported as done, so the next start goes on from there.

    Args:
        on_change: Called, from the job's thread, whenever the state changed.
        clock: Seconds from any fixed point, for the estimate.
    """

    def __init__(self, on_change: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._state: JobState | None = None
        self._stage_began_s = 0.0

    @property
    def latest(self) -> JobState | None:
        """The running job, or the one that ended last, or nothing."""
        return self._state

    def submit(self, kind: str, work: Work, run_id: int | None = None) -> JobState:
        """Starts `work`, perhaps for a run that is there, and returns at once.

        Raises:
            JobBusyError: Another job is still running.
        """
        with self._lock:
            if self._state is not None and self._state.is_active:
                raise JobBusyError(
                    f"“{self._state.stage}” is still running.", hint="Wait until it is done, or stop it, and try again."
                )
            self._stop.clear()
            self._state = state = JobState(job_id=uuid.uuid4().hex, kind=kind, run_id=run_id)
            self._stage_began_s = self._clock()
            self._thread = threading.Thread(target=self._run, args=(work,), name=f"job-{kind}", daemon=True)
            self._thread.start()
        self._on_change()
        return state

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

    def wait(self, timeout_s: float) -> bool:
        """Waits for the running job to end; says whether none is running any more."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return True

    def _run(self, work: Work) -> None:
        try:
            result = work(self._progress)
        except JobStopped:
            self._change(status="stopped", seconds_left=None)
        except CratewiseError as error:
            message, hint, _ = explained(error)
            self._change(
                status="failed",
                message=message,
                hint=hint,
                is_outdated=isinstance(error, OutdatedError),
                login=_login_needed(error),
                seconds_left=None,
            )
        except Exception:  # the edge of a thread: nobody else could tell the person
            logger.exception("a job failed in a way nobody foresaw")
            self._change(
                status="failed",
                message="Something went wrong that should not have.",
                hint="Nothing that was reported as done is lost: try again. The terminal shows the details.",
                seconds_left=None,
            )
        else:
            self._change(status="done", result=result, seconds_left=None)

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise JobStopped
        now_s = self._clock()
        state = self._state
        if state is not None and stage != state.stage:
            self._stage_began_s = now_s
        self._change(stage=stage, done=done, total=total, seconds_left=self._estimate(now_s, done, total))

    def _estimate(self, now_s: float, done: int, total: int | None) -> float | None:
        elapsed_s = now_s - self._stage_began_s
        if not total or not done or elapsed_s < FIRST_ESTIMATE_AFTER_S:
            return None
        return elapsed_s / done * max(total - done, 0)

    def _change(self, **values: object) -> None:
        with self._lock:
            if self._state is not None:
                self._state = replace(self._state, **values)  # type: ignore[arg-type] # the names are those above
        self._on_change()


def _login_needed(error: CratewiseError) -> Literal["", "reading", "writing"]:
    if isinstance(error, ScopeMissing):
        return "writing"
    return "reading" if isinstance(error, LoginRequired) else ""
