"""The pages beyond this machine: a passphrase, few guesses, and names that no DNS can point here."""

import http.client
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import cratewise
from cratewise.app import Application
from cratewise.errors import CratewiseError, SettingsError
from cratewise.settings import Settings, load_settings
from cratewise.web.gate import COOKIE
from cratewise.web.passphrase import (
    SESSION_LIFE_S,
    WINDOW_S,
    WRONG_ALL,
    WRONG_EACH,
    Passphrase,
    TooManyAttemptsError,
    WrongPassphraseError,
)
from cratewise.web.server import WebServer

from .conftest import PATIENCE_S, Connect, Site, StandInAccount, running

SECRET = "correct horse \u00e9"
HERE = {"sec-fetch-site": "same-origin"}


class Clock:
    """Shows the time it was set to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at 0."""
    return Clock()


@pytest.fixture
def passphrase(tmp_path: Path, clock: Clock) -> Passphrase:
    """A passphrase that is chosen."""
    passphrase = Passphrase(tmp_path / "data", clock)
    passphrase.choose(SECRET)
    return passphrase


def test_who_knows_it_is_let_in(passphrase: Passphrase, tmp_path: Path) -> None:
    """Also after a restart; what is kept holds neither the passphrase nor anything others can read."""
    session = passphrase.enter(SECRET, "here")
    assert Passphrase(tmp_path / "data").admits(session)
    kept = tmp_path / "data" / "passphrase.json"
    assert "$argon2id$" in kept.read_text()
    assert "horse" not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    for wrong in ("", SECRET.upper(), SECRET + " ", "\ud800"):
        with pytest.raises(WrongPassphraseError):
            passphrase.enter(wrong, f"for {wrong!r}")
    for forged in ("", "x", session[:-2], session.swapcase(), "\u00e9", "\x00", "gAAAA" * 100):
        assert not passphrase.admits(forged)


def test_another_passphrase_lets_nobody_stay(passphrase: Passphrase) -> None:
    """The same one once more changes nothing."""
    session = passphrase.enter(SECRET, "here")
    passphrase.choose(SECRET)
    assert passphrase.admits(session)
    passphrase.choose("another passphrase")
    assert not passphrase.admits(session)
    assert passphrase.admits(passphrase.enter("another passphrase", "here"))


def test_guesses_are_few(passphrase: Passphrase, clock: Clock) -> None:
    """Five a minute from one address; the right one is not listened to either, until the minute is over."""
    for _ in range(WRONG_EACH):
        with pytest.raises(WrongPassphraseError):
            passphrase.enter("wrong", "there")
    with pytest.raises(TooManyAttemptsError) as refusal:
        passphrase.enter(SECRET, "there")
    assert refusal.value.wait_s == WINDOW_S
    assert passphrase.enter(SECRET, "here"), "another address is not shut out"
    clock.now_s = WINDOW_S
    for _ in range(2 * WRONG_EACH):
        assert passphrase.enter(SECRET, "there"), "right ones are not counted"


