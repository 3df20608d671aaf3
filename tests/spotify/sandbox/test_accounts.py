import re
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cratewise.spotify.sandbox.accounts import challenge_of, is_allowed_redirect
from cratewise.spotify.sandbox.api import REMOVED_CALLS
from cratewise.spotify.sandbox.server import SandboxServer

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"
REDIRECT = "http://127.0.0.1:8765/callback"
ASKED = {
    "client_id": "my-app",
    "response_type": "code",
    "redirect_uri": REDIRECT,
    "scope": "user-library-read playlist-modify-private",
    "state": "s&1",
    "code_challenge_method": "S256",
    "code_challenge": challenge_of(VERIFIER),
}
EXCHANGE = {
    "grant_type": "authorization_code",
    "client_id": "my-app",
    "redirect_uri": REDIRECT,
    "code_verifier": VERIFIER,
}


@pytest.fixture
def web(server: SandboxServer, no_tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A browser that does not follow redirects."""
    with httpx.Client(base_url=server.accounts_url, verify=no_tls) as client:
        yield client


def decided(web: httpx.Client, decision: str = "approve") -> dict[str, list[str]]:
    """What the app finds at its redirect address after the person decided."""
    answer = web.post("/authorize", params=ASKED, data={"decision": decision})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(REDIRECT + "?")
    return parse_qs(urlsplit(answer.headers["location"]).query)


def tokens_of(web: httpx.Client, **changed: str) -> httpx.Response:
    """The token endpoint's answer to a new code, some of the form changed."""
    return web.post("/api/token", data={**EXCHANGE, "code": decided(web)["code"][0], **changed})


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_consent_page_says_who_asks_for_what(web: httpx.Client) -> None:
    """It names the app, the account and each permission, and may send its form on to the app."""
    page = web.get("/authorize", params={**ASKED, "client_id": "<b>app</b>"})
    assert page.status_code == 200
    assert "&lt;b&gt;app&lt;/b&gt;" in page.text
    assert "See the songs you like" in page.text
    assert "form-action 'self' http://127.0.0.1:8765" in page.headers["content-security-policy"]
    assert "<script" not in page.text


def test_a_login_ends_with_tokens_that_work(web: httpx.Client, server: SandboxServer) -> None:
    """The page's own form leads to a code, the code to tokens with just the scopes asked for."""
    page = web.get("/authorize", params=ASKED).text
    action = re.search(r'action="([^"]+)"', page)
    assert action is not None
    answer = web.post(action[1].replace("&amp;", "&"), data={"decision": "approve"})
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["state"] == ["s&1"]
    tokens = web.post("/api/token", data={**EXCHANGE, "code": back["code"][0]}).json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, ASKED["scope"])
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert httpx.get(f"{server.api_url}/me/tracks", headers=headers).status_code == 200
    assert httpx.get(f"{server.api_url}/me/playlists", headers=headers).status_code == 403


def test_a_no_comes_back_as_one(web: httpx.Client) -> None:
    """The app learns access_denied, and its state."""
    assert decided(web, "deny") == {"error": ["access_denied"], "state": ["s&1"]}


def test_the_form_cannot_be_sent_from_another_site(web: httpx.Client) -> None:
    """A page elsewhere cannot agree in the person's name."""
    headers = {"sec-fetch-site": "cross-site"}
    answer = web.post("/authorize", params=ASKED, data={"decision": "approve"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"scope": "read-everything"}, "invalid_scope"),
    ],
)
def test_what_cannot_be_asked_for_comes_back_as_an_error(
    web: httpx.Client, changed: dict[str, str], error: str
) -> None:
    """The implicit grant, logins without PKCE and unknown scopes are refused at the redirect address."""
    answer = web.get("/authorize", params={**ASKED, **changed})
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [error]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"client_id": ""}, "INVALID_CLIENT: Invalid client"),
        ({"redirect_uri": "http://localhost:8765/callback"}, "INVALID_CLIENT: Invalid redirect URI"),
    ],
)
def test_an_unsafe_address_gets_no_redirect(web: httpx.Client, changed: dict[str, str], text: str) -> None:
    """A plain page says what is wrong, as the person must not be sent anywhere."""
    answer = web.get("/authorize", params={**ASKED, **changed})
    assert (answer.status_code, answer.text) == (400, text)


