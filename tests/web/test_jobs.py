import threading
from collections.abc import Iterator

import pytest

from cratewise.errors import SpotifyError
from cratewise.progress import Progress
from cratewise.web.errors import JobBusyError
from cratewise.web.jobs import Jobs, JobState, Result

PATIENCE_S = 10.0


class Clock:
    """Shows the time it was set to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


class Gate:
    """Holds a job at its steps, so that a test sees it running."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def work(self, progress: Progress) -> Result:
        """Takes a step, waits for the gate, takes another."""
        progress("Waiting", 1, 4)
        self.reached.set()
        assert self.opened.wait(PATIENCE_S)
        progress("Waiting", 2, 4)
        return {"next": "/there"}


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at 0."""
    return Clock()


@pytest.fixture
def seen() -> list[JobState | None]:
    """Every state that was told."""
    return []


@pytest.fixture
def jobs(clock: Clock, seen: list[JobState | None]) -> Jobs:
    """Jobs that tell `seen`."""
    told = Jobs(lambda: seen.append(told.latest), clock)
    return told


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that is open in the end, whatever happens."""
    gate = Gate()
    yield gate
    gate.opened.set()


def latest(jobs: Jobs) -> JobState:
    """The state after the job has ended."""
    assert jobs.wait(PATIENCE_S)
    assert jobs.latest is not None
    return jobs.latest


def test_a_job_tells_how_far_it_is_and_what_came_out(jobs: Jobs, gate: Gate, seen: list[JobState | None]) -> None:
    """Stage, count and end reach whoever listens, and the result stays readable."""
    jobs.submit("sort", gate.work)
    assert gate.reached.wait(PATIENCE_S)
    assert jobs.latest is not None
    assert (jobs.latest.stage, jobs.latest.done, jobs.latest.total) == ("Waiting", 1, 4)
    gate.opened.set()
    ended = latest(jobs)
    assert (ended.status, ended.result) == ("done", {"next": "/there"})
    assert [(state.status, state.done) for state in seen if state][-2:] == [("running", 2), ("done", 2)]


def test_only_one_job_runs_at_a_time(jobs: Jobs, gate: Gate) -> None:
    """A second job is refused with what to do, until the first has ended."""
    jobs.submit("sort", gate.work)
    with pytest.raises(JobBusyError) as refusal:
        jobs.submit("apply", lambda progress: {})
    assert refusal.value.hint
    gate.opened.set()
    assert latest(jobs).status == "done"
    assert jobs.submit("apply", lambda progress: {}).kind == "apply"
    assert latest(jobs).status == "done"


def test_a_stop_ends_a_job_at_its_next_step(jobs: Jobs, gate: Gate) -> None:
    """Being asked to stop is shown at once, and obeyed between two steps."""
    jobs.submit("sort", gate.work)
    assert gate.reached.wait(PATIENCE_S)
    jobs.stop()
    assert jobs.latest is not None
    assert jobs.latest.status == "stopping"
    gate.opened.set()
    assert (latest(jobs).status, latest(jobs).done) == ("stopped", 1)


def test_a_stop_without_a_job_does_nothing(jobs: Jobs) -> None:
    """A second tab may press stop when the job has just ended."""
    jobs.stop()
    assert jobs.latest is None
    jobs.submit("sort", lambda progress: {})
    assert latest(jobs).status == "done"
    jobs.stop()
    assert latest(jobs).status == "done"


def test_a_failure_keeps_its_message_and_hint(jobs: Jobs) -> None:
    """What a workflow raises on purpose is shown as it is."""

    def fail(progress: Progress) -> Result:
        raise SpotifyError("Spotify said no.", hint="Log in again.")

    jobs.submit("sort", fail)
    failed = latest(jobs)
    assert (failed.status, failed.message, failed.hint) == ("failed", "Spotify said no.", "Log in again.")


def test_an_unforeseen_failure_shows_no_innards(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    """A bug ends the job with a sentence for the person and the details in the log."""

    def fail(progress: Progress) -> Result:
        raise ZeroDivisionError("secret innards")

    jobs.submit("sort", fail)
    failed = latest(jobs)
    assert failed.status == "failed"
    assert "innards" not in failed.message + failed.hint
    assert "secret innards" in caplog.text


def test_the_time_left_is_estimated_from_the_stage(jobs: Jobs, clock: Clock, seen: list[JobState | None]) -> None:
    """Nothing is guessed from the first moment; after that the stage's own pace counts, not the one before it."""

    def work(progress: Progress) -> Result:
        progress("Reading", 0, 100)
        clock.now_s = 0.5
        progress("Reading", 10, 100)
        clock.now_s = 10.0
        progress("Reading", 25, 100)
        progress("Sorting", 0, 10)
        clock.now_s = 12.0
        progress("Sorting", 5, 10)
        progress("Sorting", 7, None)
        return {}

    jobs.submit("sort", work)
    assert latest(jobs).seconds_left is None
    estimates = [state.seconds_left for state in seen if state and state.stage != "Starting"]
    assert estimates == [None, None, 30.0, None, 2.0, None, None]
