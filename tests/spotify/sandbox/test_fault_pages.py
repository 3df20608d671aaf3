import httpx
import pytest

from cratewise.spotify.sandbox.fault_pages import FAULTS
from cratewise.spotify.sandbox.server import SandboxServer


def test_a_chosen_fault_strikes_so_often_and_where_it_is_meant(server: SandboxServer, api: httpx.Client) -> None:
    """Others pass; the page itself is never hit and counts what is waiting."""
    form = {"kind": "502", "method": "GET", "path": "/v1/me/tracks", "times": "2"}
    added = httpx.post(f"{server.page_url}/faults", data=form, follow_redirects=True)
    assert (added.status_code, "2 faults are waiting" in added.text) == (200, True)
    assert [api.get(path).status_code for path in ("/me", "/me/tracks", "/me/tracks", "/me/tracks")] == [
        200,
        502,
        502,
        200,
    ]


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_on_the_page_spoils_a_call(server: SandboxServer, api: httpx.Client, kind: str) -> None:
    """With the defaults it waits for the next call to the Web API."""
    assert f'value="{kind}"' in httpx.get(f"{server.page_url}/faults").text
    assert httpx.post(f"{server.page_url}/faults", data={"kind": kind}).status_code == 303
    try:
        status = api.get("/me", timeout=0.3).status_code
    except httpx.TransportError:
        status = 0
    assert status != 200
    assert server.faults.waiting == 0


@pytest.mark.parametrize(
    ("kind", "message"), [("expired", "The access token expired"), ("revoked", "Invalid access token")]
)
def test_tokens_end_at_once(server: SandboxServer, api: httpx.Client, kind: str, message: str) -> None:
    """The next call is answered 401, for the reason chosen."""
    httpx.post(f"{server.page_url}/faults", data={"kind": kind})
    answer = api.get("/me")
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, message)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("wrong-redirect", "INVALID_CLIENT: Invalid redirect URI"), ("wrong-client", "INVALID_CLIENT: Invalid client")],
)
def test_a_login_that_is_set_up_wrong_can_be_rehearsed(server: SandboxServer, kind: str, said: str) -> None:
    """The login's page says what Spotify's says, until the faults are taken back."""
    query = {
        "response_type": "code",
        "client_id": "0" * 32,
        "redirect_uri": "http://127.0.0.1:8765/callback",
        "code_challenge_method": "S256",
        "code_challenge": "x" * 43,
        "state": "s",
    }

    def page() -> str:
        return httpx.get(f"{server.accounts_url}/authorize", params=query).text

    assert said not in page()
    httpx.post(f"{server.page_url}/faults", data={"kind": kind})
    assert said in page()
    httpx.post(f"{server.page_url}/faults", data={"kind": "none"})
    assert said not in page()


def test_faults_can_be_taken_back(server: SandboxServer, api: httpx.Client) -> None:
    """Nothing waits any more."""
    httpx.post(f"{server.page_url}/faults", data={"kind": "500", "times": "9"})
    httpx.post(f"{server.page_url}/faults", data={"kind": "none"})
    assert (server.faults.waiting, api.get("/me").status_code) == (0, 200)


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "flood"},
        {"kind": "500", "path": "/"},
        {"kind": "500", "times": "0"},
        {"kind": "500", "method": "TRACE"},
    ],
)
def test_what_cannot_go_wrong_is_refused(server: SandboxServer, form: dict[str, str]) -> None:
    """Unknown kinds, the pages themselves, no times, other methods."""
    assert httpx.post(f"{server.page_url}/faults", data=form).status_code == 400
    assert server.faults.waiting == 0


def test_another_site_cannot_send_the_form(server: SandboxServer) -> None:
    """A browser says where a form comes from."""
    headers = {"sec-fetch-site": "cross-site"}
    assert httpx.post(f"{server.page_url}/faults", data={"kind": "500"}, headers=headers).status_code == 403
    assert server.faults.waiting == 0
