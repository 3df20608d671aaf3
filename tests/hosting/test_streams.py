"""A tab that is told of changes is told nothing once its session has ended, wherever that was done."""

import threading
from collections.abc import Callable, Iterator
from itertools import takewhile

import pytest
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting

from cratewise.web import events


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    return browser


def told_after(listener: Browser, what: Callable[[], object]) -> list[str]:
    """What a tab hears after something that is done once it listens, until the stream ends or goes quiet."""
    with listener.client.stream("GET", "/api/events") as stream:
        lines = takewhile(lambda line: not line.startswith(":"), stream.iter_lines())
        names = (line.removeprefix("event: ") for line in lines if line.startswith("event: "))
        assert next(names) == "state"
        what()
        return list(names)


def elsewhere(hosting: Hosting, browser: Browser) -> Browser:
    """A tab of the same browser at another process."""
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    return other


@pytest.mark.parametrize("address", ["/api/leave", "/api/logout", "/api/forget"])
def test_a_stream_ends_with_its_session(hosting: Hosting, browser: Browser, address: str) -> None:
    """At the process where somebody logs out, and at every other; the account's next job is nobody's business."""
    hosting.work()
    browser.sort()
    away = elsewhere(hosting, browser)
    in_process = hosting.browser(str(browser.client.base_url))
    in_process.client.cookies.update(browser.client.cookies)
    heard: list[list[str]] = []
    ready = threading.Barrier(3)
    left = threading.Event()

    def listen(tab: Browser) -> None:
        def wait() -> None:
            ready.wait(PATIENCE_S)
            left.wait(PATIENCE_S)

        heard.append(told_after(tab, wait))

    tabs = [threading.Thread(target=listen, args=(tab,), daemon=True) for tab in (away, in_process)]
    for tab in tabs:
        tab.start()
    ready.wait(PATIENCE_S)
    assert browser.client.post(address).status_code == 200
    left.set()
    for tab in tabs:
        tab.join(events.HEARTBEAT_S / 3)  # it is told, and finds it out not only by and by
    assert [one[-1:] for one in heard] == [["left"], ["left"]]


def test_leaving_one_browser_ends_no_stream_of_another(hosting: Hosting, browser: Browser) -> None:
    """Sessions of one account are apart."""
    other = hosting.browser(hosting.serve())
    other.log_in()
    with other.client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        next(line for line in lines if line == "event: state")
        assert browser.client.post("/api/leave").status_code == 200
        assert next(line for line in lines if line.startswith("event: ")) == "event: state"
    assert other.client.get("/api/state").status_code == 200


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Room for three streams."""
    monkeypatch.setattr(events, "MOST_STREAMS", 3)
    return 3


def test_the_oldest_of_too_many_streams_ends(hosting: Hosting, browser: Browser, few: int) -> None:
    """The tab that is opened now is told; the one that was left open longest is told that it is not any more."""

    def open_more() -> None:
        for _ in range(few):
            tab = hosting.browser(str(browser.client.base_url))
            tab.client.cookies.update(browser.client.cookies)
            lines = hosting.opened(tab.client.stream("GET", "/api/events")).iter_lines()
            assert next(lines) == "event: state"
            kept.append(lines)  # one that nobody holds is closed

    kept: list[Iterator[str]] = []
    assert told_after(browser, open_more)[-1] == "full"
