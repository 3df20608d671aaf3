"""What is forgotten on a host stays so, whatever is under way meanwhile."""

import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting

from cratewise.hosting import board
from cratewise.hosting.worker import Worker
from cratewise.jobs.schedule import Schedule, ScheduleStore
from cratewise.jobs.state import JobOrder, NobodyError, state_of
from cratewise.library.upsert import inserting
from cratewise.spotify.sandbox.faults import too_many_requests

BODY = b"title,artist,id\nAfrica,Toto,0000000000000000000001\n"


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody whose songs are sorted."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    hosting.work()
    browser.sort()
    return browser


def check_forgotten(hosting: Hosting) -> None:
    """No row of any table names the person once a worker has seen that there is nothing to do, and no file is left."""
    person, until_s = hosting.sandbox.store.account, time.monotonic() + PATIENCE_S
    with hosting.host._database.noting() as connection:
        while connection.exec_driver_sql("SELECT count(*) FROM procrastinate_jobs").scalar():
            assert time.monotonic() < until_s
        names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        for (table,) in connection.exec_driver_sql(names).all():
            rows = repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608 (names of ours)
            assert person.account_id not in rows, table
            assert person.person.display_name not in rows, table
            assert "Africa" not in rows, table
    assert [path for path in hosting.settings.data_dir.rglob("*") if path.suffix == ".csv"] == []


