"""How many accounts a process holds in memory is bounded, and none is closed while somebody uses it."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile

import pytest
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting

from cratewise.hosting import workspaces
from cratewise.spotify.sandbox.demo_crowd import demo_account_of
from cratewise.spotify.sandbox.faults import too_many_requests
from cratewise.spotify.sandbox.server import SandboxServer


@pytest.fixture
def sandbox() -> SandboxServer:
    """Two people's accounts."""
    return SandboxServer.with_accounts(2, demo_account_of)


@pytest.fixture
def people(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> tuple[Browser, Browser]:
    """Both are logged in at a process with room for one, who leaves as soon as the other comes."""
    monkeypatch.setattr(workspaces, "MOST_OPEN", 1)
    monkeypatch.setattr(workspaces, "LEAST_IDLE_S", 0.0)
    url = hosting.serve()
    ada, bob = hosting.browser(url), hosting.browser(url)
    for browser, store in zip((ada, bob), hosting.sandbox.stores, strict=True):
        browser.log_in(person=store.account.person.id)
    return ada, bob


def n_open(hosting: Hosting) -> int:
    """How many accounts the one process has open."""
    return hosting._servers[0].desk.n_open()


def test_an_account_is_closed_when_nobody_uses_it(hosting: Hosting, people: tuple[Browser, Browser]) -> None:
    """The longest unused first."""
    for browser in people * 2:
        assert browser.client.get("/").status_code == 200
        assert n_open(hosting) == 1


def test_a_request_under_way_keeps_its_account_open(hosting: Hosting, people: tuple[Browser, Browser]) -> None:
    """Spotify lets it wait, and meanwhile somebody else comes."""
    ada, bob = people
    hosting.sandbox.faults.add(too_many_requests(2, path="/v1/me/tracks"))
    before = hosting.sandbox.traffic.calls.total()
    with ThreadPoolExecutor(1) as pool:
        page = pool.submit(ada.client.get, "/")
        until_s = time.monotonic() + PATIENCE_S
        while hosting.sandbox.traffic.calls.total() == before and time.monotonic() < until_s:
            time.sleep(0.02)
        assert bob.client.get("/api/state").status_code == 200
        assert n_open(hosting) == 2
        assert page.result().status_code == 200
        assert "liked songs" in page.result().text
    bob.client.get("/api/state")
    assert n_open(hosting) == 1


def test_an_open_stream_keeps_its_account_open(hosting: Hosting, people: tuple[Browser, Browser]) -> None:
    """Its tab goes on hearing of changes."""
    ada, bob = people
    with ada.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: state"
        assert bob.client.get("/api/state").status_code == 200
        other = hosting.browser(str(ada.client.base_url))
        other.client.cookies.update(ada.client.cookies)
        other.client.post("/api/jobs/sort")
        told = takewhile(lambda line: not line.startswith(":"), lines)  # a comment comes when nothing does
        assert any("Waiting for its turn" in line for line in told)
