"""Settings that are kept at once: the sources with the key of Last.fm, and how often playlists are kept current."""

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import Site, Visitor
from .test_first_sort import SMALLEST, apply, overflow, sort

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

KEY = "0123456789abcdef0123456789abcdef"


def settings_of(visitor: Visitor, site: Site) -> "Page":
    """The page of a sorted library, on the smallest screen."""
    sort(visitor)
    visitor.page.set_viewport_size(SMALLEST)
    visitor.page.goto(f"{site.url}/settings")
    return visitor.page


def test_a_key_goes_in_and_never_comes_out(visitor: Visitor, site: Site) -> None:
    """With the keyboard; the page then says that there is one, and takes it away again."""
    page = settings_of(visitor, site)
    page.get_by_role("checkbox", name="Last.fm").check()
    page.get_by_label("Key of Last.fm").fill(KEY)
    page.keyboard.press("Enter")
    page.get_by_text("a key is set").wait_for()
    assert page.get_by_role("button", name="Ask Last.fm now").count()
    assert KEY not in page.content()
    assert page.get_by_label("Key of Last.fm").input_value() == ""
    assert overflow(page) == 0
    page.get_by_role("button", name="Remove the key").click()
    page.get_by_text("The key of Last.fm is removed").wait_for()
    assert not page.get_by_text("a key is set").count()
    assert not visitor.complaints


def test_playlists_are_kept_current_once_a_preview_was_written(visitor: Visitor, site: Site) -> None:
    """Refused before, beside the field; afterwards the page says when the next turn comes."""
    page = settings_of(visitor, site)
    page.get_by_label("How often").select_option(label="Every day")
    page.get_by_role("button", name="Keep this schedule").click()
    page.get_by_text("Nobody has seen yet what would be written").wait_for()
    visitor.complaints.clear()  # the browser notes the refusal
    page.goto(site.url)
    apply(visitor)
    page.goto(f"{site.url}/settings")
    page.get_by_label("How often").select_option(label="Every day")
    page.get_by_role("button", name="Keep this schedule").click()
    page.get_by_text("kept current from now on").wait_for()
    assert re.search(r"Next\s+\d+ \w+ \d{4}", page.locator("#upkeep").inner_text())
    assert overflow(page) == 0
    assert not visitor.complaints


def test_who_forgets_everything_begins_anew(visitor: Visitor, site: Site) -> None:
    """It is said that all is forgotten, nothing is said to be kept, and every way to begin is offered."""
    page = settings_of(visitor, site)
    page.get_by_role("button", name="Forget everything").click()
    page.get_by_role("button", name="Forget it all").click()
    page.get_by_text("Everything is forgotten.").wait_for()
    assert page.get_by_role("heading", level=1, name="Your liked songs, in playlists by genre").is_visible()
    assert page.get_by_role("heading", name="With a file of your songs").count() == 1
    assert page.get_by_text("are kept").count() == 0
    assert page.get_by_label("Client ID").input_value() == ""


def test_a_long_dialog_keeps_its_buttons_in_sight(visitor: Visitor, site: Site) -> None:
    """What taking back 29 playlists would do is scrolled above them."""
    page = visitor.page
    sort(visitor)
    apply(visitor)
    page.goto(f"{site.url}/history/1")
    page.set_viewport_size(SMALLEST)
    page.get_by_role("button", name="Undo", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Removed", exact=True).wait_for()
    for name in ("Keep them", "Undo it"):
        box = dialog.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= SMALLEST["height"]
