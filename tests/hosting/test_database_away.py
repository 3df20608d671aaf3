"""A database that is restarted: nobody has to restart anything else, and nobody is told where it is."""

import io
import json
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.hosting.conftest import GENRES, PATIENCE_S, QUICK, Browser, Hosting

from cratewise.errors import LibraryAwayError
from cratewise.hosting.attempt import GuardedCalls
from cratewise.hosting.outage import say_outages_once
from cratewise.hosting.worker import Worker
from cratewise.web.logs import write_json_lines

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


def test_the_log_says_in_lines_that_the_database_was_away(hosting: Hosting, postgresql: PostgresqlServer) -> None:
    """Each is JSON, none carries a traceback, and all are this program's own."""
    stream = io.StringIO()
    with restored_logging():
        write_json_lines(stream)
        say_outages_once()
        browser = hosting.browser(hosting.serve())
        browser.log_in()
        hosting.work()
        browser.sort()
        restart(postgresql, browser)
        browser.sort()
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one for one in lines if "exception" in one] == []
    assert {one["logger"].split(".")[0] for one in lines} == {"cratewise"}
    assert any("connected to anew" in one["message"] for one in lines)


def test_a_tick_without_a_database_waits_for_the_next(
    hosting: Hosting,
    postgresql: PostgresqlServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is said in a line, however many accounts have schedules, and the one after it looks as ever."""

    def away(_account_id: str) -> None:
        raise LibraryAwayError("The database cannot be reached.")

    worker = Worker(hosting.host, QUICK)
    postgresql.stop(at_once=True)
    worker.tick()
    said = [record.getMessage() for record in caplog.records if record.name == "cratewise.hosting.worker"]
    assert [one.partition(":")[0] for one in said] == ["what is lost or due is looked for again with the next tick"]
    postgresql.start()
    monkeypatch.setattr(hosting.host, "with_schedules", lambda: ["ada", "eve"])
    monkeypatch.setattr(hosting.host, "between_jobs", away)
    worker.tick()
    assert len([one for one in caplog.records if one.name == "cratewise.hosting.worker"]) == 2, "once for both accounts"
    monkeypatch.undo()
    worker.tick()
    assert len([one for one in caplog.records if one.name == "cratewise.hosting.worker"]) == 2


@contextmanager
def restored_logging() -> Iterator[None]:
    """Leaves logging as it was."""
    root, ours = logging.getLogger(), logging.getLogger("cratewise")
    before = (root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook)
    try:
        yield
    finally:
        root.handlers[:], root.level, ours.level, sys.excepthook, threading.excepthook = before
        logging.captureWarnings(False)


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
