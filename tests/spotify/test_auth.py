"""The login's requests, exact to the letter."""

from urllib.parse import parse_qs, urlsplit

import pytest

from cratewise.spotify.auth import Authoriser, PendingLogin, challenge_of, tokens_from
from cratewise.spotify.errors import BadAnswer, LoginFailed
from cratewise.spotify.transport import HttpSender

from .conftest import START_S, FakeClock, ScriptedServer

REDIRECT = "http://127.0.0.1:8765/callback"
GIVEN = {"access_token": "secret-a", "refresh_token": "secret-r", "expires_in": 3600, "token_type": "Bearer"}


@pytest.fixture
def pending() -> PendingLogin:
    """A login that was begun."""
    return PendingLogin("my-app", REDIRECT, ("user-library-read", "playlist-read-private"))


def test_the_challenge_is_that_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_authorise_address_carries_all_that_pkce_needs(pending: PendingLogin) -> None:
    """S256, state, the exact redirect URI, and no secret."""
    address = urlsplit(pending.authorise_url("https://accounts.spotify.com"))
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address[:3] == ("https", "accounts.spotify.com", "/authorize")
    assert query == {
        "client_id": "my-app",
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "user-library-read playlist-read-private",
        "state": pending.state,
        "code_challenge_method": "S256",
        "code_challenge": challenge_of(pending.verifier),
    }
    assert pending.verifier not in address.query


def test_every_login_has_its_own_state_and_verifier() -> None:
    """Both are long enough and never the same twice; the verifier's length is what RFC 7636 allows."""
    first, second = (PendingLogin("my-app", REDIRECT, ()) for _ in range(2))
    assert len({first.state, second.state, first.verifier, second.verifier}) == 4
    assert len(first.state) >= 32
    assert 43 <= len(first.verifier) <= 128


def test_a_code_is_exchanged_for_tokens(pending: PendingLogin, server: ScriptedServer, clock: FakeClock) -> None:
    """The form names code, verifier, redirect URI and app; scopes that the answer leaves out are those asked for."""
    server.answers(200, GIVEN)
    tokens = _authoriser(server, clock).exchange(pending, "the-code")
    assert server.lines == ["POST /api/token"]
    assert server.heard[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert server.heard[0].form == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": REDIRECT,
        "client_id": "my-app",
        "code_verifier": pending.verifier,
    }
    assert (tokens.access_token, tokens.refresh_token) == ("secret-a", "secret-r")
    assert (tokens.expires_at_s, tokens.authorised_at_s) == (START_S + 3600, START_S)
    assert tokens.scopes == pending.scopes


def test_a_code_used_twice_says_to_log_in_again(
    pending: PendingLogin, server: ScriptedServer, clock: FakeClock
) -> None:
    """A replayed or old code is refused by Spotify with invalid_grant."""
    server.answers(400, {"error": "invalid_grant", "error_description": "Invalid authorization code"})
    with pytest.raises(LoginFailed, match="Invalid authorization code") as raised:
        _authoriser(server, clock).exchange(pending, "the-code")
    assert "log in again" in raised.value.hint


def test_an_unknown_app_is_named(pending: PendingLogin, server: ScriptedServer, clock: FakeClock) -> None:
    """A mistyped client id shows in the message, and where to find the right one in the hint."""
    server.answers(400, {"error": "invalid_client", "error_description": "Invalid client"})
    with pytest.raises(LoginFailed, match="'my-app'") as raised:
        _authoriser(server, clock).exchange(pending, "the-code")
    assert "Client ID" in raised.value.hint


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"access_token": "a\\nb"}', b'{"access_token": "secret-a", "expires_in": "soon"}'],
)
def test_an_answer_without_tokens_is_an_error_that_shows_none(
    pending: PendingLogin, server: ScriptedServer, clock: FakeClock, body: bytes
) -> None:
    """What the token endpoint answers is never repeated in an error."""
    server.answers(200, body=body)
    with pytest.raises(BadAnswer, match="POST /api/token") as raised:
        _authoriser(server, clock).exchange(pending, "the-code")
    assert "secret" not in str(raised.value)


def test_tokens_given_by_the_sandbox_are_taken_over(clock: FakeClock) -> None:
    """The demo needs no browser; what holds no tokens is refused."""
    tokens = tokens_from(GIVEN | {"scope": "user-library-read"}, "sandbox", clock.timing)
    assert (tokens.client_id, tokens.scopes, tokens.expires_at_s) == ("sandbox", ("user-library-read",), START_S + 3600)
    with pytest.raises(LoginFailed):
        tokens_from({"access_token": 1}, "sandbox", clock.timing)
    with pytest.raises(LoginFailed, match="no refresh token"):
        tokens_from({"access_token": "secret-a"}, "sandbox", clock.timing)


def _authoriser(server: ScriptedServer, clock: FakeClock) -> Authoriser:
    return Authoriser(HttpSender(server.url), clock.timing)
