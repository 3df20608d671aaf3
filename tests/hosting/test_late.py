"""Who asks while the account is forgotten at another process sees a login, and never what is left of a library."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting
from tests.hosting.test_forgetting import waits_for_locks

from cratewise.hosting import drawers
from cratewise.hosting.sessions import SessionStore
from cratewise.hosting.workspaces import HostedWorkspace, OpenWorkspaces

PAGES = ("/", "/genres", "/songs", "/map", "/review", "/preview", "/history", "/settings")
READS = ("/api/state", "/api/songs", "/api/review")


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody whose songs are sorted, and one of whose genres is hidden."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    hosting.work()
    browser.sort()
    assert browser.client.put("/api/genres/jazz", json={"hidden": True}).status_code == 200
    return browser


@pytest.fixture
def while_asked(hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the account left at another process once a request has been let in here, and before it reads anything."""
    used = OpenWorkspaces.used
    left: list[str] = []
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)

    def used_and_left(workspaces: OpenWorkspaces, account_id: str, until: ExitStack) -> HostedWorkspace:
        workspace = used(workspaces, account_id, until)
        if left:
            assert other.client.post(left.pop()).status_code == 200
        return workspace

    monkeypatch.setattr(OpenWorkspaces, "used", used_and_left)
    return left.append


@pytest.mark.parametrize("way_out", ["/api/forget", "/api/logout"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_was_asked_for_leads_to_the_login(
    browser: Browser, while_asked: Callable[[str], None], page: str, way_out: str
) -> None:
    """Whatever it would have said of the emptied library: that it is empty, or that something went wrong."""
    assert browser.client.get(page).status_code == 200
    while_asked(way_out)
    answer = browser.client.get(page)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/connect"), answer.text


@pytest.mark.parametrize("read", READS)
def test_what_a_page_asks_for_is_refused(browser: Browser, while_asked: Callable[[str], None], read: str) -> None:
    """In the shape of the API."""
    while_asked("/api/forget")
    answer = browser.client.get(read)
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"message", "hint"}


def test_a_change_is_refused_too(browser: Browser, while_asked: Callable[[str], None]) -> None:
    """Nothing of it is kept, and it is not the library that is to blame."""
    while_asked("/api/forget")
    assert browser.client.put("/api/genres/jazz", json={"hidden": False}).status_code == 401


def test_an_account_that_cannot_be_forgotten_now_stays_as_it_is(hosting: Hosting, browser: Browser) -> None:
    """Its songs, its login and its sessions: they go at one moment, or not at all."""
    account_id = hosting.sandbox.store.account.account_id
    with hosting.host.locks.held(f"account {account_id}"):
        answer = browser.client.post("/api/forget")
    assert answer.status_code == 409
    assert "reading or writing this account right now" in answer.json()["error"]["message"]
    assert browser.client.get("/songs").status_code == 200
    assert browser.client.post("/api/forget").status_code == 200
    assert browser.client.get("/api/state").status_code == 401


def test_a_choice_that_was_on_its_way_and_a_forgetting_do_not_wait_for_each_other(
    hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both hold on to the sessions first: the choice is kept, and then forgotten with the rest."""
    host, account_id = hosting.host, hosting.sandbox.store.account.account_id
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    assert browser.client.put("/api/sources", json={"lastfm_key": "a" * 32}).status_code == 200
    holds_sessions, is_held, may_write = drawers.holds_sessions, threading.Event(), threading.Event()

    def hold(connection: Connection, account_id: str) -> bool:
        is_let_in = holds_sessions(connection, account_id)
        is_held.set()
        assert may_write.wait(PATIENCE_S)
        return is_let_in

    monkeypatch.setattr(drawers, "holds_sessions", hold)
    with ThreadPoolExecutor(2) as pool, host._database.noting() as connection:
        choosing = pool.submit(browser.client.put, "/api/sources", json={"lastfm_key": "b" * 32})
        assert is_held.wait(PATIENCE_S)
        forgetting = pool.submit(other.client.post, "/api/forget")
        waits_for_locks(connection, 1)
        may_write.set()
        assert (choosing.result(PATIENCE_S).status_code, forgetting.result(PATIENCE_S).status_code) == (200, 200)
    assert host.drawer(account_id).names() == ()


def test_a_choice_at_the_same_process_does_not_hold_up_a_forgetting(
    hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the sessions that are being ended, and holds nothing meanwhile that forgetting needs."""
    end_all, chosen = SessionStore.end_all, []

    def end_all_and_choose(sessions: SessionStore, account_id: str) -> None:
        end_all(sessions, account_id)
        if not chosen:
            chosen.append(pool.submit(browser.client.put, "/api/sources", json={"lastfm_key": "b" * 32}))
            with ThreadPoolExecutor(1) as looking:
                looking.submit(wait).result(PATIENCE_S)

    def wait() -> None:
        with hosting.host._database.noting() as connection:
            waits_for_locks(connection, 1)

    monkeypatch.setattr(SessionStore, "end_all", end_all_and_choose)
    with ThreadPoolExecutor(1) as pool:
        assert browser.client.post("/api/forget").status_code == 200
        assert chosen[0].result(PATIENCE_S).status_code == 401