def test_guesses_from_everywhere_are_few(passphrase: Passphrase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many addresses together have their bound, too."""
    monkeypatch.setattr(passphrase, "_is", lambda _said: False)  # each look takes a quarter of a second
    for number in range(WRONG_ALL):
        with pytest.raises(WrongPassphraseError):
            passphrase.enter("wrong", str(number))
    with pytest.raises(TooManyAttemptsError):
        passphrase.enter("wrong", "new")


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "\x00", '{"hash": "x", "key": "eA=="}', '{"hash": "$argon2id$v=19$m=65536", "key": "eA=="}'],
)
def test_a_damaged_file_lets_nobody_in(passphrase: Passphrase, tmp_path: Path, text: str) -> None:
    """The program says at its start what to do; where it happens later, each browser is asked again."""
    (tmp_path / "data" / "passphrase.json").write_text(text)
    with pytest.raises(CratewiseError, match=r"passphrase\.json") as trouble:
        passphrase.check()
    assert "new passphrase" in trouble.value.hint
    assert not passphrase.admits("x")


def test_a_key_that_is_damaged_is_found_at_the_start(passphrase: Passphrase, tmp_path: Path) -> None:
    """Not when somebody enters the right passphrase."""
    file = tmp_path / "data" / "passphrase.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "key": "eA=="}))
    with pytest.raises(CratewiseError, match=r"passphrase\.json"):
        passphrase.check()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a server that other machines can reach."""
    Passphrase(tmp_path).choose(SECRET)
    return load_settings(
        data_dir=tmp_path,
        spotify_api_url="http://127.0.0.1:1/v1",
        host="0.0.0.0",  # noqa: S104 (it says so; the test listens on loopback)
        public_url="https://music.example.org/",
    )


@pytest.fixture
def open_site(serve_site: Callable[[Connect], Site], account: StandInAccount) -> Site:
    """A server that asks for the passphrase."""
    return serve_site(lambda settings: account)


def test_without_a_proxy_nobody_is_believed_about_their_address(settings: Settings, account: StandInAccount) -> None:
    """Whoever makes one up for each attempt is still shut out after the fifth."""
    bare = settings.model_copy(update={"public_url": ""})
    with Application(bare, connect=lambda _: account) as app:
        server = WebServer(app)
        with running(server, server.stop) as (url, _), httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
            answers = [
                client.post(
                    "/api/enter", json={"passphrase": "wrong"}, headers={"x-forwarded-for": f"192.0.2.{number}"}
                )
                for number in range(WRONG_EACH + 1)
            ]
    assert [answer.status_code for answer in answers] == [403] * WRONG_EACH + [429]


@pytest.fixture
def sorted_open_site(open_site: Site) -> Site:
    """The same, with songs that a stranger might want to see."""
    open_site.server.workspace.jobs.submit("sort")
    assert open_site.server.workspace.jobs.wait(PATIENCE_S)
    return open_site


@pytest.fixture
def inside(open_site: Site) -> Iterator[httpx.Client]:
    """A browser that was let in."""
    with httpx.Client(base_url=open_site.url, timeout=PATIENCE_S) as client:
        assert client.post("/api/enter", json={"passphrase": SECRET}, headers=HERE).json() == {"inside": True}
        yield client


def test_nothing_is_told_before_the_passphrase(open_site: Site, inside: httpx.Client) -> None:
    """No page, no call, no stream; only the page that asks, and what it is made of."""
    stranger = open_site.client
    schema = inside.get("/api/openapi.json").json()
    operations = [(method, path) for path, methods in schema["paths"].items() for method in methods]
    assert len(operations) > 20
    for method, path in operations:
        if path != "/api/enter":
            refused = stranger.request(method, path.replace("{", "").replace("}", ""), json={})
            assert refused.status_code == 401, path
            assert refused.json()["error"]["hint"]
    for path in ("/", "/songs?family=rock", "/connect", "/genres.css", "/covers/rock/1.svg", "/nowhere", "/api"):
        assert stranger.get(path).status_code in {303, 401}, path
    way = stranger.get("/songs?family=rock").headers["location"]
    assert way == "/enter?back=%2Fsongs%3Ffamily%3Drock"
    page = stranger.get(way).text
    assert 'data-back="/songs?family=rock"' in page
    assert "Ada" not in page
    for address in (line.split('"')[0] for line in page.split('="/static/')[1:]):
        assert stranger.get(f"/static/{address}").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "get"])
@pytest.mark.parametrize(
    "way",
    [
        "//api/songs",
        "/enter/../api/songs",
        "{static}/../../api/songs",
        "{static}/%2e%2e/%2e%2e/api/songs",
        "/API/songs",
        "/api/songs/",
        "/enter;/api/songs",
        "/enter%2f..%2fapi%2fsongs",
        "/api%2fsongs",
        "/health/../songs",
        "/enter/songs",
    ],
)
def test_no_spelling_of_an_address_leads_past_the_passphrase(sorted_open_site: Site, method: str, way: str) -> None:
    """As it is, without a client that tidies it up."""
    static = sorted_open_site.client.get("/enter").text.split('href="/static/')[1].split("/")[0]
    connection = http.client.HTTPConnection("127.0.0.1", sorted_open_site.client.base_url.port or 0, timeout=PATIENCE_S)
    connection.putrequest(method, way.replace("{static}", f"/static/{static}"))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status in {303, 400, 401, 404, 405}
    assert b"Song 1" not in answer.read()
    connection.close()


def test_the_way_back_leads_nowhere_else(open_site: Site) -> None:
    """Also when somebody sends a prepared address."""
    for foreign in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert 'data-back="/"' in open_site.client.get("/enter", params={"back": foreign}).text


def test_inside_everything_works(open_site: Site, inside: httpx.Client) -> None:
    """And the cookie is out of reach of scripts and of other sites' writes; leaving ends it."""
    assert inside.post("/api/jobs/sort", headers=HERE).status_code == 202
    assert open_site.server.workspace.jobs.wait(PATIENCE_S)
    assert "Ask this browser again" in inside.get("/settings").text
    cookie = inside.post("/api/enter", json={"passphrase": SECRET}, headers=HERE).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for said in ("HttpOnly", "SameSite=lax", f"Max-Age={SESSION_LIFE_S}"):
        assert said in cookie
    assert "Secure" not in cookie
    encrypted = {**HERE, "x-forwarded-proto": "https", "host": "music.example.org"}
    assert (
        "Secure"
        in open_site.client.post("/api/enter", json={"passphrase": SECRET}, headers=encrypted).headers["set-cookie"]
    )
    assert inside.post("/api/leave", headers=HERE).json() == {"inside": False}
    assert inside.get("/").status_code == 303


