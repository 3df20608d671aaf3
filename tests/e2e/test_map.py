"""The map: every song is a point, what is drawn around is told and can be spoken of."""

import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Site, Visitor, until
from .test_first_sort import PHONE, overflow, sort

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = pytest.mark.browser

LAPTOP: "ViewportSize" = {"width": 1280, "height": 800}
SIZE = "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])(document.querySelector('canvas'))"
IS_SEEN = """(one) => {
    const found = document.querySelector(one);
    const { left, top, width, height } = found.getBoundingClientRect();
    return found.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""
BUTTONS = """(() => {
    const map = document.querySelector("canvas").getBoundingClientRect();
    const boxes = [...document.querySelectorAll(".map-tools .button")].map((one) => one.getBoundingClientRect());
    return boxes.map(({ left, top, right, bottom }) => (
        { left: left - map.left, top: top - map.top, right: right - map.left, bottom: bottom - map.top }));
})()"""


def draw_around(page: "Page", share: float = 0.3) -> int:
    """Draws a circle around the middle of the map; returns how many songs are in it."""
    page.locator("[data-wait]").wait_for(state="hidden")
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    radius = min(box["width"], box["height"]) * share
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for step in range(1, 30):
        page.mouse.move(x + radius * math.cos(step / 5), y + radius * math.sin(step / 5))
    page.mouse.up()
    found = page.locator("[data-chosen-count]")
    found.wait_for()
    return int(re.sub(r"\D", "", found.inner_text()))


@pytest.fixture
def page(visitor: Visitor, site: Site) -> "Iterator[Page]":
    """The map of the sorted demo."""
    sort(visitor)
    yield visitor.page
    assert not visitor.complaints


def names(page: "Page") -> list[dict[str, Any]]:
    """The names on the map with the boxes they fill, in pixels."""
    drawn: list[dict[str, Any]] = json.loads(page.locator("canvas").get_attribute("data-names") or "[]")
    return drawn


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_largest_families_are_named_on_the_map(page: "Page", site: Site, size: "ViewportSize") -> None:
    """Without one name over another, over the buttons or beyond the edge, also from near; a family that is switched
    off is not named."""
    page.set_viewport_size(size)
    page.goto(f"{site.url}/map")
    page.locator("[data-wait]").wait_for(state="hidden")
    until(page, "document.querySelector('canvas').dataset.names?.length > 9")
    assert len(names(page)) >= 3
    largest = page.locator("[data-legend] bdi").first.inner_text()
    assert largest in {one["name"] for one in names(page)}
    for _ in range(4):
        boxes = names(page)
        assert boxes
        width, height = page.evaluate(SIZE)
        buttons = page.evaluate(BUTTONS)
        for at, one in enumerate(boxes):
            assert one["left"] >= 0
            assert one["top"] >= 0
            assert one["right"] <= width
            assert one["bottom"] <= height
            for other in (*boxes[at + 1 :], *buttons):
                assert (
                    one["right"] <= other["left"]
                    or other["right"] <= one["left"]
                    or one["bottom"] <= other["top"]
                    or other["bottom"] <= one["top"]
                ), (one, other)
        page.get_by_role("button", name="Closer").click()
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Further away").click(click_count=4)
    page.locator("[data-legend] input").first.uncheck()
    until(page, f"!document.querySelector('canvas').dataset.names.includes('\"name\":\"{largest}\"')")


def test_songs_that_are_drawn_around_are_told_and_spoken_of(visitor: Visitor, site: Site) -> None:
    """Those within the line, and no others; the way back is offered; a hidden genre is not among them."""
    page = visitor.page
    sort(visitor)
    page.goto(f"{site.url}/map")
    some = draw_around(page, 0.15)
    page.get_by_role("button", name="Let go").click()
    many = draw_around(page)
    assert 0 < some < many < 474
    form = page.get_by_role("form", name="What you drew around")
    assert form.locator("li").count() == min(many, 101)
    told = form.locator("[data-chosen-genres]").inner_text()
    assert sum(int(number) for number in re.findall(r"[0-9]+", told)) == many, told
    assert re.search(r" · and [0-9]+ others?$", told)
    form.get_by_label("Genre for these songs").select_option("gospel")
    form.get_by_role("button", name="Say so").press("Enter")
    page.get_by_text(f"{many} songs: Gospel").wait_for()
    page.locator("canvas:focus").wait_for()
    page.get_by_role("checkbox", name="Gospel & Christian").uncheck()
    page.locator("canvas").click(position={"x": 5, "y": 5})
    assert form.is_hidden()
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text(f"Taken back: {many} songs").wait_for()
    page.locator("canvas:focus").wait_for()
    page.get_by_role("checkbox", name="Gospel & Christian").check()
    assert draw_around(page) == many
    form.get_by_text(re.compile("Gospel")).first.wait_for(state="attached")
    assert not page.get_by_text("Your library has changed").count()
    assert not visitor.complaints


def test_the_map_is_moved_zoomed_and_asked(visitor: Visitor, site: Site) -> None:
    """With the keyboard and the mouse, on a phone as well; a song under the pointer is named."""
    page = visitor.page
    sort(visitor)
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}/map")
    before = draw_around(page)
    assert overflow(page) == 0
    canvas = page.locator("canvas")
    canvas.focus()
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("+")
    assert draw_around(page) < before
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("-")
    assert draw_around(page) == before
    page.keyboard.press("Escape")
    named = [round(one["left"]) for one in names(page)]
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(100)  # it is painted
    assert [round(one["left"]) for one in names(page)] != named
    page.keyboard.press("0")
    page.wait_for_timeout(100)
    assert [round(one["left"]) for one in names(page)] == named
    box = canvas.bounding_box()
    assert box is not None
    tip = page.locator("[data-tip]")
    for across in range(10, int(box["width"]) - 10, 12):
        page.mouse.move(box["x"] + across, box["y"] + box["height"] / 2)
        if tip.is_visible():
            break
    assert tip.inner_text().strip()
    assert not visitor.complaints


def test_a_tap_names_the_song_until_the_next_one(visitor: Visitor, site: Site, browser: "Browser") -> None:
    """On a phone, whether a finger draws or moves; beside all songs, or where it moves, it names none."""
    sort(visitor)
    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.goto(f"{site.url}/map")
        page.locator("[data-wait]").wait_for(state="hidden")
        page.locator("canvas").scroll_into_view_if_needed()
        box = page.locator("canvas").bounding_box()
        assert box is not None
        tip = page.locator("[data-tip]")
        for mode in ("Draw", "Move"):
            page.get_by_role("button", name=mode).tap()
            for across in range(10, int(box["width"]) - 10, 12):
                page.touchscreen.tap(box["x"] + across, box["y"] + box["height"] / 2)
                if tip.is_visible():
                    break
            assert tip.is_visible(), mode
            assert tip.inner_text().strip()
            page.touchscreen.tap(box["x"] + 4, box["y"] + 4)
            assert not tip.is_visible(), mode


def test_songs_that_are_drawn_around_become_a_playlist(visitor: Visitor, site: Site) -> None:
    """Named in a dialog, on a phone, and taken back; the same once more is refused beside the name."""
    page = visitor.page
    sort(visitor)
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}/map")
    many = draw_around(page)
    until(page, f"({IS_SEEN})('[data-open=playlist]') && ({IS_SEEN})('[data-chosen-count]')")  # below the map
    page.get_by_role("button", name="A playlist of these").click()
    dialog = page.get_by_role("dialog", name="Make a playlist of")
    offered = dialog.locator("[data-playlist-count]").inner_text()
    gone = re.search(r"(\d+) songs? that Spotify no longer plays", dialog.inner_text())
    assert gone
    assert offered == f"{many - int(gone[1])} songs"
    assert dialog.get_by_label("Name").input_value()
    dialog.get_by_label("Name").fill("From the map")
    dialog.get_by_role("button", name="Make it").click()
    page.get_by_role("heading", name="1 playlist is in your account").wait_for()
    assert page.get_by_role("listitem").get_by_text(offered).is_visible()
    assert overflow(page) == 0
    run = page.url
    page.goto(site.account_url)
    page.get_by_text("From the map").first.wait_for()
    page.goto(f"{site.url}/map")
    assert draw_around(page) == many
    page.get_by_role("button", name="A playlist of these").click()
    dialog.get_by_label("Name").fill("From the map")
    dialog.get_by_role("button", name="Make it").click()
    dialog.get_by_role("alert").get_by_text("already").wait_for()
    page.goto(run)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_text("From the map").wait_for()
    page.get_by_role("button", name="Undo it").click()
    page.get_by_role("heading", name="Undone").wait_for()
    page.goto(site.account_url)
    page.get_by_role("heading").first.wait_for()
    assert not page.get_by_text("From the map").count()
