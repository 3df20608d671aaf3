"""Logging in by the browser: every way it can end has a page and a message that says what to do."""

import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from cratewise.errors import CratewiseError
from cratewise.spotify.connect import connect, kept_in, logins
from cratewise.spotify.errors import Forbidden, LoginFailed, shown_time
from cratewise.spotify.login import Logins, check_redirect_uri
from cratewise.spotify.loopback import Listener
from cratewise.spotify.scopes import SORTING
from cratewise.spotify.tokens import TokenStore
from cratewise.spotify.values import User

from .conftest import START_S, FakeClock, Heard, Reply, ScriptedServer

APP = "0123456789abcdef0123456789ABCDEF"
GIVEN = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600, "scope": " ".join(SORTING)}
ME = {"account_id": "acc1", "id": "someone", "display_name": "Some <One>"}


@pytest.fixture
def accounts(server: ScriptedServer, clock: FakeClock, tmp_path: Path) -> Iterator[Logins]:
    """The logins of an empty data folder."""
    with logins(kept_in(tmp_path), server.addresses, timing=clock.timing) as made:
        yield made


def come_back(accounts: Logins, **changes: str) -> tuple[httpx.Response, User | CratewiseError]:
    """Plays browser and Spotify: follows the address to the listener, with `changes` to what Spotify would send."""
    with (
        Listener(
            0,
            lambda query: accounts.finish(pending, query),
            lambda query: pending.is_answered_by(query),  # noqa: PLW0108 - made below
        ) as listener,
        ThreadPoolExecutor() as browser,
        socket.create_connection(("127.0.0.1", urlsplit(listener.redirect_uri).port or 0)),  # opened ahead, never used
    ):
        pending, address = accounts.begin(APP, listener.redirect_uri)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        query = {"code": "the-code", "state": asked["state"]} | changes
        page = browser.submit(httpx.get, f"{asked['redirect_uri']}?{urlencode(query)}", trust_env=False)
        try:
            outcome: User | CratewiseError = listener.wait(30)
        except CratewiseError as failure:
            outcome = failure
        return page.result(), outcome


def test_a_login_keeps_tokens_under_the_account(
    accounts: Logins, server: ScriptedServer, store: TokenStore, clock: FakeClock
) -> None:
    """The person sees a page with their name, the tokens are kept, and the app is remembered."""
    server.answers(200, GIVEN)
    server.answers(200, ME)
    page, user = come_back(accounts)
    assert user == User("acc1", "someone", "Some <One>")
    assert page.status_code == 200
    assert "Hello Some &lt;One&gt;." in page.text
    assert server.lines == ["POST /api/token", "GET /v1/me"]
    assert server.heard[1].headers["authorization"] == "Bearer access-1"
    assert accounts.accounts() == store.accounts() == ("acc1",)
    assert store.client_id() == APP
    assert accounts.begin("", "http://127.0.0.1:1/callback")[0].client_id == APP
    accounts.forget("acc1")
    assert accounts.accounts() == ()


def test_nothing_secret_is_logged(
    accounts: Logins, server: ScriptedServer, caplog: pytest.LogCaptureFixture, tmp_path: Path, clock: FakeClock
) -> None:
    """A login, a call and a refresh, with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    server.answers(200, GIVEN)
    server.answers(200, ME)
    come_back(accounts)
    clock.now_s += 3600
    server.answers(200, {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600})
    server.answers(200, ME)
    with connect(kept_in(tmp_path), server.addresses, timing=clock.timing) as client:
        assert client.current_user().id == "someone"
    verifier = next(heard.form["code_verifier"] for heard in server.heard if heard.path == "/api/token")
    from_this_program = [record for record in caplog.records if "/callback" not in record.getMessage()]
    logged = "\n".join(record.getMessage() for record in from_this_program)
    assert logged.count("POST /api/token -> 200") == 2
    assert not any(secret in logged for secret in ("access-", "refresh-", "the-code", verifier))


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"error": "access_denied", "code": ""}, "did not allow", "choose Agree"),
        ({"error": "server_error", "code": ""}, "server_error", "Log in again"),
        ({"code": ""}, "without a code", "Log in again"),
    ],
)
def test_what_spotify_or_the_person_refuses_is_said(
    accounts: Logins, server: ScriptedServer, changes: dict[str, str], message: str, hint: str
) -> None:
    """Denied, failed at Spotify, another login's answer, no code: nothing is sent, page and error say the same."""
    page, failure = come_back(accounts, **changes)
    assert isinstance(failure, LoginFailed)
    assert message in str(failure)
    assert hint in failure.hint
    assert page.status_code == 400
    assert hint in page.text
    assert server.heard == []


def test_an_account_that_is_not_on_the_apps_list_is_told_how_to_get_there(
    accounts: Logins, server: ScriptedServer, store: TokenStore
) -> None:
    """Spotify's 403 need not be JSON; no login is kept."""
    server.answers(200, GIVEN)
    server.answers(403, body=b"User not registered in the Developer Dashboard")
    page, failure = come_back(accounts)
    assert isinstance(failure, Forbidden)
    assert "User Management" in failure.hint
    assert "User Management" in page.text
    assert store.accounts() == ()


