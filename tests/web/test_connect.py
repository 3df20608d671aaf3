"""Logging in and out on the pages, against the sandbox over real HTTP: a browser with cookies, a person who decides."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.settings import load_settings
from cratewise.spotify.sandbox.accounts import NO_PREMIUM, NOT_ON_THE_LIST
from cratewise.spotify.sandbox.demo import account_from
from cratewise.spotify.sandbox.faults import too_many_requests
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.values import Person
from cratewise.spotify.scopes import READING, SORTING
from cratewise.tracks import Track
from cratewise.web.connection import LIFE, local_way
from cratewise.web.server import WebServer
from cratewise.workflows.account import Account, LikedPage

from .conftest import FAMILIES, PATIENCE_S, running

APP = "0123456789abcdef0123456789abcdef"
SONGS = "title,artists,album,year,note\n" + "".join(f"Song {n},Artist {n},Album,1994,\n" for n in range(12))
NAVIGATION = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


class OneFamily:
    """Is sure that everything is of one family."""

    version = "one"

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """One for each track."""
        return [
            Classification(one.track_id, FAMILIES[0], FAMILIES[0], 0.9, FAMILIES[1], False, "So.") for one in tracks
        ]


class MovableClock:
    """The time, until it is moved."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Now, or as far ahead as it was moved."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Place:
    """A server nobody is logged in to, the sandbox in Spotify's place, and a browser."""

    url: str
    server: WebServer
    sandbox: SandboxServer
    clock: MovableClock
    browser: httpx.Client

    def begin(self, **order: object) -> httpx.Response:
        """What the button sends."""
        body = {"client_id": APP, **order}
        return self.browser.post("/api/login", json=body, headers={"sec-fetch-site": "same-origin"})

    def consent(self, decision: str = "approve", **order: object) -> str:
        """Begins a login, decides at the sandbox, and gives the address that the browser is sent back to."""
        address = self.begin(**order).json()["address"]
        with httpx.Client(trust_env=False) as visitor:  # another site: no cookie of ours
            form = re.search(r'action="([^"]+)"', visitor.get(address).text)
            assert form, "the sandbox does not ask"
            there = httpx.URL(address).join(unescape(form[1]))
            return visitor.post(there, data={"decision": decision}).headers["location"]

    def come_back(self, address: str) -> httpx.Response:
        """Follows that address as a browser does, one step."""
        return self.browser.get(address, headers=NAVIGATION)

    def words(self, path: str) -> str:
        """What a page says, after redirects."""
        page = self.browser.get(path, follow_redirects=True)
        assert page.status_code == 200, page.text
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.replace("<wbr>", ""))).split())

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """What was allowed; `None` when nobody is logged in."""
        return self.server.workspace.app.logins.allowed()


@contextmanager
def open_place(folder: Path, sandbox: SandboxServer) -> Iterator[Place]:
    """Starts the server over a data folder."""
    clock = MovableClock()
    settings = load_settings(
        data_dir=folder, spotify_api_url=sandbox.api_url, spotify_accounts_url=sandbox.accounts_url, use_keyring=False
    )
    with Application(settings, load_classifier=OneFamily, now=clock, pause=lambda _: None) as app:
        server = WebServer(app)
        with (
            running(server, server.stop) as (url, _),
            httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False) as browser,
        ):
            yield Place(url, server, sandbox, clock, browser)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh machine, somebody with twelve liked songs, and the pages."""
    with SandboxServer(initial=lambda: account_from(SONGS, "")) as sandbox, open_place(tmp_path, sandbox) as opened:
        yield opened


def test_a_newcomer_reads_what_to_enter_where(place: Place) -> None:
    """From any page there is one way on, and it leads to the redirect URI of this very port, step by step."""
    words = place.words("/")
    for needed in (
        f"{place.url}/callback", "Create app", "Web API", "User Management", "Premium", "Client ID", "cratewise demo",
    ):  # fmt: skip
        assert needed in words
    for path in ("/genres", "/songs", "/preview"):
        page = place.browser.get(path).text
        assert 'class="button primary large" href="/connect"' in page
        assert page.count("button primary") == 1


def test_a_login_leads_from_the_button_to_the_songs(place: Place) -> None:
    """Asked to read and nothing more, then the songs with the one button that sorts them; no code stays anywhere."""
    back = place.consent()
    answer = place.come_back(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert set(place.scopes or ()) == set(READING)
    assert "12 liked songs, waiting to be sorted" in place.words("/")
    assert place.browser.get("/").text.count("button primary") == 1
    assert "You are logged in" in place.words("/connect")


def test_what_spotify_is_asked_is_exact(place: Place) -> None:
    """The right redirect URI, S256, no verifier; the cookie is for the way back alone and out of scripts' reach."""
    answer = place.begin()
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.json()["address"]).query).items()}
    assert query["redirect_uri"] == f"{place.url}/callback"
    assert query["code_challenge_method"] == "S256"
    assert query["scope"].split() == list(READING)
    cookie = answer.headers["set-cookie"].casefold()
    for part in ("httponly", "samesite=lax", "path=/callback", "max-age=600"):
        assert part in cookie
    assert query["state"] not in cookie
    assert "verifier" not in answer.text


