import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cratewise.app import Application
from cratewise.settings import load_settings
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.web.server import WebServer, listen
from cratewise.web.trial import Trial

from .conftest import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

APP = "0123456789abcdef0123456789abcdef"


@dataclass
class FirstRun:
    """A machine on which cratewise was just started, with the sandbox in Spotify's place.

    Attributes:
        url: The pages.
        sandbox: Who plays Spotify.
    """

    url: str
    sandbox: SandboxServer


@pytest.fixture
def first_run(tmp_path: Path) -> Iterator[FirstRun]:
    """Nobody is logged in, nothing was read."""
    with SandboxServer() as sandbox:
        settings = load_settings(
            data_dir=tmp_path,
            spotify_api_url=sandbox.api_url,
            spotify_accounts_url=sandbox.accounts_url,
            use_keyring=False,
        )
        with Application.open(settings) as app, listen("127.0.0.1", 0) as listening:
            server = WebServer(app, Trial(settings))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield FirstRun(f"http://127.0.0.1:{listening.getsockname()[1]}", sandbox)
            finally:
                server.stop()
                thread.join(PATIENCE_S)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser wrote to its console."""
    return []


@pytest.fixture
def page(browser: "Browser", first_run: FirstRun, complaints: list[str]) -> "Iterator[Page]":
    """A newcomer's browser, which came by the name `localhost`."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.set_default_timeout(PATIENCE_S * 1000)
    opened.goto(first_run.url.replace("127.0.0.1", "localhost"))
    yield opened
    context.close()


def log_in(page: "Page", decision: str) -> None:
    """Presses the button, and decides at the sandbox."""
    page.get_by_role("button", name=re.compile("Log in")).first.click()
    page.get_by_role("button", name=decision).click()


def test_five_clicks_from_the_first_run_to_playlists_in_the_sandbox(page: "Page", first_run: FirstRun) -> None:
    """Without typing and without an account: the demo, sort, choose, preview, write; the own library stays empty."""
    page.get_by_role("button", name="Open the demo").click()
    page.wait_for_url(lambda url: not url.startswith(first_run.url))  # loaded, scripts and all
    page.get_by_role("button", name="Sort my songs").click()
    page.get_by_role("link", name="Choose playlists").click()
    page.get_by_role("button", name="See what would be written").click()
    page.get_by_role("button", name=re.compile("^Write")).click()
    page.get_by_role("heading", name=re.compile("playlists are in your account")).wait_for()
    demo = page.url.split("/history")[0]
    assert demo != first_run.url
    page.goto(first_run.url)
    page.get_by_text("Nothing is connected yet").wait_for()
    page.get_by_role("button", name="Open the demo").click()
    page.wait_for_url(f"{demo}/")
    page.get_by_text("In your account").wait_for()


def test_from_the_first_run_to_the_playlists(page: "Page", first_run: FirstRun, complaints: list[str]) -> None:
    """Connect, decline, agree, sort, write: each page has the next step; writing is asked for where it is needed."""
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{first_run.url}/callback"

    page.get_by_label(re.compile("Client ID")).fill("my app")
    page.get_by_role("button", name="Log in at Spotify").click()
    page.get_by_text("'my app' is not a client id").wait_for()
    complaints.clear()  # the browser notes the refusal
    page.get_by_label(re.compile("Client ID")).fill(APP)
    log_in(page, "Cancel")
    page.get_by_text("You did not allow cratewise to use your account").wait_for()
    assert page.url == f"{first_run.url}/connect"

    again = page.get_by_role("button", name="Log in at Spotify again").bounding_box()
    assert again is not None
    assert again["y"] + again["height"] <= 800  # at the top, and not below the steps that were taken before
    log_in(page, "Agree")
    page.get_by_role("heading", name=re.compile("waiting to be sorted")).wait_for()
    assert page.url == f"{first_run.url}/"
    page.get_by_role("button", name="Sort my songs").click()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()

    page.goto(f"{first_run.url}/preview?genre=metal")
    page.get_by_role("button", name="Write 1 playlist").click()
    page.get_by_text("Make and change your public playlists").wait_for()
    page.get_by_role("button", name="Agree").click()
    page.wait_for_url(f"{first_run.url}/preview?genre=metal")
    page.get_by_role("button", name="Write 1 playlist").click()
    page.get_by_role("heading", name="1 playlist is in your account").wait_for()
    assert not complaints


def test_who_logs_out_finds_the_way_back_in(page: "Page", first_run: FirstRun) -> None:
    """Two clicks out, two clicks in, and no id to type again."""
    page.get_by_label(re.compile("Client ID")).fill(APP)
    log_in(page, "Agree")
    page.get_by_role("heading", name=re.compile("waiting to be sorted")).wait_for()
    page.get_by_role("link", name="Log out").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in to Spotify").wait_for()
    log_in(page, "Agree")
    page.get_by_role("heading", name=re.compile("waiting to be sorted")).wait_for()
