"""A database that is restarted: nobody has to restart anything else."""

import time
from collections.abc import Iterator

import pytest
from tests.hosting.conftest import PATIENCE_S, Hosting

from ..conftest import missing
from ..postgresql import PostgresqlServer, programs


@pytest.fixture
def postgresql() -> Iterator[PostgresqlServer]:
    """A server of this test's own."""
    found = programs()
    if found is None:
        missing("PostgreSQL's programs")
    server = PostgresqlServer.make(found)
    yield server
    server.remove()


def test_pages_and_workers_go_on_after_the_database_was_away(hosting: Hosting, postgresql: PostgresqlServer) -> None:
    """The session still holds, and a worker that was there before does what is ordered afterwards."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    hosting.work()
    browser.sort()
    before = browser.job()
    postgresql.stop(at_once=True)
    assert browser.client.get("/api/state").status_code >= 500
    postgresql.start()
    until_s = time.monotonic() + PATIENCE_S
    while (answer := browser.client.get("/api/state")).status_code != 200:
        assert time.monotonic() < until_s
    assert answer.json()["job"] == before
    browser.sort()
    assert (browser.job() or {})["job_id"] != (before or {})["job_id"]
