"""What a page says, and where the keyboard is, while a job runs and when it ends."""

import json
import re
from typing import TYPE_CHECKING

import pytest

from .conftest import Site, Visitor, until
from .test_first_sort import PHONE, SMALLEST, sort

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

LAPTOP: "ViewportSize" = {"width": 1280, "height": 800}
COVERED = """(selector) => [...document.querySelectorAll(`${selector} button, ${selector} strong`)]
    .filter((one) => one.checkVisibility())
    .filter((one) => {
        const { left, top, width, height } = one.getBoundingClientRect();
        return !one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }).map((one) => one.textContent.trim())"""

pytestmark = pytest.mark.browser

RUNNING = {
    "job_id": "1", "kind": "apply", "status": "running", "stage": "Reading liked songs", "done": 1, "total": 9,
    "seconds_left": None, "message": "", "hint": "", "result": None,
}  # fmt: skip
STALE = "Your library has changed."
FOCUSED = "document.activeElement.tagName + ':' + document.activeElement.textContent.trim()"


def tell(page: "Page", *states: dict[str, object]) -> None:
    """Has the server's stream say just that; the browser asks for the next one only much later."""
    events = "".join(f"event: state\ndata: {json.dumps(state)}\n\n" for state in states)
    page.route(
        "**/api/events",
        lambda route: route.fulfill(content_type="text/event-stream", body=f"retry: 600000\n\n{events}"),
    )


def test_a_running_job_does_not_make_the_page_stale(visitor: Visitor) -> None:
    """What a job has changed so far is no news: its end brings the new page. Without one, it is."""
    page = visitor.page
    sort(visitor)
    tell(page, {"job": RUNNING, "revision": "another"})
    page.reload()
    page.get_by_text(RUNNING["stage"], exact=True).first.wait_for()
    assert page.get_by_text(STALE).count() == 0
    page.unroute("**/api/events")
    tell(page, {"job": None, "revision": "another"})
    page.reload()
    page.get_by_text(STALE).wait_for()


def test_the_preview_promises_nothing_while_it_is_written(visitor: Visitor, site: Site) -> None:
    """That nothing was written yet is shown until the writing starts, and no longer."""
    page = visitor.page
    sort(visitor)
    tell(page)
    page.route("**/api/jobs/apply", lambda route: route.fulfill(status=202, json=RUNNING))
    page.goto(f"{site.url}/preview")
    promise = page.get_by_text("Nothing of this is written yet")
    assert promise.is_visible()
    visitor.click("button", "Write")
    page.get_by_text(RUNNING["stage"], exact=True).first.wait_for()
    assert not promise.is_visible()


@pytest.mark.parametrize("size", [LAPTOP, PHONE, SMALLEST], ids=["laptop", "phone", "small phone"])
@pytest.mark.parametrize("path", ["/songs", "/genres"])
def test_a_message_hides_neither_the_job_nor_the_next_step(
    visitor: Visitor, site: Site, size: "ViewportSize", path: str
) -> None:
    """When the server does not answer, say: the job's bar, the page's button and the message are all there to press."""
    page = visitor.page
    page.set_viewport_size(size)
    sort(visitor)
    running = RUNNING | {"kind": "sort", "stage": "Reading liked songs"}
    tell(page, {"job": running, "revision": "", "choice": ""})
    page.route("**/api/choice", lambda route: route.abort())
    page.goto(f"{site.url}{path}")
    page.get_by_role("button", name="Stop").wait_for()
    page.route("**/api/theme", lambda route: route.abort())
    page.get_by_role("button", name="Switch between dark and light").click()
    page.get_by_text("cratewise does not answer").first.wait_for()
    for selector in (".dock.job", ".toasts", ".foot"):
        if page.locator(selector).count():
            assert page.evaluate(COVERED, selector) == [], selector


@pytest.mark.parametrize("size", [LAPTOP, PHONE, SMALLEST], ids=["laptop", "phone", "small phone"])
def test_the_end_of_the_page_lies_above_the_bar(visitor: Visitor, site: Site, size: "ViewportSize") -> None:
    """Scrolled to it, its last button can be pressed while a job runs, and its last song while some are selected."""
    page = visitor.page
    page.set_viewport_size(size)
    sort(visitor)
    tell(page, {"job": RUNNING | {"kind": "sort"}, "revision": "", "choice": ""})
    page.goto(f"{site.url}/settings")
    bar = page.get_by_role("region", name="Work under way")
    bar.get_by_role("button", name="Stop").wait_for()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.get_by_role("button", name="Forget everything").bounding_box()
    edge = bar.bounding_box()
    assert last is not None
    assert edge is not None
    assert last["y"] + last["height"] + 24 <= edge["y"]
    tell(page, {"job": None, "revision": "", "choice": ""})
    page.goto(f"{site.url}/songs")
    page.locator(".row").first.wait_for()
    page.get_by_role("button", name="Select").click()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.locator(".row[aria-posinset='474']").wait_for()
    last = page.locator(".row[aria-posinset='474']").bounding_box()
    edge = page.get_by_role("form", name="Selected songs").bounding_box()
    assert last is not None
    assert edge is not None
    assert last["y"] + last["height"] <= edge["y"]


