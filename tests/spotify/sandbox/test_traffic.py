import threading
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from cratewise.spotify.sandbox.demo_crowd import demo_account_of
from cratewise.spotify.sandbox.faults import server_error, too_many_requests
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.traffic import NOBODY, Call

from .conftest import MovableClock

Move = Callable[[timedelta], None]


def test_calls_are_counted_by_account_and_endpoint(clock: MovableClock) -> None:
    """With one name for all ids; refused calls count, pages do not, and calls for tokens are nobody's."""
    with SandboxServer.with_accounts(2, demo_account_of, clock=clock) as server:
        for number, n_calls in ((1, 2), (2, 3)):
            headers = {"authorization": f"Bearer {server.issue_token(number=number)['access_token']}"}
            with httpx.Client(base_url=server.api_url, headers=headers) as api:
                for _ in range(n_calls):
                    api.get("/me/")
                for id_ in server.stores[number - 1].account.playlists:
                    api.get(f"/playlists/{id_}/items?limit=1")
        server.faults.add(server_error(503))
        httpx.get(f"{server.api_url}/me")
        httpx.post(f"{server.accounts_url}/api/token", data={"grant_type": "refresh_token"})
        httpx.get(server.page_url)
        n_playlists = len(server.stores[0].account.playlists)
        assert server.traffic.calls == {
            Call(1, "GET /v1/me"): 2,
            Call(2, "GET /v1/me"): 3,
            Call(1, "GET /v1/playlists/{id}/items"): n_playlists,
            Call(2, "GET /v1/playlists/{id}/items"): n_playlists,
            Call(NOBODY, "GET /v1/me"): 1,
            Call(NOBODY, "POST /api/token"): 1,
        }
        assert server.traffic.count_of(2) == 3 + n_playlists


def test_the_rate_window_rolls(server: SandboxServer, api: httpx.Client, move_clock: Move) -> None:
    """Room comes back call by call, 30 seconds after each; what was refused takes up none, nor do logins."""
    server.traffic.calls_per_window = 2
    assert api.get("/me").status_code == 200
    move_clock(timedelta(seconds=10))
    assert api.get("/me").status_code == 200
    move_clock(timedelta(seconds=0.5))
    refused = api.get("/me")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert refused.json() == {"error": {"status": 429, "message": "API rate limit exceeded"}}
    assert httpx.post(f"{server.accounts_url}/api/token", data={}).status_code == 400
    move_clock(timedelta(seconds=20))
    assert [api.get("/me").status_code for _ in range(2)] == [200, 429]
    assert server.traffic.n_refused == 2
    move_clock(timedelta(seconds=30))
    assert [api.get("/me").status_code for _ in range(3)] == [200, 200, 429]


def test_the_rate_window_is_one_for_all_accounts(clock: MovableClock) -> None:
    """What one person's calls use up is missing for the other."""
    with SandboxServer.with_accounts(2, demo_account_of, clock=clock, calls_per_window=3) as server:
        tokens = [server.issue_token(number=number)["access_token"] for number in (1, 2, 1, 2)]
        answers = [
            httpx.get(f"{server.api_url}/me", headers={"authorization": f"Bearer {token}"}).status_code
            for token in tokens
        ]
    assert answers == [200, 200, 200, 429]


def test_the_window_takes_no_call_too_many_from_many_threads(server: SandboxServer, api: httpx.Client) -> None:
    """Eight clients at once get just the room there is."""
    server.traffic.calls_per_window = 25
    statuses: list[int] = []

    def call() -> None:
        for _ in range(10):
            statuses.append(api.get("/me").status_code)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(200), statuses.count(429)) == (25, 55)
    assert server.traffic.n_refused == 55


@pytest.mark.parametrize(("reason", "is_quota"), [("", False), ("QUOTA_EXCEEDED", True)])
def test_calls_before_a_wait_is_over_are_noted(
    server: SandboxServer, api: httpx.Client, move_clock: Move, reason: str, is_quota: bool
) -> None:
    """Whose they were, when they came, and what they disregarded; a client that waits is never among them."""
    server.faults.add(too_many_requests(100, reason=reason))
    assert api.get("/me").status_code == 429
    move_clock(timedelta(seconds=99))
    api.get("/me/tracks")
    httpx.post(f"{server.accounts_url}/api/token", data={})
    move_clock(timedelta(seconds=1))
    api.get("/me")
    assert [(early.call, early.after_s, early.is_quota) for early in server.traffic.early_calls] == [
        (Call(1, "GET /v1/me/tracks"), 99.0, is_quota)
    ]


def test_a_wait_is_never_cut_short_by_a_shorter_one(server: SandboxServer, api: httpx.Client, move_clock: Move) -> None:
    """A quota stop lasts on, though the rate window orders a wait of its own in it."""
    server.faults.add(too_many_requests(1_000, reason="QUOTA_EXCEEDED"), too_many_requests(5))
    api.get("/me")
    move_clock(timedelta(seconds=10))
    api.get("/me")
    move_clock(timedelta(seconds=500))
    api.get("/me")
    assert [(early.after_s, early.is_quota) for early in server.traffic.early_calls] == [(10.0, True), (510.0, True)]
    move_clock(timedelta(seconds=490))
    api.get("/me")
    assert len(server.traffic.early_calls) == 2


def test_the_window_orders_a_wait_too(server: SandboxServer, api: httpx.Client, move_clock: Move) -> None:
    """A client that waits as long as it was told finds room, and breaks nothing."""
    server.traffic.calls_per_window = 1
    api.get("/me")
    wait_s = int(api.get("/me").headers["retry-after"])
    api.get("/me")
    move_clock(timedelta(seconds=wait_s))
    assert api.get("/me").status_code == 200
    assert len(server.traffic.early_calls) == 1
