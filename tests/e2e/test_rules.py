"""The rules in a browser: changed, kept, and written by."""

import pytest

from .conftest import Site, Visitor
from .test_first_sort import PHONE, sort

pytestmark = pytest.mark.browser


def test_rules_are_changed_and_planned_by(visitor: Visitor, site: Site) -> None:
    """What cannot be kept is said beside the button; once it is mended the preview goes by it, also after a reload."""
    sort(visitor)
    page = visitor.page
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings", wait_until="load")
    page.get_by_label("Name", exact=True).fill("Mine: {genre}")
    page.get_by_label("No songs for which").fill("artist = Queen\nmood = happy")
    page.get_by_role("button", name="Keep these rules").click()
    page.get_by_role("alert").get_by_text("nothing is known of a song's 'mood'").wait_for()
    page.get_by_label("No songs for which").fill("artist = Queen")
    page.get_by_role("switch", name="Draw covers").press("Space")
    page.get_by_role("button", name="Keep these rules").click()
    page.get_by_text("Kept.").wait_for()
    assert not page.get_by_text("nothing is known").is_visible()
    page.reload()
    assert page.get_by_label("Name", exact=True).input_value() == "Mine: {genre}"
    assert not page.get_by_role("switch", name="Draw covers").is_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="See what they would write").click()
    page.get_by_role("heading", name="Mine: Rock").wait_for()
    assert "Queen" not in page.locator("[data-change=rock]").inner_text()


def test_the_look_is_chosen_and_everything_forgotten(visitor: Visitor, site: Site) -> None:
    """The theme holds on the next page; forgetting asks first, and ends where it all began."""
    sort(visitor)
    page = visitor.page
    page.goto(f"{site.url}/settings")
    with page.expect_response("**/api/theme"):
        page.get_by_role("radio", name="Dark").check()
    page.goto(f"{site.url}/songs")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.goto(f"{site.url}/settings")
    assert page.get_by_role("radio", name="Dark").is_checked()
    page.get_by_role("button", name="Switch between dark and light").click()
    assert page.get_by_role("radio", name="Light").is_checked()
    page.get_by_role("button", name="Forget everything").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Forget everything").click()
    page.get_by_role("dialog").get_by_text("474 liked songs").wait_for()
    page.get_by_role("button", name="Forget it all").click()
    page.wait_for_url("**/connect")
    page.goto(f"{site.url}/songs")
    page.get_by_role("heading", name="not sorted yet").wait_for()
    assert not visitor.complaints
