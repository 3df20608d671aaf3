"""Logging in to a host: sessions, and what nobody sees without one."""

import re
from datetime import timedelta

import httpx
import pytest
from tests.hosting.conftest import Browser, Hosting

from cratewise.hosting.sessions import SessionStore

PAGES = ("/", "/genres", "/songs", "/review", "/map", "/settings", "/history", "/preview")


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """A browser in front of one web process."""
    return hosting.browser(hosting.serve())


def test_without_a_session_there_is_only_the_page_to_log_in_on(browser: Browser) -> None:
    """Pages lead there and come back afterwards; the API refuses in its own shape."""
    for page in PAGES:
        answer = browser.client.get(page)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/connect"), page
    page = browser.client.get("/connect?back=%2Fgenres")
    assert "Log in with Spotify" in page.text
    assert "client-id" not in page.text  # the host has an app
    assert 'aria-label="Main"' not in page.text  # there is nowhere to go yet
    answer = browser.client.get("/api/state")
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"message", "hint"}


def test_every_operation_of_the_api_asks_for_a_session(hosting: Hosting, browser: Browser) -> None:
    """Also those that nobody remembers: the description is what is gone through."""
    signed_in = hosting.browser(str(browser.client.base_url))
    signed_in.log_in()
    described = signed_in.client.get("/api/openapi.json").json()["paths"]
    tried = {
        (method, path): browser.client.request(method, re.sub(r"\{\w+\}", "1", path), json={}).status_code
        for path, operations in described.items()
        for method in operations
    }
    assert len(tried) > 30
    open_to_all = {("post", "/api/login"), ("put", "/api/theme")}
    assert {one for one, status in tried.items() if status != 401} == open_to_all


def test_a_login_begins_a_session_that_only_this_browser_has(hosting: Hosting, browser: Browser) -> None:
    """The cookie is for this server alone and no script; a second browser has to log in itself."""
    landed = browser.log_in()
    assert landed.headers["location"] == "/"
    (cookie,) = (one for one in landed.headers.get_list("set-cookie") if one.startswith("account="))
    value, *attributes = cookie.split("; ")
    assert re.fullmatch(r"account=[\w-]{43}", value)
    assert set(attributes) == {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"}
    assert browser.client.get("/").status_code == 200
    assert hosting.browser(str(browser.client.base_url)).client.get("/api/state").status_code == 401


def test_another_process_can_finish_what_one_began(hosting: Hosting, browser: Browser) -> None:
    """What a login needs travels in the browser; the session holds at every process."""
    address = browser.client.post("/api/login", json={}).json()["address"]
    location = httpx.post(address, data={"decision": "approve"}).headers["location"]
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    query = location.partition("?")[2]
    cookie = next(one for one in browser.client.cookies.jar if one.name == "login")
    landed = other.client.get(f"/callback?{query}", headers={"cookie": f"login={cookie.value}"})
    assert landed.headers["location"] == "/"
    browser.client.cookies.update(landed.cookies)
    assert browser.client.get("/api/state").status_code == 200


def test_a_login_that_was_declined_says_so_in_this_browser_alone(hosting: Hosting, browser: Browser) -> None:
    """The message comes with the page to log in on."""
    landed = browser.log_in(decision="deny")
    assert landed.headers["location"] == "/connect"
    assert "did not allow cratewise to use your account" in browser.client.get("/connect").text
    assert "did not allow" not in hosting.browser(str(browser.client.base_url)).client.get("/connect").text
    assert browser.client.get("/api/state").status_code == 401


def test_an_answer_of_another_browser_begins_nothing(hosting: Hosting, browser: Browser) -> None:
    """Somebody who is sent an attacker's return address is not logged in to the attacker's account."""
    address = browser.client.post("/api/login", json={}).json()["address"]
    location = httpx.post(address, data={"decision": "approve"}).headers["location"]
    victim = hosting.browser(str(browser.client.base_url))
    victim.client.post("/api/login", json={})
    assert victim.client.get(location).headers["location"] == "/connect?stale=true"
    assert victim.client.get("/api/state").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 5000, "' OR 1=1 --", "\\udc80"])
def test_a_made_up_session_opens_nothing(browser: Browser, cookie: str) -> None:
    """Whatever it holds, the answer is a refusal and no fault."""
    answer = browser.client.get("/api/state", headers={"cookie": f"account={cookie}".encode("latin-1")})
    assert answer.status_code == 401


def test_logging_out_here_leaves_the_other_browsers_in(hosting: Hosting, browser: Browser) -> None:
    """And logging out of cratewise ends them all, and forgets the login."""
    other = hosting.browser(str(browser.client.base_url))
    browser.log_in()
    other.log_in()
    assert browser.client.post("/api/leave").status_code == 200
    assert browser.client.get("/api/state").status_code == 401
    assert other.client.get("/api/state").status_code == 200
    browser.log_in()
    assert other.client.post("/api/logout").json() == {"logins": 1}
    assert [one.client.get("/api/state").status_code for one in (browser, other)] == [401, 401]


def test_a_stolen_cookie_ends_with_its_session(browser: Browser) -> None:
    """Not only in the browser that logged out."""
    browser.log_in()
    stolen = {"cookie": f"account={browser.client.cookies['account']}"}
    assert browser.client.get("/api/state", headers=stolen).status_code == 200
    browser.client.post("/api/leave")
    assert browser.client.get("/api/state", headers=stolen).status_code == 401


def test_the_database_holds_no_session_that_could_be_used(hosting: Hosting, browser: Browser) -> None:
    """Nor a token of Spotify's: a copy of it opens nothing without the key in the data folder."""
    browser.log_in()
    with hosting.host._database.reading() as connection:
        kept = [
            repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608 (names of ours)
            for table in ("sessions", "drawers", "jobs")
        ]
    tokens = hosting.host.spotify(hosting.sandbox.store.account.account_id).logins.latest()
    assert tokens is not None
    secrets = (browser.client.cookies["account"], tokens.access_token, tokens.refresh_token)
    assert not any(secret in text for secret in secrets for text in kept)


def test_a_session_ends_after_thirty_days(hosting: Hosting) -> None:
    """Also where nobody logged out."""
    now = hosting.host.now()
    sessions = SessionStore(hosting.host._database, lambda: now)
    token = sessions.begin("ada")
    assert sessions.account_of(token) == "ada"
    now += timedelta(days=30, seconds=1)
    assert sessions.account_of(token) is None
