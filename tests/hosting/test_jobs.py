"""The jobs of a host: ordered anywhere, done once by some worker, whatever becomes of the first that tried."""

import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.hosting.conftest import GENRES, PATIENCE_S, Browser, Hosting

from cratewise.app import Application
from cratewise.hosting.jobs import WAITING, QueuedJobs
from cratewise.hosting.worker import Worker
from cratewise.jobs.runner import MOST_ATTEMPTS
from cratewise.jobs.schedule import Schedule, ScheduleStore
from cratewise.jobs.state import JobOverError
from cratewise.spotify.sandbox.demo_crowd import demo_account_of
from cratewise.spotify.sandbox.faults import too_many_requests
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.web.schedule import begin_if_due


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in and may write."""
    browser = hosting.browser(hosting.serve())
    browser.log_in(writing=True)
    return browser


def written(hosting: Hosting) -> dict[str, list[str | None]]:
    """What the playlists in the account hold, by their names; no name is there twice."""
    playlists = [one for one in hosting.sandbox.store.account.playlists.values() if one.is_followed]
    ours = [one for one in playlists if one.description and "cratewise" in one.description.lower()]
    names = Counter(one.name for one in ours)
    assert max(names.values(), default=1) == 1, names
    return {one.name: [entry.uri for entry in one.entries] for one in ours}


def check_whole(hosting: Hosting) -> None:
    """Every liked song that can be played is in one playlist, once."""
    contents = written(hosting)
    assert len(contents) == len(GENRES)
    songs = [uri for uris in contents.values() for uri in uris]
    assert len(songs) == len(set(songs))
    assert len(songs) > 400


def attempts(hosting: Hosting) -> int:
    """How often the account's job was begun."""
    posted = hosting.host.board.of(hosting.sandbox.store.account.account_id)
    return 0 if posted is None else posted.order.attempt


def test_a_job_waits_until_a_worker_comes(hosting: Hosting, browser: Browser) -> None:
    """It is not lost, and every process shows it."""
    assert browser.client.post("/api/jobs/sort").json()["stage"] == "Waiting for its turn"
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    waiting = other.job()
    assert waiting is not None
    assert waiting["status"] == "running"
    hosting.work()
    browser.done()
    assert other.done() == browser.done()
    assert other.client.get("/api/songs").json()["songs"] == browser.client.get("/api/songs").json()["songs"]


def test_of_two_orders_at_the_same_moment_one_counts(hosting: Hosting, browser: Browser) -> None:
    """Whichever process they come to."""
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    both = threading.Barrier(2)

    def order(one: Browser) -> int:
        both.wait(PATIENCE_S)
        return one.client.post("/api/jobs/sort").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(order, (browser, other))) == [202, 409]


def test_open_tabs_hear_of_what_a_worker_does(hosting: Hosting, browser: Browser) -> None:
    """Also those at another process than the one that the job was ordered at."""
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    stages: list[str] = []
    with other.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        next(line for line in lines if line.startswith("data:"))
        browser.client.post("/api/jobs/sort")
        hosting.work()
        for line in lines:
            if line.startswith("data:"):
                stages.append(line)
                if '"status": "done"' in line:
                    break
    assert len(stages) > 2
    assert any("Reading liked songs" in line for line in stages)


def test_a_correction_at_one_process_is_seen_at_the_other_at_once(hosting: Hosting, browser: Browser) -> None:
    """No page shows what is no longer so."""
    hosting.work()
    browser.sort()
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    before = {row[-1]: row[3] for row in other.client.get("/api/songs").json()["songs"]}
    song = next(track_id for track_id, genre in before.items() if genre != "techno")
    answer = browser.client.post("/api/corrections", json={"genre": "techno", "songs": [song]})
    assert answer.status_code == 200, answer.text
    after = {row[-1]: row[3] for row in other.client.get("/api/songs").json()["songs"]}
    assert after[song] == "techno"


def test_open_tabs_hear_of_another_choice(hosting: Hosting, browser: Browser) -> None:
    """Also those at another process than the one where the switches were moved."""
    hosting.work()
    browser.sort()
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    with other.client.stream("GET", "/api/events") as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        before = next(lines)
        kept = browser.client.put("/api/choice", json={"genres": ["jazz"]}).json()
        assert kept["choice"] not in before
        assert kept["choice"] in next(line for line in lines if line != before)


def test_a_job_that_is_asked_to_stop_stops(hosting: Hosting, browser: Browser) -> None:
    """The worker that does it hears of it, and another job can be ordered."""
    hosting.sandbox.faults.add(too_many_requests(3, path="/v1/me/tracks"))
    browser.client.post("/api/jobs/sort")
    hosting.work()
    browser.until(lambda _job: attempts(hosting) == 1)
    assert browser.client.post("/api/jobs/stop").json()["job"]["status"] == "stopping"
    assert browser.ended()["status"] == "stopped"
    browser.sort()


