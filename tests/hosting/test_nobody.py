"""Whoever is not logged in stands for no account, and least of all for the host."""

from collections.abc import Callable, Iterator

import pytest
from starlette.requests import Request
from tests.hosting.conftest import Browser, Hosting

from cratewise.hosting.desk import HostDesk
from cratewise.hosting.queue import Queue
from cratewise.jobs.state import NobodyError
from cratewise.web.connect import SESSION
from cratewise.web.desk import Connecting
from cratewise.web.gate import LET_IN
from cratewise.web.workspace import Workspace

KEPT = {"spotify-quota.json": b'{"ends_at_s": 1e12}', "permissions": b"user-library-read", "mine.login": b"sealed"}


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in to a host that keeps something of its own."""
    for name, content in KEPT.items():
        hosting.host.own.write(name, content)
    browser = hosting.browser(hosting.serve())
    browser.log_in(writing=True)
    return browser


@pytest.fixture
def desk(hosting: Hosting) -> Iterator[HostDesk]:
    """A desk, as requests reach it that were let in a moment before their session ended."""
    with Queue(hosting.settings.library_url) as queue:
        desk = HostDesk(hosting.host, queue)
        yield desk
        desk.close()


def late(browser: Browser) -> Request:
    """A request whose session ends on the way."""
    cookie = f"{SESSION}={browser.client.cookies['account']}"
    browser.client.post("/api/leave")
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})


def kept_by_host(hosting: Hosting) -> dict[str, bytes | None]:
    """What the host keeps for itself."""
    return {name: hosting.host.own.read(name) for name in hosting.host.own.names()}


def log_out(login: Connecting, _workspace: Workspace) -> object:
    """Logs out."""
    return login.log_out()


def forget(login: Connecting, _workspace: Workspace) -> object:
    """Forgets everything."""
    return login.forget()


def give_key(_login: Connecting, workspace: Workspace) -> object:
    """Chooses sources."""
    return workspace.app.choose_sources(None, None)


def sort(_login: Connecting, workspace: Workspace) -> object:
    """Orders a job."""
    return workspace.jobs.submit("sort", following="/")


@pytest.mark.parametrize("do", [log_out, forget, give_key, sort])
def test_a_session_that_ends_on_the_way_changes_nothing(
    hosting: Hosting, browser: Browser, desk: HostDesk, do: Callable[[Connecting, Workspace], object]
) -> None:
    """Neither the account's nor the host's own, such as the quota stop; the browser is told that it was not let in."""
    account_id = hosting.sandbox.store.account.account_id
    before = hosting.host.drawer(account_id).names()
    request = late(browser)
    with pytest.raises(NobodyError):
        do(desk.connection(request), desk.workspace(request))
    assert kept_by_host(hosting) == KEPT
    assert hosting.host.drawer(account_id).names() == before
    assert hosting.host.board.of(account_id) is None


def test_the_host_is_no_account(hosting: Hosting, browser: Browser) -> None:
    """Its own is forgotten by nobody who forgets an account."""
    with pytest.raises(ValueError, match="empty key"):
        hosting.host.forget("")
    with pytest.raises(ValueError, match="empty key"):
        hosting.host.drawer("")
    assert kept_by_host(hosting) == KEPT
    assert browser.client.get("/api/state").status_code == 200


def test_a_session_that_ends_on_the_way_is_nobodys(desk: HostDesk, browser: Browser) -> None:
    """Whom the gate had let in is told that nobody is logged in, and not shown an empty library."""
    request = late(browser)
    request.scope[LET_IN] = True
    for asked in (desk.workspace, desk.connection):
        with pytest.raises(NobodyError):
            asked(request)