@pytest.mark.parametrize(
    ("uri", "is_allowed"),
    [
        ("https://example.org/callback", True),
        ("http://127.0.0.1/callback", True),
        ("http://[::1]:3000/callback", True),
        ("http://localhost:3000", False),
        ("http://example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("https://", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_redirects_go_to_https_or_a_loopback_number(uri: str, is_allowed: bool) -> None:
    """`localhost` is refused since 2025."""
    assert is_allowed_redirect(uri) is is_allowed


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({"code_verifier": "another"}, "code_verifier was incorrect"),
        ({"redirect_uri": REDIRECT + "2"}, "Invalid redirect URI"),
        ({"client_id": "another"}, "Invalid authorization code"),
        ({"code": "made-up"}, "Invalid authorization code"),
    ],
)
def test_a_code_is_good_only_for_the_app_that_asked(
    web: httpx.Client, changed: dict[str, str], description: str
) -> None:
    """Another verifier, address, app or code gets invalid_grant."""
    answer = tokens_of(web, **changed)
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": description}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_client"),
        ({"client_id": "a"}, "unsupported_grant_type"),
        ({"client_id": "a", "grant_type": "authorization_code"}, "invalid_request"),
        ({"client_id": "a", "grant_type": "refresh_token"}, "invalid_request"),
        ({"client_id": "a", "grant_type": "refresh_token", "refresh_token": "made-up"}, "invalid_grant"),
    ],
)
def test_forms_the_token_endpoint_cannot_use_are_refused(web: httpx.Client, form: dict[str, str], error: str) -> None:
    """In the shape of OAuth, not in the Web API's."""
    answer = web.post("/api/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_code_works_once_and_for_ten_minutes(web: httpx.Client, move_clock: Callable[[timedelta], None]) -> None:
    """A replayed code and an old one get invalid_grant."""
    code = decided(web)["code"][0]
    assert web.post("/api/token", data={**EXCHANGE, "code": code}).status_code == 200
    assert web.post("/api/token", data={**EXCHANGE, "code": code}).status_code == 400
    late = decided(web)["code"][0]
    move_clock(timedelta(minutes=10))
    answer = web.post("/api/token", data={**EXCHANGE, "code": late})
    assert answer.json()["error_description"] == "Authorization code expired"


def refreshed(web: httpx.Client, refresh_token: str) -> httpx.Response:
    """The token endpoint's answer to a refresh."""
    form = {"grant_type": "refresh_token", "client_id": "my-app", "refresh_token": refresh_token}
    return web.post("/api/token", data=form)


def test_a_refresh_token_is_replaced_when_used(web: httpx.Client) -> None:
    """The old one is revoked, the new one goes on."""
    first = tokens_of(web).json()["refresh_token"]
    second = refreshed(web, first).json()["refresh_token"]
    assert second != first
    assert refreshed(web, first).json() == {
        "error": "invalid_grant",
        "error_description": "Refresh token revoked",
    }
    assert refreshed(web, second).status_code == 200


def test_a_refresh_may_answer_without_a_refresh_token(web: httpx.Client, server: SandboxServer) -> None:
    """Then the old one stays good."""
    server.accounts.rotates_refresh_tokens = False
    first = tokens_of(web).json()["refresh_token"]
    assert "refresh_token" not in refreshed(web, first).json()
    assert refreshed(web, first).status_code == 200


def test_a_refresh_token_ends_six_months_after_the_login(
    web: httpx.Client, move_clock: Callable[[timedelta], None]
) -> None:
    """Refreshing does not extend it."""
    token = tokens_of(web).json()["refresh_token"]
    move_clock(timedelta(days=181))
    token = refreshed(web, token).json()["refresh_token"]
    move_clock(timedelta(days=1))
    answer = refreshed(web, token)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("header", "status", "message"),
    [
        ({}, 401, "No token provided"),
        ({"authorization": "Bearer made-up"}, 401, "Invalid access token"),
        ({"authorization": "Basic made-up"}, 400, "Only valid bearer authentication supported"),
    ],
)
def test_a_call_needs_a_good_token(server: SandboxServer, header: dict[str, str], status: int, message: str) -> None:
    """No token, one nobody gave, and one of another kind are told apart."""
    answer = httpx.get(f"{server.api_url}/me", headers=header)
    assert (answer.status_code, answer.json()) == (status, {"error": {"status": status, "message": message}})


def test_an_access_token_ends_after_an_hour(api: httpx.Client, move_clock: Callable[[timedelta], None]) -> None:
    """By the sandbox's clock."""
    move_clock(timedelta(minutes=59))
    assert api.get("/me").status_code == 200
    move_clock(timedelta(minutes=1))
    assert api.get("/me").json() == {"error": {"status": 401, "message": "The access token expired"}}


def test_tokens_can_be_expired_and_revoked_at_once(server: SandboxServer, api: httpx.Client, web: httpx.Client) -> None:
    """Expired ones can be refreshed, revoked ones cannot."""
    refresh_token = tokens_of(web).json()["refresh_token"]
    server.accounts.expire_access_tokens()
    assert api.get("/me").json()["error"]["message"] == "The access token expired"
    refresh_token = refreshed(web, refresh_token).json()["refresh_token"]
    server.accounts.revoke_all()
    assert api.get("/me").json()["error"]["message"] == "Invalid access token"
    assert refreshed(web, refresh_token).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("path", "methods"), REMOVED_CALLS)
def test_removed_calls_answer_forbidden(api: httpx.Client, path: str, methods: tuple[str, ...]) -> None:
    """Whatever the token may do."""
    address = re.sub(r"\{[^}]*\}", "x", path)
    for method in methods:
        answer = api.request(method, address)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Forbidden"), address


def test_an_address_that_never_was_is_not_found(api: httpx.Client) -> None:
    """404 and 405 come in Spotify's shape too."""
    assert api.get("/me/nothing").json() == {"error": {"status": 404, "message": "Service not found"}}
    assert api.patch("/me").json()["error"]["status"] == 405


def test_tokens_never_show_in_a_repr(server: SandboxServer) -> None:
    """Neither the access token nor the refresh token."""
    tokens = server.issue_token()
    shown = repr(server.store.grants)
    assert tokens["access_token"] not in shown
    assert tokens["refresh_token"] not in shown
