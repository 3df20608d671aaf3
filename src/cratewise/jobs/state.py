"""What a job is: what was ordered, how far it is, and where that is written down. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from cratewise.errors import CratewiseError
from cratewise.jobs.uploads import Upload
from cratewise.progress import Progress

Status = Literal["running", "stopping", "done", "stopped", "failed"]
Result = Mapping[str, object]


class JobBusyError(CratewiseError):
    """A job was asked for while another one runs."""


class NobodyError(CratewiseError):
    """A job was asked for in the name of somebody who is not logged in, or not any more."""

    def __init__(self) -> None:
        super().__init__("Nobody is logged in in this browser any more.", hint="Load the page again, and log in.")


class JobOverError(CratewiseError):
    """A job was to be begun that has come to its end meanwhile."""


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What somebody wants done: enough to begin it again in another process.

    Attributes:
        job_id: Tells this job from every other.
        kind: What it does: "sort", "apply", "undo" and so on.
        ordered_at: When (UTC).
        arguments: What it needs to know, as JSON can hold it.
        attempt: How often it was begun, this time included; more than once where the program ended while it ran.
        left: How many of these times the program was told to end, and left it for the next process.
    """

    job_id: str
    kind: str
    ordered_at: datetime
    arguments: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    left: int = 0


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is, as the pages show it.

    Attributes:
        job_id: Tells this job from every other.
        kind: What it does: "sort", "apply", "undo" and so on.
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


def state_of(order: JobOrder, stage: str = "Starting") -> JobState:
    """The state of a job that was just ordered."""
    return JobState(order.job_id, order.kind, order.arguments.get("run_id"), stage=stage)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed, for the person; see the fields of `JobState`."""

    message: str
    hint: str
    is_outdated: bool = False
    login: Literal["", "reading", "writing"] = ""


Perform = Callable[[JobOrder, Progress], Result]
"""Does what was ordered, from the beginning or where an earlier attempt ended, and says what came out."""


class JobDesk(Protocol):
    """Where the jobs of an account are ordered, one at a time, wherever they are done."""

    @property
    def latest(self) -> JobState | None:
        """The running job, or the one that ended last, or nothing."""

    def submit(self, kind: str, upload: Upload | None = None, **arguments: Any) -> JobState:
        """Orders a job and returns at once.

        Args:
            kind: What is to be done.
            upload: The file that it is to be done with; it is kept until the job has ended.
            arguments: What it needs to know, as JSON can hold it; `run_id` where it is for a run that is there.

        Raises:
            JobBusyError: Another job is still running.
            NobodyError: Nobody is logged in to the account any more.
            CratewiseError: It cannot be written down; nothing is begun.
        """

    def forget(self) -> None:
        """Forgets the job that ended last, as when what it failed for is mended."""

    def stop(self) -> None:
        """Asks the running job to end at its next step; without one, does nothing."""


class Journal(Protocol):
    """Where the job under way is written down, for a process that comes after this one."""

    def begin(self, order: JobOrder) -> None:
        """Writes an order down, before it is begun, in the place of the one before it.

        Raises:
            JobOverError: It came to its end meanwhile.
            CratewiseError: It cannot be written.
        """

    def leave(self, order: JobOrder) -> None:
        """Writes an order down that this process leaves for the next one.

        Raises:
            CratewiseError: It cannot be written.
        """

    def end(self) -> None:
        """Strikes the order out: it came to an end of any sort."""

    def open_order(self) -> JobOrder | None:
        """The order that was begun and came to no end."""