@pytest.mark.parametrize("wrong", ["my-app", APP[:-1], APP + "0", "z" * 32])
def test_what_is_no_client_id_is_refused_with_the_reason(place: Place, wrong: str) -> None:
    """Nobody is sent to Spotify with it."""
    answer = place.begin(client_id=wrong)
    assert answer.status_code == 422
    assert "is not a client id" in answer.json()["error"]["message"]
    assert "Client ID" in answer.json()["error"]["hint"]


def refusing(text: str) -> Callable[[Place], None]:
    """Has the sandbox refuse every call so."""

    def prepare(place: Place) -> None:
        place.sandbox.accounts.refusal = text

    return prepare


def as_it_is(place: Place) -> None:
    """Prepares nothing."""


@pytest.mark.parametrize(
    ("decision", "prepare", "said"),
    [
        ("deny", as_it_is, "You did not allow cratewise to use your account Log in again and choose Agree"),
        ("approve", refusing(NOT_ON_THE_LIST), "choose User Management, add this account"),
        ("approve", refusing(NOT_ON_THE_LIST), "Your Spotify app does not know this account yet. Open your app"),
        ("approve", refusing(NO_PREMIUM), "The account that owns your Spotify app has no Premium. Spotify serves"),
        ("approve", refusing(NO_PREMIUM), "log in with that app's Client ID. (In full: GET /me: 403"),
    ],
    ids=["denied", "not on the list", "not on the list, at first sight", "no Premium", "no Premium, in full"],
)
def test_every_failure_has_a_page_that_says_what_to_do(
    place: Place, decision: str, prepare: Callable[[Place], None], said: str
) -> None:
    """The code is gone from the address, nobody is logged in, and the next try is at hand."""
    prepare(place)
    answer = place.come_back(place.consent(decision))
    assert answer.headers["location"] == "/connect"
    assert said in place.words("/connect")
    assert f'value="{APP}"' in place.browser.get("/connect").text
    assert place.scopes is None
    place.sandbox.accounts.refusal = ""
    place.come_back(place.consent())
    assert place.scopes is not None
    assert said not in place.words("/connect")


def test_an_answer_counts_once(place: Place) -> None:
    """A reload of the way back, or a copy of the address, changes nothing, and says so to who isn't logged in."""
    back = place.consent()
    place.come_back(back)
    place.browser.post("/api/logout")
    again = place.come_back(back)
    assert again.headers["location"] == "/connect?stale=true"
    assert "belongs to no login that was begun here" in place.words(again.headers["location"])
    assert place.scopes is None


def test_an_answer_that_failed_is_used_up_too(place: Place) -> None:
    """Its state is good for nothing more, whatever comes with it."""
    denied = place.consent("deny")
    cookie = f"login={place.browser.cookies['login']}"  # which the browser drops, but somebody may have kept
    place.come_back(denied)
    state = parse_qs(urlsplit(denied).query)["state"][0]
    again = f"{place.url}/callback?state={state}&code=theirs"
    answer = httpx.get(again, headers={**NAVIGATION, "cookie": cookie}, trust_env=False)
    assert answer.headers["location"] == "/connect?stale=true"


def test_a_login_ends_the_others_that_were_begun(place: Place) -> None:
    """Two tabs, one login: the page no longer waits for the other."""
    place.begin()
    place.come_back(place.consent())
    assert not place.server.workspace.connection.is_waited_for


