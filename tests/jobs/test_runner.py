import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from cratewise.drawer import Folder
from cratewise.errors import CratewiseError, SpotifyError
from cratewise.jobs.journal import KeptJournal
from cratewise.jobs.runner import CUT_OFF, GONE_ON_WITH_FOR, MOST_ATTEMPTS, Jobs
from cratewise.jobs.state import Failure, JobBusyError, JobOrder, JobState, Result
from cratewise.jobs.uploads import Upload, UploadFolder
from cratewise.progress import Progress

PATIENCE_S = 10.0
TODAY = datetime(2026, 11, 28, 20, tzinfo=UTC)


class Clock:
    """Shows the time it was set to."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.today = TODAY

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s

    def now(self) -> datetime:
        """The date with the time."""
        return self.today


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


class Workshop:
    """Does the job whose work was handed in last, and remembers the orders."""

    def __init__(self) -> None:
        self.work: Callable[[Progress], Result] = lambda progress: {}
        self.orders: list[JobOrder] = []

    def perform(self, order: JobOrder, progress: Progress) -> Result:
        """Does it."""
        self.orders.append(order)
        return self.work(progress)


def explain(error: CratewiseError) -> Failure:
    """As it is."""
    return Failure(str(error), error.hint)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at 0."""
    return Clock()


@pytest.fixture
def seen() -> list[JobState | None]:
    """Every state that was told."""
    return []


@pytest.fixture
def workshop() -> Workshop:
    """Where the jobs are done."""
    return Workshop()


@pytest.fixture
def journal(tmp_path: Path) -> KeptJournal:
    """Where orders are written down."""
    return KeptJournal(Folder(tmp_path / "data"))


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """Where the files are that come with orders."""
    return tmp_path / "data" / "incoming"


@pytest.fixture
def open_jobs(
    clock: Clock, seen: list[JobState | None], workshop: Workshop, journal: KeptJournal, uploads: Path
) -> Callable[[], Jobs]:
    """Jobs that tell `seen`, as another process would open them."""

    def start() -> Jobs:
        folder = UploadFolder(uploads)
        told = Jobs(workshop.perform, explain, journal, lambda: seen.append(told.latest), clock.now, clock, folder)
        return told

    return start


@pytest.fixture
def jobs(open_jobs: Callable[[], Jobs]) -> Jobs:
    """Jobs of a first process."""
    return open_jobs()


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


def test_a_job_tells_how_far_it_is_and_what_came_out(
    jobs: Jobs, workshop: Workshop, gate: Gate, seen: list[JobState | None]
) -> None:
    """Stage, count and end reach whoever listens, and the result stays readable."""
    workshop.work = gate.work
    jobs.submit("sort")
    assert gate.reached.wait(PATIENCE_S)
    assert jobs.latest is not None
    assert (jobs.latest.stage, jobs.latest.done, jobs.latest.total) == ("Waiting", 1, 4)
    gate.opened.set()
    ended = latest(jobs)
    assert (ended.status, ended.result) == ("done", {"next": "/there"})
    assert [(state.status, state.done) for state in seen if state][-2:] == [("running", 2), ("done", 2)]


def test_only_one_job_runs_at_a_time(jobs: Jobs, workshop: Workshop, gate: Gate) -> None:
    """A second job is refused with what to do, until the first has ended."""
    workshop.work = gate.work
    jobs.submit("sort")
    with pytest.raises(JobBusyError) as refusal:
        jobs.submit("apply")
    assert refusal.value.hint
    gate.opened.set()
    assert latest(jobs).status == "done"
    assert jobs.submit("apply").kind == "apply"
    assert latest(jobs).status == "done"


def test_a_stop_ends_a_job_at_its_next_step(jobs: Jobs, workshop: Workshop, gate: Gate) -> None:
    """Being asked to stop is shown at once, and obeyed between two steps."""
    workshop.work = gate.work
    jobs.submit("sort")
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
    jobs.submit("sort")
    assert latest(jobs).status == "done"
    jobs.stop()
    assert latest(jobs).status == "done"


def test_a_failure_keeps_its_message_and_hint(jobs: Jobs, workshop: Workshop) -> None:
    """What a workflow raises on purpose is shown as it is."""

    def fail(progress: Progress) -> Result:
        raise SpotifyError("Spotify said no.", hint="Log in again.")

    workshop.work = fail
    jobs.submit("sort")
    failed = latest(jobs)
    assert (failed.status, failed.message, failed.hint) == ("failed", "Spotify said no.", "Log in again.")