APART = [timedelta(seconds=-2), timedelta(seconds=2), timedelta(days=-3), timedelta(days=3)]


@pytest.mark.parametrize("ahead", APART, ids=str)
def test_a_worker_by_another_clock_does_what_was_ordered(hosting: Hosting, browser: Browser, ahead: timedelta) -> None:
    """A machine's clock may be behind or ahead of that of the machine on which a job was ordered."""
    hosting.work(ahead=ahead)
    browser.sort()


@pytest.mark.parametrize("ahead", [timedelta(hours=-1), timedelta(hours=1)], ids=str)
def test_a_run_that_a_worker_by_another_clock_began_is_gone_on_with(
    hosting: Hosting, browser: Browser, ahead: timedelta
) -> None:
    """The run is known by its number, not by when it was begun: nothing is written twice."""
    first = hosting.work_elsewhere(ahead=ahead)
    browser.sort()
    hosting.sandbox.faults.add(*(too_many_requests(1, method="POST", path="/v1/playlists/") for _ in range(3)))
    browser.write()
    job = browser.until(lambda job: job["done"] >= 1)
    first.kill()
    first.wait(PATIENCE_S)
    hosting.work_elsewhere(ahead=-ahead)
    assert browser.done()["job_id"] == job["job_id"]
    check_whole(hosting)


def test_a_job_that_is_stopped_while_it_waits_is_over_at_once(hosting: Hosting, browser: Browser) -> None:
    """Also where there is no worker: nothing of it is ever begun, and another job can be ordered."""
    browser.client.post("/api/jobs/sort")
    assert browser.client.post("/api/jobs/stop").json()["job"]["status"] == "stopped"
    assert hosting.host.board.active() == ()
    calls = hosting.sandbox.traffic.calls.total()
    Worker(hosting.host).perform(hosting.sandbox.store.account.account_id, lambda: False)
    assert hosting.sandbox.traffic.calls.total() == calls
    assert (browser.job() or {})["status"] == "stopped"
    assert browser.client.post("/api/jobs/sort").status_code == 202


def test_a_job_that_was_stopped_when_a_worker_had_just_looked_is_not_begun(hosting: Hosting, browser: Browser) -> None:
    """The board decides: what it struck out nobody begins, whatever was read of it before."""
    browser.client.post("/api/jobs/sort")
    account_id = hosting.sandbox.store.account.account_id
    posted = hosting.host.board.of(account_id)
    assert posted is not None
    hosting.host.board.ask_to_stop(account_id)
    with pytest.raises(JobOverError):
        hosting.host.board.attempt(account_id, replace(posted.order, attempt=1))
    stopped = hosting.host.board.of(account_id)
    assert stopped is not None
    assert (stopped.order.attempt, stopped.state.status) == (0, "stopped")


def test_a_job_that_was_stopped_after_its_worker_had_died_is_not_gone_on_with(
    hosting: Hosting, browser: Browser
) -> None:
    """The next worker ends it before it sends anything."""
    hosting.sandbox.faults.add(too_many_requests(20, path="/v1/me/tracks"))
    browser.client.post("/api/jobs/sort")
    worker = hosting.work_elsewhere()
    browser.until(lambda _job: attempts(hosting) == 1)
    worker.kill()
    worker.wait(PATIENCE_S)
    assert browser.client.post("/api/jobs/stop").json()["job"]["status"] == "stopping"
    calls = hosting.sandbox.traffic.calls.total()
    hosting.work()
    assert browser.ended()["status"] == "stopped"
    assert attempts(hosting) == 1
    assert hosting.sandbox.traffic.calls.total() == calls


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
def test_another_worker_finishes_what_one_left(hosting: Hosting, browser: Browser, end: signal.Signals) -> None:
    """Each playlist is there once, with each song once: nothing was sent twice."""
    first = hosting.work_elsewhere()
    browser.sort()
    hosting.sandbox.faults.add(*(too_many_requests(1, method="POST", path="/v1/playlists/") for _ in range(3)))
    browser.write()
    job = browser.until(lambda job: job["done"] >= 1)
    first.send_signal(end)
    first.wait(PATIENCE_S)
    assert len(written(hosting)) < len(GENRES)
    hosting.work_elsewhere()
    assert browser.done()["job_id"] == job["job_id"]
    check_whole(hosting)


def test_a_job_that_ends_its_worker_again_and_again_is_given_up(hosting: Hosting, browser: Browser) -> None:
    """After three attempts it is said; nothing goes on forever."""
    hosting.sandbox.faults.add(*(too_many_requests(20, path="/v1/me/tracks") for _ in range(3)))
    browser.client.post("/api/jobs/sort")
    for attempt in (1, 2, 3):
        worker = hosting.work_elsewhere()
        browser.until(lambda _job, attempt=attempt: attempts(hosting) == attempt)
        worker.kill()
        worker.wait(PATIENCE_S)
    hosting.work()
    assert browser.ended()["message"] == "cratewise ended while this was under way."