def test_another_account_is_another_first_look(place: Place) -> None:
    """Who logs out and in as somebody else sees that account's songs, without a restart."""
    place.come_back(place.consent())
    assert "12 liked songs" in place.words("/")
    place.browser.post("/api/logout")
    other = replace(account_from(SONGS.rsplit("Song", 9)[0], ""), account_id="another", person=Person("ada", "Ada"))
    place.sandbox.store.change_account(lambda _: other)
    place.come_back(place.consent(client_id=""))
    words = place.words("/")
    assert "Ada" in words
    assert "3 liked songs" in words


def test_a_look_at_an_account_that_is_left_meanwhile_is_not_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its songs were asked for before somebody else logged in: the next look is at theirs."""
    place.come_back(place.consent())
    workspace = place.server.workspace
    asked = type(workspace.app.account).liked_songs

    def left(account: Account, offset: int) -> LikedPage:
        page = asked(account, offset)
        workspace.account_changed()
        return replace(page, total=99)

    monkeypatch.setattr(type(workspace.app.account), "liked_songs", left)
    assert "99 liked songs" in place.words("/")
    monkeypatch.undo()
    assert "12 liked songs" in place.words("/")


@pytest.mark.parametrize("forged", ["state=made-up&code=theirs", "code=theirs", "state=&error=access_denied", ""])
def test_an_answer_nobody_asked_for_is_none(place: Place, forged: str) -> None:
    """A link of another site neither logs anybody in nor spoils a login that is on its way."""
    genuine = place.consent()
    answer = place.come_back(f"/callback?{forged}")
    assert answer.headers["location"] == "/connect?stale=true"
    assert place.scopes is None
    place.come_back(genuine)
    assert place.scopes is not None


def test_only_the_browser_that_began_it_can_finish(place: Place) -> None:
    """Login CSRF: an answer that is brought to another browser, or without the cookie, is none."""
    back = place.consent()
    with httpx.Client(trust_env=False) as other:
        for cookie in ("", "login=made-up"):
            answer = other.get(back, headers={**NAVIGATION, "cookie": cookie})
            assert answer.headers["location"] == "/connect?stale=true"
    assert place.scopes is None
    place.come_back(back)
    assert place.scopes is not None


@pytest.mark.parametrize("dest", ["image", "iframe", "empty", "script"])
def test_only_a_page_of_its_own_can_finish(place: Place, dest: str) -> None:
    """A picture or a frame of another site that points here is not a person coming back."""
    back = place.consent()
    answer = place.browser.get(back, headers={**NAVIGATION, "sec-fetch-dest": dest})
    assert answer.headers["location"] == "/connect?stale=true"
    assert place.scopes is None


def test_an_answer_after_ten_minutes_is_too_late(place: Place) -> None:
    """What was begun doesn't wait forever; the page says to log in again."""
    back = place.consent()
    assert "Did Spotify show an error" in place.words("/connect")
    place.clock.ahead = LIFE + timedelta(seconds=1)
    answer = place.come_back(back)
    assert "longer than ten minutes" in place.words(answer.headers["location"])
    assert "Did Spotify show an error" not in place.words("/connect")
    assert place.scopes is None


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}])
def test_other_sites_can_neither_begin_nor_log_out(place: Place, headers: dict[str, str]) -> None:
    """The guard stands before both."""
    place.come_back(place.consent())
    for path in ("/api/login", "/api/logout"):
        assert place.browser.post(path, json={}, headers=headers).status_code == 403
    assert place.scopes is not None


def test_who_comes_by_the_name_localhost_is_led_to_the_number(place: Place) -> None:
    """Spotify sends back to the number, where a cookie of the name would be missing."""
    port = urlsplit(place.url).port
    answer = place.browser.get("/connect?writing=true", headers={"host": f"localhost:{port}"})
    assert answer.headers["location"] == f"{place.url}/connect?writing=true"


def test_a_wrong_redirect_uri_shows_at_spotify_and_the_page_knows_what_to_do(place: Place) -> None:
    """Nobody is sent back: who uses the browser's back button reads what to enter."""
    place.sandbox.accounts.redirect_uris = frozenset({"http://127.0.0.1:8765/callback/"})
    address = place.begin().json()["address"]
    assert httpx.get(address, trust_env=False).text == "INVALID_CLIENT: Invalid redirect URI"
    words = place.words("/connect")
    assert "Did Spotify show an error instead of asking you?" in words
    assert f"enter {place.url}/callback to the letter under Redirect URIs" in words


