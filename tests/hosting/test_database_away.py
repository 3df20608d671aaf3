"""A database that is restarted: nobody has to restart anything else, and nobody is told where it is."""

import time
from collections.abc import Iterator

import pytest
from tests.hosting.conftest import GENRES, PATIENCE_S, Browser, Hosting

from cratewise.errors import LibraryAwayError
from cratewise.hosting.attempt import GuardedCalls

from ..conftest import own_server
from ..postgresql import PostgresqlServer


@pytest.fixture
def postgresql() -> Iterator[PostgresqlServer]:
    """A server of this test's own."""
    yield from own_server()


def restart(postgresql: PostgresqlServer, browser: Browser) -> None:
    """Kills the database, starts it, and returns once the pages answer."""
    postgresql.stop(at_once=True)
    postgresql.start()
    until_s = time.monotonic() + PATIENCE_S
    while browser.client.get("/api/state").status_code != 200:
        assert time.monotonic() < until_s


def test_pages_and_workers_go_on_after_the_database_was_away(hosting: Hosting, postgresql: PostgresqlServer) -> None:
    """The session still holds, and a worker that was there before does what is ordered afterwards."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    hosting.work()
    browser.sort()
    before = browser.job()
    restart(postgresql, browser)
    assert browser.job() == before
    browser.sort()
    assert (browser.job() or {})["job_id"] != (before or {})["job_id"]


def test_a_job_under_way_is_gone_on_with(hosting: Hosting, postgresql: PostgresqlServer) -> None:
    """It comes to its end as if nothing had been, and each playlist is made once."""
    browser = hosting.browser(hosting.serve())
    browser.log_in(writing=True)
    hosting.work()
    hosting.work()
    browser.sort()
    before = set(hosting.sandbox.store.account.playlists)
    browser.write()
    browser.until(lambda job: job["done"] >= 1)
    restart(postgresql, browser)
    browser.done()
    made = hosting.sandbox.store.account.playlists.items()
    names = [one.name for key, one in made if key not in before]
    assert len(names) == len(set(names)) == len(GENRES)


def test_a_worker_that_has_lost_its_lock_sends_nothing_more(hosting: Hosting, postgresql: PostgresqlServer) -> None:
    """Another may have begun the job once more, also where the database answers again already."""
    host = hosting.host
    with host.between_jobs("ada") as lock:
        calls = GuardedCalls(host.calls, lock)
        calls.add(time.time())
        postgresql.stop(at_once=True)
        postgresql.start()
        with host.between_jobs("ada"), pytest.raises(LibraryAwayError):
            calls.add(time.time())


def test_nobody_is_told_where_a_database_is_that_is_away(hosting: Hosting, postgresql: PostgresqlServer) -> None:
    """With a session or without, pages and calls say that the library cannot be reached: 503, in their usual shapes."""
    browser = hosting.browser(hosting.serve())
    stranger = hosting.browser(str(browser.client.base_url))
    browser.log_in()
    assert browser.client.get("/").status_code == 200
    postgresql.stop(at_once=True)
    asked = [
        stranger.client.get("/ready"),
        browser.client.get("/ready"),
        browser.client.post("/api/login", json={"writing": False}),
        browser.client.get("/api/state"),
        browser.client.get("/"),
        browser.client.get("/connect"),
    ]
    for answer in asked:
        assert answer.status_code in ({200, 503} if answer is asked[0] else {503}), answer.url
        assert str(postgresql.folder) not in answer.text
        assert "postgresql" not in answer.text.lower()
    for answer in asked[2:4]:
        assert answer.json()["error"]["message"] == "The library cannot be reached right now."
    for answer in asked[4:]:
        assert "The library cannot be reached right now." in answer.text
        assert "<html" in answer.text
    postgresql.start()