class HeldUpload:
    """A file whose second half is kept back; the server has begun to take it."""

    def __init__(self, browser: Browser) -> None:
        address = urlsplit(str(browser.client.base_url))
        cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
        head = (
            f"POST /api/jobs/import?name=songs.csv HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\n"
            f"Content-Length: {len(BODY)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        self._socket = socket.create_connection((address.hostname or "", address.port or 0), timeout=PATIENCE_S)
        self._socket.sendall(head.encode())
        assert self._socket.recv(1000).startswith(b"HTTP/1.1 100")  # it waits for the body now
        self._socket.sendall(BODY[:20])

    def finish(self) -> int:
        """Sends the rest, and gives the status of the answer."""
        with self._socket:
            self._socket.sendall(BODY[20:])
            return int(self._socket.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("way_out", ["forget", "logout", "leave"])
def test_a_file_that_was_on_its_way_is_not_taken(hosting: Hosting, browser: Browser, way_out: str) -> None:
    """Who began to send it is not logged in any more when it is whole."""
    upload = HeldUpload(browser)
    assert browser.client.post(f"/api/{way_out}").status_code == 200
    assert upload.finish() == 401
    with hosting.host._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM uploads").scalar() == 0
    posted = hosting.host.board.of(hosting.sandbox.store.account.account_id)
    assert posted is None or posted.order.kind == "sort"
    if way_out == "forget":
        check_forgotten(hosting)


def waits_for_locks(connection: Connection, n_waiting: int, *, or_done: Future[Any] | None = None) -> None:
    """Returns once so many transactions wait for others, or once something is done that was to wait."""
    until_s = time.monotonic() + PATIENCE_S
    while connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one() < n_waiting:
        assert time.monotonic() < until_s
        if or_done is not None and or_done.done():
            return


def post(hosting: Hosting) -> None:
    """Posts a job for the account, as a page does."""
    board = hosting.host.board
    order = JobOrder("a job", "sort", board.now(), attempt=0)
    board.post(hosting.sandbox.store.account.account_id, order, state_of(order))


def test_what_is_ordered_while_an_account_is_forgotten_is_refused(hosting: Hosting, browser: Browser) -> None:
    """The order waits until it is decided whether anybody is logged in."""
    host, account_id = hosting.host, hosting.sandbox.store.account.account_id
    assert browser.job() is not None
    with ThreadPoolExecutor(1) as pool:
        with host._database.as_one(writing=True), host._database.writing() as connection:
            host.forget(account_id)
            posting = pool.submit(post, hosting)
            waits_for_locks(connection, 1)
        with pytest.raises(NobodyError):
            posting.result(PATIENCE_S)
    assert host.board.of(account_id) is None


def test_what_was_ordered_a_moment_before_is_forgotten_too(hosting: Hosting, browser: Browser) -> None:
    """Forgetting waits for an order that is being written down, and finds it."""
    host, account_id = hosting.host, hosting.sandbox.store.account.account_id
    assert browser.job() is not None
    with ThreadPoolExecutor(2) as pool:
        with host._database.noting() as connection:
            connection.exec_driver_sql("LOCK TABLE jobs IN SHARE MODE")
            posting = pool.submit(post, hosting)
            waits_for_locks(connection, 1)
            forgetting = pool.submit(host.forget, account_id)
            waits_for_locks(connection, 2)
        posting.result(PATIENCE_S)
        forgetting.result(PATIENCE_S)
    assert host.board.of(account_id) is None


def test_what_is_chosen_while_an_account_is_forgotten_is_not_kept(hosting: Hosting, browser: Browser) -> None:
    """A key for Last.fm that is sent in the same moment is refused, and is nowhere afterwards."""
    host, account_id = hosting.host, hosting.sandbox.store.account.account_id
    assert browser.client.put("/api/sources", json={"lastfm_key": "a" * 32}).status_code == 200
    with ThreadPoolExecutor(1) as pool:
        with host._database.as_one(writing=True), host._database.writing() as connection:
            host.forget(account_id)
            choosing = pool.submit(browser.client.put, "/api/sources", json={"lastfm_key": "b" * 32})
            waits_for_locks(connection, 1)
        assert choosing.result(PATIENCE_S).status_code == 401
    assert host.drawer(account_id).names() == ()


def test_nothing_is_begun_by_itself_while_an_account_is_forgotten(hosting: Hosting, browser: Browser) -> None:
    """Nor is a schedule written down again that was just forgotten."""
    host, account_id = hosting.host, hosting.sandbox.store.account.account_id
    store = ScheduleStore(host.drawer(account_id))
    with host.between_jobs(account_id):
        store.keep(account_id, Schedule(6 * 3600, host.now() - timedelta(minutes=1)))
        Worker(host).tick()
        assert (browser.job() or {})["kind"] == "sort"
        host.forget(account_id)
    Worker(host).tick()
    assert host.board.of(account_id) is None
    assert store.of(account_id) is None


def test_an_account_of_which_nothing_was_read_can_be_forgotten(hosting: Hosting) -> None:
    """Its login and what became of its job are something, too."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    hosting.sandbox.faults.add(too_many_requests(7200, reason="QUOTA_EXCEEDED", path="/v1/me"))
    browser.client.post("/api/jobs/import", params={"name": "Africa.csv"}, content=BODY)
    hosting.work()
    assert browser.ended()["status"] == "failed"
    assert browser.client.post("/api/forget").json() == {"name": ""}
    check_forgotten(hosting)


def test_a_change_of_the_library_that_was_on_its_way_leaves_nothing(
    hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgetting waits until it is noted, and finds the note."""
    account_id = hosting.sandbox.store.account.account_id
    has_looked, may_write = threading.Event(), threading.Event()

    def insert_later(*arguments: Any) -> Any:
        has_looked.set()
        assert may_write.wait(PATIENCE_S)
        return inserting(*arguments)

    monkeypatch.setattr(board, "inserting", insert_later)
    with ThreadPoolExecutor(2) as pool, hosting.host._database.noting() as connection:
        noting = pool.submit(hosting.host.board.library_changed, account_id)
        assert has_looked.wait(PATIENCE_S)
        forgetting = pool.submit(browser.client.post, "/api/forget")
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not forgetting.done() and not connection.exec_driver_sql(waiting).scalar_one():
            assert not noting.done()
        may_write.set()
        noting.result(PATIENCE_S)
        assert forgetting.result(PATIENCE_S).status_code == 200
    check_forgotten(hosting)


def rows_of(hosting: Hosting) -> dict[str, set[str]]:
    """All rows of the tables that are cratewise's."""
    with hosting.host._database.reading() as connection:
        names = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%%'"
        ).scalars()
        everything = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in names}  # noqa: S608
    return {name: {repr(row) for row in rows} for name, rows in everything.items()}


@pytest.mark.parametrize("table", ["sessions", "saved_tracks", "accounts", "jobs", "drawers"])
def test_a_forget_that_the_database_refuses_loses_nothing(
    hosting: Hosting, browser: Browser, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    """All rows are as they were, whichever delete fails; the page says so without the server's words, the log in them.

    The next one forgets everything.
    """
    before = rows_of(hosting)
    assert before[table]
    with hosting.host._database.noting() as connection:
        body = "$$ BEGIN RAISE EXCEPTION 'boom in /var/lib'; END $$"
        connection.exec_driver_sql(f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS {body}")
        connection.exec_driver_sql(f"CREATE TRIGGER fail BEFORE DELETE ON {table} EXECUTE FUNCTION fail()")
    refused = browser.client.post("/api/forget")
    assert refused.status_code == 503
    assert refused.json()["error"]["message"] == "The database refused."
    assert "boom" not in refused.text
    assert "boom in /var/lib" in caplog.text
    assert rows_of(hosting) == before
    with hosting.host._database.noting() as connection:
        connection.exec_driver_sql("DROP FUNCTION fail CASCADE")
    assert browser.client.post("/api/forget").status_code == 200
    check_forgotten(hosting)