def sorted_preview(place: Place) -> str:
    """Logs in to read, sorts, and gives the address of a preview."""
    place.come_back(place.consent())
    assert place.browser.post("/api/jobs/sort").status_code == 202
    assert place.server.workspace.jobs.wait(PATIENCE_S)
    return f"/preview?genre={FAMILIES[0]}"


def test_writing_is_asked_for_at_the_button_that_writes_and_leads_back_there(place: Place) -> None:
    """The preview's button goes through Spotify's page and comes back to the same preview, where it now writes."""
    preview = sorted_preview(place)
    page = place.browser.get(preview).text
    assert "/api/jobs/apply" not in page
    assert "Write 1 playlist" in page
    back = place.consent(writing=True, back=preview)
    assert place.come_back(back).headers["location"] == preview
    assert set(place.scopes or ()) == set(SORTING)
    assert "/api/jobs/apply" in place.browser.get(preview).text


def test_who_declines_to_allow_writing_can_go_on_reading(place: Place) -> None:
    """The login stays as it was, and the page leads back to where they were."""
    preview = sorted_preview(place)
    answer = place.come_back(place.consent("deny", writing=True, back=preview))
    words = place.words(answer.headers["location"])
    assert "May cratewise write playlists?" in words
    assert "You did not allow cratewise to write playlists" in words
    assert f'href="{preview}"' in place.browser.get(answer.headers["location"]).text
    assert set(place.scopes or ()) == set(READING)
    elsewhere = place.words("/connect")
    assert "You are logged in" in elsewhere
    assert "Log out" in elsewhere
    assert "did not allow" not in elsewhere
    place.consent(client_id="", back="/")
    assert set(place.server.workspace.app.logins.allowed() or ()) == set(READING)


def test_a_job_that_lacks_a_permission_or_a_login_leads_to_it(place: Place) -> None:
    """Whatever ended meanwhile: the job says what is missing, the page offers it, and nothing is lost."""
    preview = sorted_preview(place)
    plan = place.server.workspace.plan([FAMILIES[0]])
    place.browser.post("/api/jobs/apply", json={"plan_id": plan.plan_id, "genres": [FAMILIES[0]]})
    assert place.server.workspace.jobs.wait(PATIENCE_S)
    assert place.browser.get("/api/state").json()["job"]["login"] == "writing"
    assert f"/connect?writing=true&amp;back={quote(preview, safe='/')}" in place.browser.get(preview).text
    place.sandbox.accounts.revoke_all()
    place.browser.post("/api/jobs/sort")
    assert place.server.workspace.jobs.wait(PATIENCE_S)
    assert place.browser.get("/api/state").json()["job"]["login"] == "reading"
    words = place.words("/")
    assert "12 songs, sorted into 1 genre" in words
    assert "Log in again" in words
    assert "`" not in words
    again = place.words("/connect")
    assert "Your library, your choices and your history are kept." in again
    assert place.come_back(place.consent(client_id="", back="/")).headers["location"] == "/"
    assert place.scopes is not None
    assert "Log in again" not in place.words("/")
    assert place.browser.get("/api/state").json()["job"] is None


def test_nobody_is_sent_to_spotify_while_it_takes_no_calls(place: Place) -> None:
    """A login could not be finished then: the button says until when, and nothing is sent."""
    place.come_back(place.consent())
    place.sandbox.faults.add(too_many_requests(3600, reason="QUOTA_EXCEEDED", path="/v1/me/tracks"))
    place.browser.post("/api/jobs/sort")
    assert place.server.workspace.jobs.wait(PATIENCE_S)
    refused = place.begin(client_id="")
    assert refused.status_code == 502
    assert "takes no calls from your app until" in refused.json()["error"]["message"]


def test_logging_out_keeps_the_library_and_offers_the_way_back(place: Place) -> None:
    """The login is gone from the disk; the songs stay; the app's id is remembered."""
    sorted_preview(place)
    assert place.browser.post("/api/logout").json() == {"logins": 1}
    assert place.scopes is None
    assert "sorted into 1 genre" in place.words("/")
    assert 'href="/connect">Log in<' in place.browser.get("/").text
    assert "Log in at Spotify" in place.words("/connect")
    assert place.begin(client_id="").status_code == 200


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example", "/\\evil.example", "", "x", "/a\nb", "/é"])
def test_the_way_back_stays_on_this_server(way: str) -> None:
    """An address elsewhere becomes the overview."""
    assert local_way(way) == "/"
    assert local_way("/preview?genre=a&genre=b") == "/preview?genre=a&genre=b"