def test_a_job_that_workers_left_when_they_were_told_to_end_is_not_given_up(hosting: Hosting, browser: Browser) -> None:
    """However often: nothing of it ended any of them."""
    account_id, worker = hosting.sandbox.store.account.account_id, Worker(hosting.host)
    browser.client.post("/api/jobs/sort")
    with worker._queue:
        for attempt in range(1, MOST_ATTEMPTS + 2):
            hosting.sandbox.faults.add(too_many_requests(1, path="/v1/me/tracks"))
            worker.perform(account_id, lambda: True)
            assert attempts(hosting) == attempt
        worker.perform(account_id, lambda: False)
    browser.done()


def test_one_accounts_jobs_never_overlap(hosting: Hosting, browser: Browser) -> None:
    """A worker that was taken for dead and lives keeps the account to itself."""
    browser.client.post("/api/jobs/sort")
    account_id = hosting.sandbox.store.account.account_id
    worker = Worker(hosting.host)
    with hosting.host.locks.held(f"job {account_id}"):
        worker.perform(account_id, lambda: False)
    waiting = browser.job()
    assert waiting is not None
    assert waiting["stage"] == "Waiting for its turn"
    worker.perform(account_id, lambda: False)
    browser.done()


def test_what_is_due_is_begun_once_by_all_workers_together(hosting: Hosting, browser: Browser) -> None:
    """Two workers look every second; the turn is one job, and the next is due an interval later."""
    hosting.work()
    browser.sort()
    browser.write()
    browser.done()
    account_id = hosting.sandbox.store.account.account_id
    store = ScheduleStore(hosting.host.drawer(account_id))
    store.keep(account_id, Schedule(6 * 3600, hosting.host.now() - timedelta(minutes=1)))
    hosting.work()
    turn = browser.until(lambda job: job["kind"] == "upkeep" and job["status"] == "done")
    kept = store.of(account_id)
    assert kept is not None
    assert kept.next_at > hosting.host.now() + timedelta(hours=5)
    for _ in range(3):
        Worker(hosting.host).tick()
    assert (browser.job() or {})["job_id"] == turn["job_id"]


def test_what_goes_wrong_for_one_account_keeps_no_other_waiting(
    hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody foresaw is logged in full, and those who come after it have their turn."""
    hosting.work()
    browser.sort()
    browser.write()
    browser.done()
    account_id = hosting.sandbox.store.account.account_id
    for owner in ("!", account_id):  # in this order
        store = ScheduleStore(hosting.host.drawer(owner))
        store.keep(owner, Schedule(6 * 3600, hosting.host.now() - timedelta(minutes=1)))

    def begin(app: Application, jobs: QueuedJobs) -> bool:
        if app.library.accounts.only == "!":
            raise ZeroDivisionError("innards")
        return begin_if_due(app, jobs)

    monkeypatch.setattr("cratewise.hosting.worker.begin_if_due", begin)
    browser.until(lambda job: job["kind"] == "upkeep" and job["status"] == "done")
    assert "ZeroDivisionError: innards" in caplog.text


def test_a_lost_delivery_is_made_good(hosting: Hosting, browser: Browser) -> None:
    """The process ended between posting a job and sending it: the next tick sends it."""
    browser.client.post("/api/jobs/sort")
    with hosting.host._database.noting() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
    hosting.work()
    browser.done()


class TestTwoPeople:
    """A worker that works for one account at a time."""

    @pytest.fixture
    def sandbox(self) -> SandboxServer:
        """Two accounts."""
        return SandboxServer.with_accounts(2, demo_account_of)

    def test_no_more_accounts_than_were_asked_for_are_worked_for(self, hosting: Hosting) -> None:
        """The second waits while the first is under way, and is done afterwards."""
        url = hosting.serve()
        first, second = hosting.browser(url), hosting.browser(url)
        for browser, store in zip((first, second), hosting.sandbox.stores, strict=True):
            browser.log_in(person=store.account.person.id)
        hosting.sandbox.faults.add(too_many_requests(3, path="/v1/me/tracks"))
        first.client.post("/api/jobs/sort")
        hosting.work(at_once=1)
        first.until(lambda job: job["stage"] != WAITING)
        second.client.post("/api/jobs/sort")
        while (first.job() or {})["status"] == "running":
            waiting = second.job()
            if (first.job() or {})["status"] == "running":
                assert waiting is not None
                assert waiting["stage"] == WAITING
        first.done()
        second.done()
