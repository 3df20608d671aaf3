"""`cratewise login` as a process of its own, with a browser that answers on the sandbox's page."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import cratewise
from cratewise.spotify.connect import kept_in
from cratewise.spotify.sandbox.accounts import NO_PREMIUM, NOT_ON_THE_LIST
from cratewise.spotify.sandbox.demo import account_from
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.scopes import READING, SORTING

PATIENCE_S = 60.0
APP = "0123456789abcdef0123456789abcdef"
SONGS = "title,artists,album,year,note\nJuicy,The Notorious B.I.G.,Ready to Die,1994,\n"
# what a browser and a person do: open the address, decide on the page, follow the way back
BROWSER = """
import re, sys
from html import unescape
import httpx
decision, address = sys.argv[1:]
with httpx.Client(trust_env=False) as browser:
    page = browser.get(address)
    form = re.search(r'action="([^"]+)"', page.text)
    consent = httpx.URL(address).join(unescape(form[1]))
    back = browser.post(consent, data={"decision": decision.partition("+")[0]}).headers["location"]
    if "+stray" in decision:
        stray = browser.get(re.sub("state=[^&]*", "state=of-another-login", back))
        print("Told of the stray visit:", stray.status_code)
    browser.get(back)
"""


@dataclass
class Terminal:
    """A terminal with a data folder, a sandbox in Spotify's place, and somebody at the browser."""

    sandbox: SandboxServer
    folder: Path

    def run(self, *command: str, decision: str = "approve") -> subprocess.CompletedProcess[str]:
        """Runs cratewise to its end, output and errors as its user sees them, line breaks apart."""
        script = self.folder / "browser.py"
        script.write_text(BROWSER)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CRATEWISE_")}
        environment |= {
            "PYTHONPATH": str(Path(cratewise.__file__).parents[1]),
            "BROWSER": f"{sys.executable} {script} {decision} %s &",
            "CRATEWISE_DATA_DIR": str(self.folder / "data"),
            "CRATEWISE_CONFIG": str(self.folder / "config.toml"),
            "CRATEWISE_SPOTIFY_API_URL": self.sandbox.api_url,
            "CRATEWISE_SPOTIFY_ACCOUNTS_URL": self.sandbox.accounts_url,
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, "-m", "cratewise", *command],
            env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def log_in(self, *more: str, decision: str = "approve") -> subprocess.CompletedProcess[str]:
        """Logs in on a port that is free."""
        return self.run("login", "--client-id", APP, "--port", str(free_port()), *more, decision=decision)

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """What was allowed, `None` where nobody is logged in."""
        tokens = kept_in(self.folder / "data").logins.latest()
        return tokens.scopes if tokens else None


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A fresh machine beside a sandbox with one liked song."""
    with SandboxServer(initial=lambda: account_from(SONGS, "")) as sandbox:
        yield Terminal(sandbox, tmp_path)


def test_reading_is_asked_for_first_and_writing_when_it_is_needed(terminal: Terminal) -> None:
    """One login to read, one more to write; a third takes nothing away again; logging out forgets what was allowed."""
    done = terminal.log_in()
    assert done.returncode == 0, done.stderr
    assert "Logged in as" in done.stdout
    assert "cratewise sync" in done.stdout
    assert set(terminal.scopes or ()) == set(READING)
    done = terminal.run("login", "--writing", "--port", str(free_port()))
    assert "cratewise apply" in done.stdout
    assert set(terminal.scopes or ()) == set(SORTING)
    terminal.run("login", "--port", str(free_port()))
    assert set(terminal.scopes or ()) == set(SORTING)
    terminal.run("logout")
    assert terminal.scopes is None
    terminal.run("login", "--port", str(free_port()))
    assert set(terminal.scopes or ()) == set(READING)


def test_the_terminal_says_what_to_do_about_pages_that_never_come_back(terminal: Terminal) -> None:
    """While it waits: the address to open, and what to do when Spotify shows its own error instead of asking."""
    said = terminal.log_in().stdout
    assert f"{terminal.sandbox.accounts_url}/authorize?" in said
    redirect = re.search(r"add (http://127\.0\.0\.1:\d+/callback) to the letter", said)
    assert redirect
    assert "Invalid redirect URI" in said
    assert "Ctrl+C" in said


def test_a_visit_of_an_older_attempt_does_not_end_the_login(terminal: Terminal) -> None:
    """A tab left open comes back first; the login goes on, and the right one counts."""
    done = terminal.log_in(decision="approve+stray")
    assert "Told of the stray visit: 409" in done.stdout
    assert done.returncode == 0
    assert set(terminal.scopes or ()) == set(READING)


def refused_with(text: str) -> Callable[[SandboxServer], None]:
    """Makes the Web API refuse every call with that."""

    def change(sandbox: SandboxServer) -> None:
        sandbox.accounts.refusal = text

    return change


def later(sandbox: SandboxServer) -> None:
    """Changes nothing."""


@pytest.mark.parametrize(
    ("decision", "prepare", "message", "hint"),
    [
        ("deny", later, "did not allow", "choose Agree"),
        ("approve", refused_with(NOT_ON_THE_LIST), "not registered", "User Management"),
        ("approve", refused_with(NO_PREMIUM), "premium", "has Premium"),
    ],
    ids=["denied", "not on the list", "no Premium"],
)
def test_every_failure_says_what_to_do(
    terminal: Terminal, decision: str, prepare: Callable[[SandboxServer], None], message: str, hint: str
) -> None:
    """An exit code of 1, what happened, what to do; nobody is logged in, and no secret is printed."""
    prepare(terminal.sandbox)
    done = terminal.log_in(decision=decision)
    assert done.returncode == 1
    assert message in done.stderr
    assert hint in done.stderr
    assert terminal.scopes is None
    assert "Traceback" not in done.stderr


def test_a_redirect_uri_that_was_entered_without_a_port_fits_any(terminal: Terminal) -> None:
    """As at Spotify, for loopback addresses."""
    terminal.sandbox.accounts.redirect_uris = frozenset({"http://127.0.0.1/callback"})  # fits any port
    assert terminal.log_in().returncode == 0


@pytest.mark.parametrize("wrong", ["my-app", "0123456789abcdef", APP + "0", "g" * 32])
def test_what_is_no_client_id_is_refused_before_anything_is_opened(terminal: Terminal, wrong: str) -> None:
    """Mistyped, cut short, or the app's name: the message says what one looks like and where it is."""
    done = terminal.run("login", "--client-id", wrong)
    assert done.returncode == 1
    assert f"'{wrong}' is not a client id" in done.stderr
    assert "developer.spotify.com/dashboard" in done.stderr
    assert done.stdout == ""


