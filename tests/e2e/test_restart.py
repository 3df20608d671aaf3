"""The program is killed while it works, started again, and a page that was open all the time; and two tabs at once."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import cratewise
from cratewise.demo import Demo, running_demo
from cratewise.settings import load_settings
from cratewise.spotify.sandbox.faults import too_many_requests

from .conftest import PATIENCE_S, Visitor, until
from .test_first_sort import sort

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@dataclass
class Program:
    """`cratewise web` in a process of its own, over the account of a demo.

    Attributes:
        demo: The demo, whose own application is not used.
        port: Where the pages are.
        process: The process that runs now.
    """

    demo: Demo
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Address of the pages."""
        return f"http://127.0.0.1:{self.port}"

    def begun(self) -> subprocess.Popen[bytes]:
        """The process, just started."""
        settings = self.demo.app.settings
        names = ("data_dir", "spotify_api_url", "spotify_accounts_url", "use_keyring")
        said = {f"CRATEWISE_{name.upper()}": str(getattr(settings, name)) for name in names}
        return subprocess.Popen(
            [sys.executable, "-m", "cratewise", "web", "--port", str(self.port)],
            env=os.environ | said | {"PYTHONPATH": str(Path(cratewise.__file__).parents[1])},
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Starts it, and returns once it answers."""
        self.process = self.begun()
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:  # with growing pauses
            client.get(f"{self.url}/api/state", timeout=PATIENCE_S).raise_for_status()

    def end(self, how: signal.Signals) -> None:
        """Ends it, and waits for that."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(PATIENCE_S)

    def wait_for_job(self, kind: str, steps: int) -> None:
        """Returns once so many steps of the job are done and more are to come."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            job = httpx.get(f"{self.url}/api/state").json()["job"]
            if job is not None and job["kind"] == kind and job["total"] and steps <= job["done"] < job["total"]:
                return
        pytest.fail(f"the job {kind} never had {steps} steps done with more to come")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def programs(folder: Path) -> Iterator[Program]:
    """A program that is ended whatever happens."""
    with running_demo(load_settings(data_dir=folder)) as demo:
        program = Program(demo, free_port())
        program.start()
        try:
            yield program
        finally:
            assert program.process is not None
            program.process.kill()
            program.process.wait(PATIENCE_S)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program over a fresh account."""
    with programs(tmp_path) as program:
        yield program


@pytest.fixture
def page(browser: "Browser", program: Program) -> "Iterator[Page]":
    """A tab with its overview."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(program.url)
    yield page
    context.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl+C"])
def test_writing_goes_on_after_a_restart(page: "Page", program: Program, how: signal.Signals) -> None:
    """The page that was open all the time comes to the result by itself; every playlist is there once."""
    page.get_by_role("button", name="Sort my songs").click()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    before = {one.id for one in program.demo.sandbox.store.account.playlists.values()}
    page.goto(f"{program.url}/preview")
    page.get_by_role("button", name="Write").click()
    program.wait_for_job("apply", 3)
    program.end(how)
    program.start()
    page.get_by_role("heading", name=re.compile("playlists are in your account")).wait_for()
    made = [one for one in program.demo.sandbox.store.account.playlists.values() if one.id not in before]
    assert Counter(one.name for one in made).most_common(1)[0][1] == 1
    shown = page.get_by_role("heading", level=1).inner_text()
    assert shown.startswith(f"{len(made)} playlists")
    page.goto(f"{program.url}/history")
    assert page.locator("a[href^='/history/']").count() == 1


def test_taking_back_goes_on_after_kills(page: "Page", program: Program) -> None:
    """Twice killed on the way; in the end the account is as it was."""
    before = dict(program.demo.sandbox.store.account.playlists)
    page.get_by_role("button", name="Sort my songs").click()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    page.goto(f"{program.url}/preview")
    page.get_by_role("button", name="Write").click()
    page.get_by_role("heading", name=re.compile("playlists are in your account")).wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo it").click()
    for _ in range(2):
        program.wait_for_job("undo", 3)
        program.end(signal.SIGKILL)
        program.start()
    page.get_by_role("heading", name="Undone").wait_for()
    account = program.demo.sandbox.store.account
    assert {one: account.playlists[one] for one in before} == before
    page.goto(f"{program.url}/")
    assert page.get_by_role("heading", name="In your account").count() == 0


def test_a_second_server_leaves_the_job_to_the_first(page: "Page", program: Program) -> None:
    """Over the same folder none is started, and the first goes on."""
    page.get_by_role("button", name="Sort my songs").click()
    program.wait_for_job("sort", 1)
    second = Program(program.demo, free_port())
    with second.begun() as process:
        assert process.wait(PATIENCE_S) != 0
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()


def test_reading_goes_on_after_a_kill(page: "Page", program: Program) -> None:
    """Also the very first one, before anything is known of the account."""
    page.get_by_role("button", name="Sort my songs").click()
    program.wait_for_job("sort", 1)
    program.end(signal.SIGKILL)
    program.start()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    assert "not sorted" not in page.locator("main").inner_text()


def test_what_was_stopped_by_hand_stays_stopped(page: "Page", program: Program) -> None:
    """A restart begins nothing that somebody had stopped."""
    page.get_by_role("button", name="Sort my songs").click()
    program.wait_for_job("sort", 1)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("What was done so far is kept").wait_for()
    program.end(signal.SIGINT)
    program.start()
    assert httpx.get(f"{program.url}/api/state").json()["job"] is None


def test_the_end_of_a_job_moves_nobody_who_does_something_else(page: "Page", program: Program) -> None:
    """A tab that did not begin it stays where it is, with what was typed there."""
    page.get_by_role("button", name="Sort my songs").click()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    second = page.context.new_page()
    second.goto(f"{program.url}/songs")
    second.locator(".row").first.wait_for()
    second.get_by_role("searchbox").fill("love")
    program.demo.sandbox.faults.add(too_many_requests(2, path="/v1/me/tracks"))  # long enough to be seen
    page.get_by_role("button", name="Look for new songs").click()
    until(second, "!document.querySelector('[data-job]').hidden")
    until(second, "document.querySelector('[data-job]').hidden")
    page.bring_to_front()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    assert second.url.startswith(f"{program.url}/songs")
    assert second.get_by_role("searchbox").input_value() == "love"


def test_two_tabs_show_the_same(visitor: Visitor) -> None:
    """What one begins, the other shows and comes to the end of; a word said in one is told in the other."""
    first = visitor.page
    second = first.context.new_page()
    second.goto(first.url)
    sort(visitor)
    second.bring_to_front()
    second.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    second.goto(f"{first.url}review")
    second.get_by_role("button", name=re.compile("^1 ")).first.click()
    first.bring_to_front()
    first.get_by_text("Your library has changed.").wait_for()
    first.get_by_role("button", name="Show it").click()
    first.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    assert not visitor.complaints
