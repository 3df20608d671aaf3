"""The demo as `cratewise demo` runs it, and a browser to use it with."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cratewise.app import Application
from cratewise.demo import running_demo
from cratewise.settings import load_settings
from cratewise.web.server import WebServer, listen

from ..conftest import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_S = 20.0


@dataclass
class Site:
    """The demo's addresses.

    Attributes:
        url: The web application.
        account_url: The sandbox account, as its owner would look at it.
    """

    url: str
    account_url: str


@dataclass
class Visitor:
    """A person at a browser.

    Attributes:
        page: What they see.
        clicks: Clicks they made.
        complaints: What the browser wrote to its console, and errors of scripts.
    """

    page: "Page"
    clicks: int = 0
    complaints: list[str] = field(default_factory=list)

    def click(self, role: str, name: str) -> None:
        """Clicks on what a person would call that."""
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type] # roles are strings to us
        self.clicks += 1


def until(page: "Page", expression: str) -> None:
    """Waits until an expression is true; Playwright's own waiting may need `eval`, which the pages forbid."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not page.evaluate(expression):
        assert time.monotonic() < deadline_s, f"never true: {expression}"
        page.wait_for_timeout(50)


@contextmanager
def serving(app: Application) -> Iterator[str]:
    """An application on a free port; gives its address."""
    with listen("127.0.0.1", 0) as listening:
        server = WebServer(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.stop()
            thread.join(PATIENCE_S)
        assert not thread.is_alive()


@contextmanager
def serving_demo(folder: Path) -> Iterator[tuple[Site, Application]]:
    """The demo on a free port, and the application behind it."""
    with running_demo(load_settings(data_dir=folder)) as demo, serving(demo.app) as url:
        yield Site(url, demo.sandbox.page_url), demo.app


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A fresh demo."""
    with serving_demo(tmp_path) as (site, _):
        yield site


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium; ends with its file, because Playwright keeps an event loop running that others trip over."""
    if not CHROMIUM.exists():
        missing(f"no browser at {CHROMIUM}: install Debian's chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install 'cratewise[test]'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: "Browser", site: Site) -> "Iterator[Visitor]":
    """Somebody who has just opened the address, on a laptop."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    visitor = Visitor(context.new_page())
    page = visitor.page
    page.on("console", lambda message: visitor.complaints.append(message.text))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(site.url)
    yield visitor
    context.close()