def test_an_unforeseen_failure_shows_no_innards(
    jobs: Jobs, workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug ends the job with a sentence for the person and the details in the log."""

    def fail(progress: Progress) -> Result:
        raise ZeroDivisionError("secret innards")

    workshop.work = fail
    jobs.submit("sort")
    failed = latest(jobs)
    assert failed.status == "failed"
    assert "innards" not in failed.message + failed.hint
    assert "secret innards" in caplog.text


def test_the_time_left_is_estimated_from_the_stage(
    jobs: Jobs, workshop: Workshop, clock: Clock, seen: list[JobState | None]
) -> None:
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
        progress("Going on", 90, 100)
        clock.now_s = 16.0
        progress("Going on", 95, 100)
        return {}

    workshop.work = work
    jobs.submit("sort")
    assert latest(jobs).seconds_left is None
    estimates = [state.seconds_left for state in seen if state and state.stage != "Starting"]
    assert estimates == [None, None, 30.0, None, 2.0, None, None, 4.0, None]


def test_what_is_ordered_reaches_the_work_and_the_state(jobs: Jobs, workshop: Workshop, journal: KeptJournal) -> None:
    """The arguments as they were given; the order is struck out once it is done."""
    state = jobs.submit("undo", run_id=7)
    assert (state.run_id, latest(jobs).run_id) == (7, 7)
    assert workshop.orders == [JobOrder(state.job_id, "undo", TODAY, {"run_id": 7})]
    assert journal.open_order() is None


@pytest.mark.parametrize("end", [{}, SpotifyError("No."), ZeroDivisionError("innards")], ids=str)
def test_what_came_to_an_end_is_not_gone_on_with(
    open_jobs: Callable[[], Jobs], workshop: Workshop, end: Result | Exception
) -> None:
    """Done, refused or broken: the next process begins nothing by itself."""

    def work(progress: Progress) -> Result:
        if isinstance(end, Exception):
            raise end
        return end

    workshop.work = work
    jobs = open_jobs()
    jobs.submit("sort")
    assert not latest(jobs).is_active
    assert open_jobs().take_up() is None


def test_what_a_person_stopped_stays_stopped(
    open_jobs: Callable[[], Jobs], jobs: Jobs, workshop: Workshop, gate: Gate
) -> None:
    """They asked for it."""
    workshop.work = gate.work
    jobs.submit("sort")
    assert gate.reached.wait(PATIENCE_S)
    jobs.stop()
    gate.opened.set()
    assert latest(jobs).status == "stopped"
    assert open_jobs().take_up() is None


def test_a_job_that_the_program_left_is_gone_on_with(
    open_jobs: Callable[[], Jobs], jobs: Jobs, workshop: Workshop, gate: Gate
) -> None:
    """The same order, once more, in the next process; this one begins nothing any more."""
    workshop.work = gate.work
    state = jobs.submit("apply", plan_id="p", genres=["jazz"])
    assert gate.reached.wait(PATIENCE_S)
    jobs.leave()
    gate.opened.set()
    assert latest(jobs).status == "stopped"
    with pytest.raises(JobBusyError):
        jobs.submit("sort")
    following = open_jobs()
    assert following.take_up() == JobState(state.job_id, "apply")
    assert latest(following).status == "done"
    first, second = workshop.orders
    assert second == replace(first, attempt=2, left=1)
    assert open_jobs().take_up() is None


def test_a_job_may_be_left_as_often_as_the_program_is_ended(
    open_jobs: Callable[[], Jobs], workshop: Workshop, journal: KeptJournal
) -> None:
    """That is no sign of its ending the program."""
    cut_off(journal)
    for attempt in range(2, MOST_ATTEMPTS + 3):
        gate = Gate()
        workshop.work = gate.work
        jobs = open_jobs()
        assert jobs.take_up() is not None
        assert gate.reached.wait(PATIENCE_S)
        jobs.leave()
        gate.opened.set()
        assert latest(jobs).status == "stopped"
        assert workshop.orders[-1].attempt == attempt
    workshop.work = lambda progress: {}
    jobs = open_jobs()
    jobs.take_up()
    assert latest(jobs).status == "done"


@pytest.mark.parametrize("end", ["done", "failed", "stopped"])
def test_a_file_goes_with_the_end_of_its_job(
    jobs: Jobs, workshop: Workshop, gate: Gate, uploads: Path, end: str
) -> None:
    """Whatever end that is."""

    def work(progress: Progress) -> Result:
        if end == "failed":
            raise SpotifyError("No.")
        return gate.work(progress)

    workshop.work = work
    state = jobs.submit("import", Upload("songs.csv", BytesIO(b"title")), name="songs.csv")
    if end != "failed":
        assert gate.reached.wait(PATIENCE_S)
        assert (uploads / state.job_id / "songs.csv").read_bytes() == b"title"
    if end == "stopped":
        jobs.stop()
    gate.opened.set()
    assert latest(jobs).status == end
    assert list(uploads.iterdir()) == []


def test_a_file_waits_for_a_job_that_the_program_left(
    open_jobs: Callable[[], Jobs], jobs: Jobs, workshop: Workshop, gate: Gate, uploads: Path
) -> None:
    """The next process goes on with it, and it goes when that has ended."""
    workshop.work = gate.work
    state = jobs.submit("import", Upload("songs.csv", BytesIO(b"title")), name="songs.csv")
    assert gate.reached.wait(PATIENCE_S)
    jobs.leave()
    gate.opened.set()
    assert latest(jobs).status == "stopped"
    assert (uploads / state.job_id / "songs.csv").exists()
    following = open_jobs()
    following.take_up()
    assert latest(following).status == "done"
    assert list(uploads.iterdir()) == []


def test_a_file_of_an_order_that_cannot_be_written_down_is_not_kept(jobs: Jobs, uploads: Path, tmp_path: Path) -> None:
    """Nobody would ever delete it."""
    (tmp_path / "data" / "job.json").mkdir(parents=True)
    with pytest.raises(CratewiseError, match="cannot be written"):
        jobs.submit("import", Upload("songs.csv", BytesIO(b"title")), name="songs.csv")
    assert list(uploads.iterdir()) == []


def cut_off(journal: KeptJournal, *, age: timedelta = timedelta(0), attempt: int = 1) -> JobOrder:
    """An order that a process had under way when it was killed."""
    order = JobOrder("job", "sort", TODAY - age, {}, attempt)
    journal.begin(order)
    return order


@pytest.mark.parametrize(
    ("age", "attempt", "goes_on"),
    [
        (GONE_ON_WITH_FOR - timedelta(seconds=1), 1, True),
        (GONE_ON_WITH_FOR, 1, False),
        (timedelta(seconds=-1), 1, True),  # the clock was set back
        (-GONE_ON_WITH_FOR, 1, False),
        (timedelta(0), MOST_ATTEMPTS - 1, True),
        (timedelta(0), MOST_ATTEMPTS, False),
    ],
)
def test_what_is_old_or_ends_the_program_begins_no_more_by_itself(
    jobs: Jobs, journal: KeptJournal, workshop: Workshop, age: timedelta, attempt: int, goes_on: bool
) -> None:
    """It is said to be cut off, once, and what to do about that."""
    cut_off(journal, age=age, attempt=attempt)
    state = jobs.take_up()
    assert state is not None
    ended = latest(jobs)
    assert (ended.status, ended.message) == (("done", "") if goes_on else ("failed", CUT_OFF.message))
    assert len(workshop.orders) == goes_on
    assert journal.open_order() is None


@pytest.mark.parametrize(
    "text", ["", "rubbish", "[]", '{"job_id": 1}', '{"job_id": "a", "kind": "sort", "ordered_at": "now"}', "\0\xff"]
)
def test_a_journal_that_is_no_order_is_no_order(
    jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """The program starts all the same, and says so in one line of its own words."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "job.json").write_text(text, encoding="latin-1")
    assert jobs.take_up() is None
    (said,) = [record.getMessage() for record in caplog.records]
    place = tmp_path / "data" / "job.json"
    assert said == f"{place} holds no job as cratewise writes it down: none is gone on with. Start it again."


def test_an_order_is_for_its_owner_to_read(jobs: Jobs, journal: KeptJournal, tmp_path: Path) -> None:
    """It may name songs."""
    cut_off(journal)
    assert (tmp_path / "data" / "job.json").stat().st_mode & 0o777 == 0o600


def test_an_order_that_cannot_be_written_down_begins_nothing(jobs: Jobs, workshop: Workshop, tmp_path: Path) -> None:
    """It could not be gone on with."""
    (tmp_path / "data" / "job.json").mkdir(parents=True)
    with pytest.raises(CratewiseError, match="cannot be written"):
        jobs.submit("sort")
    assert jobs.latest is None
    assert workshop.orders == []