def test_a_port_that_the_web_pages_hold_leads_to_the_page(terminal: Terminal) -> None:
    """Who runs `cratewise web` already can log in there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = terminal.run("login", "--client-id", APP, "--port", str(port))
    assert done.returncode == 1
    assert f"http://127.0.0.1:{port}/connect" in done.stderr


def test_writing_without_permission_begins_nothing_and_names_the_command(terminal: Terminal) -> None:
    """`apply` shows the plan, then says which one command asks for what is missing; afterwards it just works."""
    terminal.log_in()
    assert terminal.run("sync").returncode == 0
    refused = terminal.run("apply", "--yes", "--genre", "hip-hop", "--least-songs", "1")
    assert refused.returncode == 4
    assert "cratewise login --writing" in refused.stderr
    assert "Nothing was written yet" in terminal.run("history").stdout
    terminal.run("login", "--writing", "--port", str(free_port()))
    written = terminal.run("apply", "--yes", "--genre", "hip-hop", "--least-songs", "1")
    assert written.returncode == 0, written.stderr


def test_the_sandbox_shows_its_own_page_for_a_wrong_redirect_uri(terminal: Terminal) -> None:
    """As Spotify does: nobody is sent back, and the page says INVALID_CLIENT."""
    terminal.sandbox.accounts.redirect_uris = frozenset({"http://127.0.0.1:8765/callback/"})
    query = {"client_id": APP, "redirect_uri": "http://127.0.0.1:8765/callback", "response_type": "code"}
    page = httpx.get(f"{terminal.sandbox.accounts_url}/authorize", params=query, trust_env=False)
    assert (page.status_code, page.text) == (400, "INVALID_CLIENT: Invalid redirect URI")
