"""What somebody presses or fills in before the scripts of a page have run is done once they have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Site, Visitor, until
from .test_first_sort import sort

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(visitor: Visitor) -> "Iterator[Page]":
    """The sorted demo, whose next page has no scripts until `let_run`."""
    sort(visitor)
    yield visitor.page
    assert not visitor.complaints


def open_without_scripts(page: "Page", address: str) -> list[Any]:
    """Opens a page whose main script does not come until it is let through; gives what holds it."""
    held: list[Any] = []
    page.route("**/js/main.js", lambda route: held.append(route))  # noqa: PLW0108 - it cannot mark a built-in method
    page.goto(address, wait_until="commit")
    page.locator("[data-theme-switch]").wait_for()
    page.wait_for_timeout(100)
    assert page.evaluate("document.readyState") != "complete"
    return held


def let_run(page: "Page", held: list[Any]) -> None:
    """Lets the scripts come."""
    for route in held:
        route.continue_()
    page.unroute("**/js/main.js")


def test_a_dialog_that_was_asked_for_early_opens(page: "Page", site: Site) -> None:
    """A button that does nothing without scripts is not lost, and does it once, however often it was pressed."""
    held = open_without_scripts(page, f"{site.url}/settings")
    button = page.get_by_role("button", name="Forget everything…")
    button.click()
    button.click()
    assert not page.get_by_role("dialog").is_visible()
    let_run(page, held)
    page.get_by_role("dialog").wait_for()


def test_a_form_that_was_sent_early_is_sent_once(page: "Page", site: Site) -> None:
    """By its script, and not as the address of a page."""
    posted: list[str] = []
    page.on("request", lambda one: posted.append(one.url) if one.method == "POST" else None)
    held = open_without_scripts(page, f"{site.url}/")
    page.get_by_role("button", name="Look for new songs").press("Enter")
    let_run(page, held)
    page.get_by_text("Nothing new").wait_for()
    assert [one.split("/api/")[1] for one in posted] == ["jobs/sort"]
    assert "?" not in page.url


def test_what_was_filled_in_early_counts(page: "Page", site: Site) -> None:
    """A switch of a genre is kept, letters in the search are searched for, and the chosen look is worn."""
    held = open_without_scripts(page, f"{site.url}/songs")
    page.get_by_role("searchbox").fill("jolene")
    let_run(page, held)
    until(page, "document.querySelector('[data-found]').textContent === '1'")
    held = open_without_scripts(page, f"{site.url}/genres")
    page.get_by_role("switch", name="Playlist of Jazz", exact=True).uncheck(force=True)
    page.get_by_role("button", name="See what would be written").click()
    let_run(page, held)
    page.wait_for_url("**/preview?**")
    assert "genre=jazz" not in page.url
    page.goto(f"{site.url}/genres")
    assert not page.get_by_role("switch", name="Playlist of Jazz", exact=True).is_checked()
    held = open_without_scripts(page, f"{site.url}/settings")
    page.get_by_role("radio", name="Light").check(force=True)
    let_run(page, held)
    until(page, "document.documentElement.dataset.theme === 'light'")
