import httpx
import pytest

from cratewise.spotify.sandbox.faults import (
    connection_reset,
    not_registered,
    not_there_yet,
    server_error,
    silence,
    too_many_requests,
)
from cratewise.spotify.sandbox.server import SandboxServer


def test_the_rate_window_and_the_quota_are_told_apart(server: SandboxServer, api: httpx.Client) -> None:
    """Both are 429 with Retry-After; only the quota gives a reason. Each strikes once."""
    server.faults.add(too_many_requests(3), too_many_requests(48_925, reason="QUOTA_EXCEEDED"))
    window, quota = api.get("/me"), api.get("/me")
    assert (window.status_code, window.headers["retry-after"]) == (429, "3")
    assert "reason" not in window.json()["error"]
    assert (quota.status_code, quota.headers["retry-after"]) == (429, "48925")
    assert quota.json() == {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    assert api.get("/me").status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503])
def test_gateways_answer_with_bodies_that_are_not_json(server: SandboxServer, api: httpx.Client, status: int) -> None:
    """HTML, and it says so."""
    server.faults.add(server_error(status))  # type: ignore[arg-type] # the three it takes
    answer = api.get("/me")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<html>")


def test_a_gateway_error_may_hide_a_write_that_was_carried_out(
    server: SandboxServer, api: httpx.Client, own_playlist: str, uris: dict[str, str]
) -> None:
    """Before: nothing happened. After: it happened, though the answer looks the same."""
    path, body = f"/playlists/{own_playlist}/items", {"uris": [uris["Juicy"]]}
    server.faults.add(server_error(502), server_error(502, when="after"))
    assert api.post(path, json=body).status_code == 502
    assert server.store.account.playlists[own_playlist].entries == ()
    assert api.post(path, json=body).status_code == 502
    assert len(server.store.account.playlists[own_playlist].entries) == 1


def test_a_reset_may_hide_a_write_too(
    server: SandboxServer, api: httpx.Client, own_playlist: str, uris: dict[str, str]
) -> None:
    """The connection is cut before or after the work; afterwards calls work again."""
    path, body = f"/playlists/{own_playlist}/items", {"uris": [uris["Juicy"]]}
    server.faults.add(connection_reset(), connection_reset(when="after"))
    with pytest.raises(httpx.TransportError):
        api.post(path, json=body)
    assert server.store.account.playlists[own_playlist].entries == ()
    with pytest.raises(httpx.TransportError):
        api.post(path, json=body)
    assert len(server.store.account.playlists[own_playlist].entries) == 1
    assert api.get("/me").status_code == 200


def test_silence_lasts_until_the_client_gives_up(server: SandboxServer, api: httpx.Client) -> None:
    """A read times out; the next call is answered."""
    server.faults.add(silence())
    with pytest.raises(httpx.ReadTimeout):
        api.get("/me", timeout=0.2)
    assert api.get("/me").status_code == 200


def test_faults_wait_for_the_calls_they_are_meant_for(server: SandboxServer, api: httpx.Client) -> None:
    """Others pass them by, and what has not struck can be taken back."""
    server.faults.add(not_registered(method="GET", path="/v1/me/tracks"), server_error(500, method="POST"))
    assert api.get("/me").status_code == 200
    refused = api.get("/me/tracks")
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/plain")
    assert server.faults.waiting == 1
    server.faults.clear()
    assert api.post("/me/playlists", json={"name": "x"}).status_code == 201


def test_reading_may_lag_behind_writing(server: SandboxServer, api: httpx.Client, own_playlist: str) -> None:
    """A playlist made a moment ago is not found at first."""
    server.faults.add(not_there_yet())
    first, second = api.get(f"/playlists/{own_playlist}"), api.get(f"/playlists/{own_playlist}")
    assert first.json() == {"error": {"status": 404, "message": "Resource not found"}}
    assert second.json()["name"] == "New"


def test_the_login_can_fail_too(server: SandboxServer) -> None:
    """Faults reach the token endpoint as well as the Web API."""
    server.faults.add(server_error(503, path="/api/token"))
    assert httpx.post(f"{server.accounts_url}/api/token", data={"grant_type": "refresh_token"}).status_code == 503