def test_an_app_whose_owner_has_no_premium_is_told(accounts: Logins, server: ScriptedServer) -> None:
    """Development mode needs the owner's Premium."""
    server.answers(200, GIVEN)
    server.answers(403, {"error": {"status": 403, "message": "Active premium subscription required for the owner"}})
    _, failure = come_back(accounts)
    assert isinstance(failure, Forbidden)
    assert "Premium" in failure.hint


def test_a_stray_visit_is_told_so_and_waited_past(accounts: Logins, server: ScriptedServer) -> None:
    """A tab of an older attempt, or anybody's visit, neither ends the login nor sends anything; the real one counts."""
    server.answers(200, GIVEN)
    server.answers(200, ME)
    with (
        Listener(
            0,
            lambda query: accounts.finish(pending, query),
            lambda query: pending.is_answered_by(query),  # noqa: PLW0108 - made below
        ) as listener,
        ThreadPoolExecutor() as browser,
    ):
        pending, _ = accounts.begin(APP, listener.redirect_uri)
        for query in ("", "?code=c&state=of-another-login", "?error=access_denied", "?state=%C3%A9"):
            stray = httpx.get(f"{listener.redirect_uri}{query}", trust_env=False)
            assert (stray.status_code, "older attempts" in stray.text) == (409, True)
        assert server.heard == []
        address = f"{listener.redirect_uri}?{urlencode({'code': 'c', 'state': pending.state})}"
        page = browser.submit(httpx.get, address, trust_env=False)
        assert listener.wait(30).id == "someone"
        assert page.result().status_code == 200
    with pytest.raises(LoginFailed, match="does not belong") as raised:
        accounts.finish(pending, {"code": "c", "state": "another"})
    assert "older attempts" in raised.value.hint


def test_a_page_that_is_reloaded_does_not_log_in_twice() -> None:
    """The second visit is told that this login is over, and other addresses lead nowhere."""
    finished: list[str] = []

    def finish(query: object) -> User:
        finished.append(str(query))
        return User("a", "a", "A")

    with Listener(0, finish, lambda _: True) as listener, ThreadPoolExecutor() as browser:
        address = f"{listener.redirect_uri}?code=c&state=s"
        visits = [browser.submit(httpx.get, address, trust_env=False) for _ in range(2)]
        elsewhere = httpx.get(listener.redirect_uri.replace("/callback", "/favicon.ico"), trust_env=False)
        assert listener.wait(30).id == "a"
        statuses = sorted(visit.result().status_code for visit in visits)
    assert (statuses, elsewhere.status_code) == ([200, 409], 404)
    assert len(finished) == 1


def test_the_page_loads_nothing_and_is_not_kept(accounts: Logins, server: ScriptedServer) -> None:
    """The address carries the code: no cache, no referrer, no scripts."""
    page, _ = come_back(accounts, error="access_denied")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_nobody_coming_back_names_the_redirect_uri(accounts: Logins) -> None:
    """A wrong redirect URI shows only on Spotify's page: the time-out says what to enter."""
    with Listener(0, lambda _: User("a", "a", "A"), lambda _: True) as listener:
        with pytest.raises(LoginFailed, match="nobody came back") as raised:
            listener.wait(0)
        assert listener.redirect_uri in raised.value.hint
    assert "INVALID_CLIENT" in raised.value.hint


def test_a_port_that_is_taken_says_what_to_do() -> None:
    """The hint gives another port and the redirect URI that goes with it."""
    with Listener(0, lambda _: User("a", "a", "A"), lambda _: True) as first:
        port = urlsplit(first.redirect_uri).port
        assert port is not None
        with pytest.raises(LoginFailed, match=f"port {port}") as raised:
            Listener(port, lambda _: User("a", "a", "A"), lambda _: True)
    assert "--port" in raised.value.hint
    assert "http://127.0.0.1:8767/callback" in raised.value.hint


def test_an_app_without_a_client_id_is_told_where_to_get_one(accounts: Logins) -> None:
    """The first login needs one."""
    with pytest.raises(LoginFailed, match="client id") as raised:
        accounts.begin("  ", "http://127.0.0.1:8765/callback")
    assert "cratewise login --client-id" in raised.value.hint


@pytest.mark.parametrize("uri", ["http://localhost:8765/callback", "http://192.168.1.5/callback", "ftp://x", ""])
def test_redirect_uris_that_spotify_refuses_are_refused_here(uri: str) -> None:
    """Only https, or http on a loopback address written as a number."""
    with pytest.raises(LoginFailed, match="redirect URI"):
        check_redirect_uri(uri)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8765/callback", "http://[::1]:80/cb", "https://music.example/cb"])
def test_redirect_uris_that_spotify_takes_pass(accounts: Logins, uri: str) -> None:
    """They stand in the address as they are."""
    assert accounts.begin(APP, uri)[0].redirect_uri == uri


def test_a_quota_stop_meets_the_login_too(accounts: Logins, server: ScriptedServer, store: TokenStore) -> None:
    """When Spotify takes no more calls, the page says until when."""

    def stop(heard: Heard) -> Reply:
        body = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
        return Reply(429, json.dumps(body).encode(), {"Retry-After": "3600"})

    server.answers(200, GIVEN)
    server.rules["/v1/me"] = stop
    page, failure = come_back(accounts)
    until = f"until {shown_time(datetime.fromtimestamp(START_S + 3600, UTC))}"
    assert until in str(failure)
    assert until in page.text
    assert store.accounts() == ()