def test_without_the_server_the_bar_promises_nothing(visitor: Visitor) -> None:
    """Neither a time nor a stop, as the message says that nothing answers; both are back with the server."""
    page = visitor.page
    sort(visitor)
    running = RUNNING | {"kind": "sort", "seconds_left": 7}
    body = f"retry: 200\n\nevent: state\ndata: {json.dumps({'job': running, 'revision': '', 'choice': ''})}\n\n"
    is_away = False

    def answer(route) -> None:  # type: ignore[no-untyped-def] # playwright is imported late
        route.abort() if is_away else route.fulfill(content_type="text/event-stream", body=body)

    page.route("**/api/events", answer)
    page.reload()
    bar = page.get_by_role("region", name="Work under way")
    bar.get_by_text("about 7 s left").wait_for()
    stop = bar.get_by_role("button", name="Stop")
    assert stop.is_enabled()
    is_away = True
    page.get_by_text("cratewise does not answer.").wait_for()
    assert stop.is_disabled()
    assert "left" not in bar.inner_text()
    assert "No news" in bar.inner_text()
    is_away = False
    bar.get_by_text("about 7 s left").wait_for()
    assert stop.is_enabled()
    assert "No news" not in bar.inner_text()


def test_the_heading_says_that_it_sorts(visitor: Visitor) -> None:
    """From the press of the button on, without loading the page again."""
    page = visitor.page
    heading = page.get_by_role("heading", level=1)
    assert "waiting to be sorted" in heading.inner_text().replace("\n", " ")
    tell(page)
    page.route("**/api/jobs/sort", lambda route: route.fulfill(status=202, json=RUNNING | {"kind": "sort"}))
    page.reload()
    visitor.click("button", "Sort my songs")
    page.get_by_role("button", name="Stop").wait_for()
    assert re.fullmatch(r"Sorting your [\d,]+ liked songs", " ".join(heading.inner_text().split()))


def test_the_keyboard_goes_from_the_button_to_the_progress_to_the_heading(visitor: Visitor) -> None:
    """Whoever sorts by keyboard is never put back to the top of the page."""
    page = visitor.page
    page.get_by_role("button", name="Sort my songs").press("Enter")
    page.locator("[data-job]:focus").wait_for()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    page.locator("h1:focus").wait_for()
    assert not visitor.complaints


def test_a_second_enter_does_not_stop_what_the_first_began(visitor: Visitor, site: Site) -> None:
    """The focus waits on the progress, which has a name and does nothing; Stop is one Tab further."""
    page = visitor.page
    sort(visitor)
    tell(page)
    page.route("**/api/jobs/apply", lambda route: route.fulfill(status=202, json=RUNNING))
    page.goto(f"{site.url}/preview")
    stops: list[str] = []
    page.on("request", lambda request: stops.append(request.url) if request.url.endswith("/stop") else None)
    page.get_by_role("button", name="Write").press("Enter")
    until(page, "document.activeElement.closest('[data-job]') !== null")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.get_by_role("region", name="Work under way").and_(page.locator(":focus")).wait_for()
    assert not stops
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "BUTTON:Stop"


def test_somebody_who_moved_elsewhere_stays_there(visitor: Visitor) -> None:
    """Neither the start of the job nor its end takes the focus from them."""
    page = visitor.page
    tell(page)

    def slowly(route) -> None:  # type: ignore[no-untyped-def] # playwright is imported late
        page.get_by_role("link", name="History").focus()
        route.fulfill(status=202, json=RUNNING | {"kind": "sort"})

    page.route("**/api/jobs/sort", slowly)
    page.reload()
    page.get_by_role("button", name="Sort my songs").press("Enter")
    page.get_by_role("button", name="Stop").wait_for()
    assert page.evaluate(FOCUSED) == "A:History"
    page.unroute("**/api/jobs/sort")
    page.route("**/api/jobs/stop", lambda route: route.fulfill(json={"job": RUNNING | {"status": "stopped"}}))
    page.evaluate("document.querySelector('[data-job-stop]').click()")  # as another tab would: the focus stays
    page.get_by_role("button", name="Sort my songs").wait_for()
    page.wait_for_load_state("load")
    assert page.evaluate("document.activeElement === document.body")


def test_a_refused_start_gives_the_button_back(visitor: Visitor) -> None:
    """The focus is on the button that did not work, to try again."""
    page = visitor.page
    refusal = {"error": {"message": "Not now.", "hint": "Later."}}
    page.route("**/api/jobs/sort", lambda route: route.fulfill(status=409, json=refusal))
    page.get_by_role("button", name="Sort my songs").press("Enter")
    page.get_by_text("Not now.").wait_for()
    assert page.evaluate(FOCUSED) == "BUTTON:Sort my songs"
