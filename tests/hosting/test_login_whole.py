"""What a login leaves is there as a whole or not at all: tokens, what was allowed, and a session."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting
from tests.hosting.test_forgetting import check_forgotten, waits_for_locks

from cratewise.hosting.drawers import DatabaseDrawer
from cratewise.spotify.scopes import READING

FULL = "RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'"
KILLED = "PERFORM pg_terminate_backend(pg_backend_pid())"
WRITES = ("sessions", "drawers.login", "drawers.client-id", "drawers.permissions")


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """A browser in front of one web process."""
    return hosting.browser(hosting.serve())


def break_write(hosting: Hosting, write: str, fault: str) -> None:
    """Has the database fail at one write of a login."""
    table, _, name = write.partition(".")
    matching = f"WHEN (right(NEW.name, {len(name)}) = '{name}')" if name else ""
    with hosting.host._database.noting() as connection:
        body = f"$$ BEGIN {fault}; RETURN NEW; END $$"
        connection.exec_driver_sql(f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS {body}")
        event = f"BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW {matching}"
        connection.exec_driver_sql(f"CREATE TRIGGER fail {event} EXECUTE FUNCTION fail()")


def mend_write(hosting: Hosting) -> None:
    """Lets the database write again."""
    with hosting.host._database.noting() as connection:
        connection.exec_driver_sql("DROP FUNCTION fail CASCADE")


def kept(hosting: Hosting) -> list[object]:
    """The account's rows that a login writes."""
    account_id = hosting.sandbox.store.account.account_id
    drawer = hosting.host.drawer(account_id)
    with hosting.host._database.reading() as connection:
        sessions = connection.exec_driver_sql("SELECT session FROM sessions ORDER BY session").scalars().all()
    return [*sessions, *((name, drawer.read(name)) for name in drawer.names())]


@pytest.mark.parametrize("fault", [FULL, KILLED], ids=["disk full", "killed"])
@pytest.mark.parametrize("write", WRITES)
def test_a_fault_between_two_writes_leaves_nothing(hosting: Hosting, browser: Browser, write: str, fault: str) -> None:
    """Neither tokens without a session nor a session without tokens; the page says so, and the next login is whole."""
    break_write(hosting, write, fault)
    assert browser.log_in().headers["location"] == "/connect"
    assert kept(hosting) == []
    page = browser.client.get("/connect").text
    assert ("The database has no room left" if fault == FULL else "cannot be reached right now") in page
    mend_write(hosting)
    assert browser.log_in().headers["location"] == "/"
    assert len(kept(hosting)) == len(WRITES)
    assert browser.client.get("/api/state").status_code == 200


@pytest.mark.parametrize("write", ["sessions", "drawers.login", "drawers.permissions"])
def test_a_fault_at_another_login_leaves_what_was_there(hosting: Hosting, browser: Browser, write: str) -> None:
    """The tokens, the permissions and the session of before count on."""
    browser.log_in()
    before = kept(hosting)
    break_write(hosting, write, FULL)
    assert browser.log_in(writing=True).headers["location"].startswith("/connect")
    assert kept(hosting) == before
    assert browser.client.get("/api/state").status_code == 200


class AtFirstWrite:
    """Has something begun once a login has written its tokens, and goes on when it waits for that login, or is done."""

    def __init__(self, hosting: Hosting, monkeypatch: pytest.MonkeyPatch, act: Callable[[], int]) -> None:
        self._hosting, self._act = hosting, act
        self._pool = ThreadPoolExecutor(1)
        self._acting: Future[int] | None = None
        self._write = DatabaseDrawer.write

        def write(drawer: DatabaseDrawer, name: str, content: bytes) -> None:
            self._do(drawer, name, content)

        monkeypatch.setattr(DatabaseDrawer, "write", write)

    def _do(self, drawer: DatabaseDrawer, name: str, content: bytes) -> None:
        self._write(drawer, name, content)
        if self._acting is None:
            self._acting = self._pool.submit(self._act)
            with self._hosting.host._database.noting() as connection:
                waits_for_locks(connection, 1, or_done=self._acting)

    def came_of_it(self) -> int:
        """What it answered in the end."""
        assert self._acting is not None
        self._pool.shutdown()
        return self._acting.result(PATIENCE_S)


@pytest.mark.parametrize("way_out", ["forget", "logout"])
def test_a_login_that_ends_while_the_account_is_left_leaves_nothing(
    hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch, way_out: str
) -> None:
    """Who leaves waits until the login is whole, and finds all of it."""
    browser.log_in()
    second = hosting.browser(str(browser.client.base_url))
    leaving = AtFirstWrite(hosting, monkeypatch, lambda: browser.client.post(f"/api/{way_out}").status_code)
    second.log_in(writing=True)
    assert leaving.came_of_it() == 200
    assert second.client.get("/api/state").status_code == 401
    if way_out == "forget":
        check_forgotten(hosting)
    else:
        assert [name for name, _ in kept(hosting)] == ["client-id"]  # type: ignore[misc] # of the app, not of the person


def test_a_login_that_comes_while_the_account_is_forgotten_begins_anew(hosting: Hosting, browser: Browser) -> None:
    """It waits until everything is gone, and is whole afterwards."""
    host, account_id = hosting.host, hosting.sandbox.store.account.account_id
    browser.log_in(writing=True)
    second = hosting.browser(str(browser.client.base_url))
    with ThreadPoolExecutor(1) as pool:
        with host.turn(account_id), host._database.writing() as connection:
            host.forget(account_id)
            coming = pool.submit(second.log_in)
            waits_for_locks(connection, 1)
        assert coming.result(PATIENCE_S).headers["location"] == "/"
    assert second.client.get("/api/state").status_code == 200
    assert browser.client.get("/api/state").status_code == 401
    tokens = host.spotify(account_id).logins.load(account_id)
    assert tokens is not None
    assert tokens.scopes == READING
    assert len(kept(hosting)) == len(WRITES)
