"""The songs, and what is said of those whose genre is not settled."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import Site, Visitor, until
from .test_first_sort import PHONE, overflow, sort

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SILENT = "no audio statistics"
FREE_ROWS = """[...document.querySelectorAll(".row")].filter((row) => {
    const { left, top, bottom } = row.getBoundingClientRect();
    return [top + 6, bottom - 10].every((y) => row.contains(document.elementFromPoint(left + 60, y)));
}).length"""
FOCUSED = "document.activeElement === document.body ? 'nothing' : document.activeElement.textContent.trim()"


@pytest.fixture
def page(visitor: Visitor, site: Site) -> "Iterator[Page]":
    """The list of songs of the sorted demo."""
    sort(visitor)
    visitor.page.goto(f"{site.url}/songs")
    visitor.page.locator(".row").first.wait_for()
    yield visitor.page
    assert not visitor.complaints


def found(page: "Page") -> int:
    """How many songs the page says it shows."""
    return int(page.locator("[data-found]").inner_text().replace(",", ""))


def test_each_tab_has_its_own_filter_and_order(page: "Page", site: Site) -> None:
    """What is searched and how it is sorted in one tab leaves another one as it is, also when that is loaded again."""
    page.goto(f"{site.url}/songs")
    other = page.context.new_page()
    other.goto(f"{site.url}/songs")
    first = other.locator(".row b").first.inner_text()
    found = other.locator("[data-found]").inner_text()
    page.get_by_label("Order").select_option("title")
    page.get_by_role("search").get_by_label("Genre").select_option("jazz")
    until(page, "location.search === '?family=jazz&order=title'")
    for is_anew in (False, True):
        if is_anew:
            other.reload()
        assert other.locator(".row b").first.inner_text() == first
        assert other.locator("[data-found]").inner_text() == found
        assert other.get_by_label("Order").input_value() == "newest"
    other.close()


def test_an_unknown_song_names_no_genre(page: "Page") -> None:
    """It is grey and called unknown, without a percentage; it is under no genre, and has a filter of its own."""
    page.get_by_role("search").get_by_label("Genre").select_option("?unknown")
    n_unknown = found(page)
    rows = page.locator(".row")
    assert 0 < n_unknown == rows.count()
    assert set(page.locator(".row .pill").all_inner_texts()) == {"Unknown"}
    assert not any(page.locator(".row .sure .number").all_inner_texts())
    assert not any("g-" in (row.get_attribute("class") or "") for row in rows.all())
    title = rows.first.locator(".row-song b").inner_text()
    rows.first.locator("button").click()
    dialog = page.get_by_role("dialog")
    assert dialog.locator("[data-genre]").inner_text() == "Unknown"
    guess = re.search(r"the best guess, (.+), is \d+% likely", dialog.inner_text())
    assert guess
    page.keyboard.press("Escape")
    page.get_by_role("search").get_by_label("Genre").select_option(label=guess.group(1))
    page.get_by_role("searchbox").fill(title)
    assert found(page) == 0


def test_an_unsure_song_asks(page: "Page") -> None:
    """Its pill is hollow and its genre a question; the genre's filter finds it and counts it apart."""
    page.get_by_role("search").get_by_label("Genre").select_option("?unsure")
    assert found(page) > 0
    pill = page.locator(".row .pill").first
    assert pill.inner_text().endswith("?")
    shown = "(one, name) => getComputedStyle(one)[name]"
    assert pill.evaluate(shown, "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert "inset" in pill.evaluate(shown, "boxShadow")
    family = re.search(r"g-([\w-]+)", page.locator(".row").first.get_attribute("class") or "")
    assert family
    page.get_by_role("search").get_by_label("Genre").select_option(family.group(1))
    assert re.fullmatch(r"\d+ of them unsure", page.locator("[data-guesses]").inner_text())


def test_what_holds_for_all_songs_is_said_once(page: "Page") -> None:
    """That there are no statistics stands above the list, not in its rows, and in full in a song's dialog."""
    assert page.locator("[data-silent]").inner_text().startswith("None has audio statistics")
    reasons = page.locator(".row-reason").all_inner_texts()
    assert any(reasons)
    assert not any(SILENT in reason for reason in reasons)
    page.locator(".row-button").first.click()
    assert page.get_by_role("dialog").locator("[data-reason]").inner_text().endswith(f"; {SILENT}.")


def test_where_some_songs_have_statistics_the_rows_say_which_do_not(page: "Page") -> None:
    """Then it tells songs apart, so it stays with each of them."""

    def with_statistics(route) -> None:  # type: ignore[no-untyped-def] # playwright is imported late
        answer = route.fetch()
        body = answer.json()
        for row in body["songs"][::3]:
            row[8] = "By its sound."
        route.fulfill(response=answer, json=body)

    page.route("**/api/songs", with_statistics)
    page.reload()
    page.locator(".row").first.wait_for()
    assert not page.locator("[data-silent]").is_visible()
    assert any(SILENT in reason for reason in page.locator(".row-reason").all_inner_texts())


def test_a_double_click_on_say_so_opens_no_other_song(page: "Page") -> None:
    """Its second click meets the row that lies under the dialog."""
    page.locator(".row-button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Genre").select_option(label="Rock")
    button = dialog.get_by_role("button", name="Say so").bounding_box()
    assert button
    under = "([x, y]) => Boolean(document.elementsFromPoint(x, y).find((one) => one.closest('.row')))"
    x, y = button["x"] + button["width"] / 2, button["y"] + button["height"] / 2
    page.mouse.dblclick(x, y)
    page.get_by_text("It is Rock.").wait_for()
    assert page.evaluate(under, [x, y]), "a row is there"
    assert not dialog.is_visible()


def test_on_a_phone_sureness_and_reason_can_be_read(page: "Page") -> None:
    """A row shows how sure it is and that it opens; touched or entered, it gives the whole reason."""
    page.set_viewport_size(PHONE)
    row = page.locator(".row-button").first
    for part in (".pill", ".sure .number", ".sure i", ".icon"):
        box = row.locator(part).bounding_box()
        assert box, part
        assert box["x"] + box["width"] <= PHONE["width"], part
    assert row.get_attribute("aria-haspopup") == "dialog"
    for start in (row.click, lambda: row.press("Enter")):
        start()
        reason = page.get_by_role("dialog").locator("[data-reason]")
        assert reason.inner_text()
        assert reason.evaluate("(one) => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight")
        page.keyboard.press("Escape")
        assert row.evaluate("(one) => one === document.activeElement")


def test_songs_that_are_selected_become_a_playlist(page: "Page", site: Site) -> None:
    """With the keyboard alone, as the map says; the button is off while none is selected."""
    page.goto(f"{site.url}/map")
    page.get_by_role(
        "application", name=re.compile("Map of [0-9]+ songs"), description=re.compile("keyboard")
    ).wait_for()
    page.get_by_role("link", name="select them in the list of songs").press("Enter")
    page.locator(".row").first.wait_for()
    page.get_by_role("button", name="Select").press("Enter")
    make = page.get_by_role("button", name="A playlist of these")
    assert make.is_disabled()
    for position in (1, 3, 4):
        page.locator(".row-button").nth(position).press("Enter")
    make.press("Enter")
    dialog = page.get_by_role("dialog", name="Make a playlist of 3 songs")
    assert dialog.get_by_label("Name").input_value()
    dialog.get_by_label("Name").fill("From the list")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 playlist is in your account").wait_for()
    page.goto(site.account_url)
    page.get_by_text("From the list").first.wait_for()


def test_the_keyboard_stays_on_the_song_that_is_spoken_of(page: "Page") -> None:
    """After a word on it, the word's Undo and its taking back, each of which is told; where the song leaves the list,
    on the one that has its place; a selection gives it back to Select."""
    title = page.locator(".row-song b").nth(2).inner_text()
    dialog = page.get_by_role("dialog")
    for way in ("Undo", "Take it back"):
        page.locator(".row-button").nth(2).press("Enter")
        dialog.get_by_label("Genre").select_option("gospel")
        dialog.get_by_role("button", name="Say so").press("Enter")
        page.get_by_text("It is Gospel").first.wait_for()
        assert title in page.evaluate(FOCUSED)
        if way == "Take it back":
            page.keyboard.press("Enter")
        page.get_by_role("button", name=way).last.press("Enter")
        page.locator(".toasts").get_by_text(re.compile(f"Taken back: .?{re.escape(title)}")).first.wait_for()
        assert title in page.evaluate(FOCUSED), way
        page.get_by_role("button", name="Dismiss").first.press("Enter")
    page.get_by_role("search").get_by_label("Genre").select_option("?unsure")
    following = page.locator(".row-song b").nth(1).inner_text()
    page.locator(".row-button").first.press("Enter")
    dialog.get_by_label("Genre").select_option("gospel")
    dialog.get_by_role("button", name="Say so").press("Enter")
    until(page, f"({FOCUSED}).includes({json.dumps(following)})")
    page.get_by_role("button", name="Select").press("Enter")
    page.locator(".row-button").first.press("Enter")
    bar = page.get_by_role("form", name="Selected songs")
    bar.get_by_label("Genre").select_option("gospel")
    bar.get_by_role("button", name="Say so").press("Enter")
    bar.wait_for(state="hidden")
    assert page.evaluate(FOCUSED) == "Select"


def test_at_twice_the_size_songs_can_be_selected_and_read(page: "Page") -> None:
    """A laptop's window at 200 %: at least three rows are free beside what is fixed, and a song opens at its title."""
    page.set_viewport_size({"width": 640, "height": 400})
    page.get_by_role("button", name="Select").click()
    page.locator(".row-button").nth(1).click()
    page.mouse.move(320, 100)
    page.mouse.wheel(0, 700)
    until(page, "scrollY >= 600")
    free = page.evaluate(FREE_ROWS)
    assert free >= 3
    assert overflow(page) == 0
    page.get_by_role("button", name="Cancel").press("Enter")
    page.locator(".row-button:focus").wait_for()
    assert page.evaluate("scrollY") >= 600
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    assert dialog.evaluate("(one) => one.scrollTop") == 0
    title = dialog.get_by_role("heading", level=2)
    place = title.bounding_box()
    assert place is not None
    assert 0 <= place["y"] < 300