def test_wrong_passphrases_are_refused_and_then_not_listened_to(open_site: Site) -> None:
    """With how long to wait."""
    answers = [open_site.client.post("/api/enter", json={"passphrase": "wrong"}) for _ in range(WRONG_EACH + 1)]
    assert [one.status_code for one in answers] == [403] * WRONG_EACH + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= WINDOW_S
    assert open_site.client.post("/api/enter", json={"passphrase": SECRET}).status_code == 429


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("192.168.1.20:{port}", True),
        ("[fe80::1]:{port}", True),
        ("music.example.org", True),
        ("MUSIC.example.org", True),
        ("127.0.0.1:{port}", True),
        ("evil.example:{port}", False),
        ("music.example.org.evil.example", False),
        ("192.168.1.20", False),
        ("192.168.1.20.evil.example:{port}", False),
    ],
)
def test_numbers_and_the_public_name_are_answered_and_no_others(open_site: Site, host: str, answered: bool) -> None:
    """A name that somebody's DNS points here is refused, passphrase or not."""
    answer = open_site.client.get("/enter", headers={"host": host.format(port=open_site.client.base_url.port)})
    assert answer.status_code == (200 if answered else 421)


@pytest.mark.parametrize(
    ("origin", "word"), [("https://music.example.org", "passphrase"), ("https://evil.example", "Another site")]
)
def test_writes_come_from_its_own_pages_also_by_the_public_name(open_site: Site, origin: str, word: str) -> None:
    """By `Origin`, where a browser sends nothing better."""
    headers = {"host": "music.example.org", "origin": origin}
    answer = open_site.client.post("/api/enter", json={"passphrase": "wrong"}, headers=headers)
    assert answer.status_code == 403
    assert word in answer.json()["error"]["message"]


def run_web(folder: Path, port: int, typed: list[bytes] | None = None, **environment: str) -> str:
    """What `cratewise web` says on a port that is taken, so that it ends once it is past the passphrase."""
    own, its = pty.openpty()
    known = {name: value for name, value in os.environ.items() if not name.startswith("CRATEWISE_")}
    command = ["web", "--host", "0.0.0.0", "--port", str(port), "--data-dir", str(folder)]  # noqa: S104
    with subprocess.Popen(
        [sys.executable, "-m", "cratewise", *command],
        stdin=its if typed is not None else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**known, "PYTHONPATH": str(Path(cratewise.__file__).parents[1]), **environment},
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(its)
        assert process.stdout is not None
        said = b""
        while part := process.stdout.read1():
            said += part
            if typed and said.endswith(b": "):  # a line typed before it is asked for is thrown away
                os.write(own, typed.pop(0))
    os.close(own)
    assert process.returncode == 1
    return said.decode()


def test_the_terminal_asks_for_a_passphrase_first(tmp_path: Path, taken_port: int) -> None:
    """Long enough, and twice; then never again, and without a terminal it says what to do."""
    assert "CRATEWISE_PASSPHRASE" in run_web(tmp_path, taken_port)
    assert not Passphrase(tmp_path).is_set
    said = run_web(tmp_path, taken_port, typed=[b"short\n", b"short\n", b"long enough\n", b"long enough\n"])
    assert "That has 5 characters." in said
    assert "Cannot listen" in said
    assert Passphrase(tmp_path).enter("long enough", "here")
    assert "Cannot listen" in run_web(tmp_path, taken_port)
    assert "Cannot listen" in run_web(tmp_path, taken_port, CRATEWISE_PASSPHRASE="from the environment")
    assert Passphrase(tmp_path).enter("from the environment", "here")


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "nas.local"},
        {"host": "256.1.1.1"},
        {"public_url": "music.example.org"},
        {"public_url": "https://music.example.org/cratewise"},
        {"public_url": "ftp://music.example.org"},
        {"passphrase": "short"},
    ],
    ids=str,
)
def test_what_cannot_be_set_is_named(wrong: dict[str, str]) -> None:
    """And a passphrase is not repeated."""
    with pytest.raises(SettingsError, match=next(iter(wrong))) as refusal:
        load_settings(**wrong)
    assert "short'" not in str(refusal.value)
