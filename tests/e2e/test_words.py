"""Saying what songs are: one after the other with the keyboard, one from the list, and many at once."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import Site, Visitor, until
from .test_first_sort import PHONE, sort

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


POST = """const post = (path, body) => fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });"""
TAKE_BACK_ELSEWHERE = f"""async () => {{ {POST}
    const kept = JSON.parse(sessionStorage.getItem("cratewise-answers")).at(-1);
    await post("/api/corrections/take-back", {{ corrections: kept.corrections }}); }}"""
COVER_THAT_IS_GONE = """async () => {
    const script = document.querySelector("script[src*='/songs.js']").src.replace("songs.js", "covers.js");
    const song = { cover: "https://127.0.0.1:9/gone.jpg", family: "jazz", album: "A", title: "B" };
    const image = new Image();
    const { coverOf } = await import(script);
    coverOf(image, song);
    await new Promise((done) => image.addEventListener("load", done));
    return new URL(image.src).pathname; }"""
SAY_ALL_BUT_ONE = f"""async () => {{ {POST}
    const {{ songs }} = await (await fetch("/api/review?limit=200")).json();
    await post("/api/corrections", {{ songs: songs.slice(1).map(({{ id }}) => id), genre: "jazz" }}); }}"""


@pytest.fixture
def page(visitor: Visitor, site: Site) -> "Iterator[Page]":
    """The page of the sorted demo."""
    sort(visitor)
    yield visitor.page
    assert [one for one in visitor.complaints if "409" not in one] == []  # the browser notes each refusal


def left(page: "Page") -> int:
    """How many songs the page says are left."""
    page.locator("[data-left]", has_text=re.compile(r"\d")).wait_for()
    return int(re.sub(r"\D", "", page.locator("[data-left]").inner_text()))


def test_the_keyboard_reviews_one_song_after_the_other(page: "Page", site: Site) -> None:
    """A digit answers and the next song is there; the last answer can be taken back; a skipped song stays open."""
    page.goto(f"{site.url}/review")
    before = left(page)
    heading = page.get_by_role("heading", level=2)
    first = heading.inner_text()
    chosen = page.locator("[data-candidates] .pill").nth(1).inner_text()
    page.keyboard.press("2")
    page.get_by_text(f"{before - 1} songs left").wait_for()
    assert heading.inner_text() != first
    page.keyboard.press("u")
    page.get_by_text(f"{before} songs left").wait_for()
    assert heading.inner_text() == first
    page.keyboard.press("2")
    page.get_by_text(f"{before - 1} songs left").wait_for()
    page.goto(f"{site.url}/songs?text={first}")
    row = page.locator(".row").filter(has_text=first).first
    assert row.locator(".pill").inner_text() == chosen
    assert row.locator(".sure .number").inner_text() == "you"
    page.goto(f"{site.url}/review")
    assert left(page) == before - 1
    skipped = heading.inner_text()
    page.keyboard.press("0")
    assert heading.inner_text() != skipped
    assert left(page) == before - 1
    assert not page.get_by_text("Your library has changed").count()


def test_the_last_answers_can_be_taken_back_after_a_reload(page: "Page", site: Site) -> None:
    """Each of them, the newest first; what was taken back elsewhere is said, and the one before can be taken back."""
    page.goto(f"{site.url}/review")
    before = left(page)
    heading = page.get_by_role("heading", level=2)
    undo = page.locator("[data-card] [data-undo]")
    assert undo.is_disabled()
    titles = []
    for number in range(3):
        titles.append(heading.inner_text())
        with page.expect_response("**/api/corrections"):
            page.keyboard.press("1")
        page.get_by_text(f"{before - number - 1} songs left").wait_for()
    page.reload()
    assert left(page) == before - 3
    assert undo.is_enabled()
    undo.click()
    page.get_by_text(f"{before - 2} songs left").wait_for()
    assert heading.inner_text() == titles[2]
    page.evaluate(TAKE_BACK_ELSEWHERE)
    undo.click()
    page.get_by_text("There is no correction").wait_for()
    undo.click()
    page.get_by_text(re.compile(r"^\d+ songs left$")).wait_for()
    until(page, f"document.querySelector('[data-title]').textContent === {json.dumps(titles[0])}")
    assert undo.is_disabled()
    page.goto(f"{site.url}/review")
    assert left(page) == before
    assert undo.is_disabled()


def test_the_last_answer_of_all_can_be_taken_back(page: "Page", site: Site) -> None:
    """Where nothing is left to look at, too."""
    page.goto(f"{site.url}/review")
    n_left = left(page)
    page.evaluate(SAY_ALL_BUT_ONE)
    page.goto(f"{site.url}/review")
    assert left(page) == 1 < n_left
    title = page.get_by_role("heading", level=2).inner_text()
    page.keyboard.press("1")
    page.get_by_role("button", name="Undo the last answer").click()
    page.get_by_text("1 song left").wait_for()
    assert page.get_by_role("heading", level=2).inner_text() == title


def test_a_song_is_corrected_from_the_list_and_taken_back(page: "Page", site: Site) -> None:
    """Its dialog says another genre; opened again it says whose word that is, and takes it back."""
    page.goto(f"{site.url}/songs")
    row = page.locator(".row").first
    row.wait_for()
    was = row.locator(".pill").inner_text()
    row.locator("button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Genre").select_option("gospel")
    dialog.get_by_role("button", name="Say so").click()
    page.get_by_text("It is Gospel").wait_for()
    assert row.locator(".pill").inner_text() == "Gospel"
    row.locator("button").click()
    dialog.get_by_text("You said so on").wait_for()
    dialog.get_by_role("button", name="Take it back").click()
    page.locator(".row").first.locator(".pill", has_text=re.compile(f"^{re.escape(was)}$")).wait_for()
    assert not page.get_by_text("Your library has changed").count()


def test_a_cover_that_cannot_be_loaded_is_drawn(page: "Page", visitor: Visitor, site: Site) -> None:
    """As that of a song which has none."""
    page.goto(f"{site.url}/songs")
    assert page.evaluate(COVER_THAT_IS_GONE).startswith("/covers/jazz/")
    visitor.complaints.clear()  # the browser notes what it could not load


def test_many_songs_are_corrected_at_once(page: "Page", site: Site) -> None:
    """All that a search shows, on a phone; the way back is offered."""
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}/songs?family=jazz")
    page.get_by_role("search").get_by_label("Genre").select_option("jazz")
    page.locator(".row").first.wait_for()
    n_jazz = int(page.locator("[data-found]").inner_text())
    page.get_by_role("button", name="Select").click()
    page.get_by_role("button", name="All shown").click()
    page.get_by_text(f"{n_jazz} songs selected").wait_for()
    page.locator(".row button").first.click()
    page.get_by_text(f"{n_jazz - 1} songs selected").wait_for()
    bar = page.get_by_role("form", name="Selected songs")
    bar.get_by_label("Genre for the selected songs").select_option("gospel")
    bar.get_by_role("button", name="Say so").click()
    page.get_by_text(f"{n_jazz - 1} songs: Gospel").wait_for()
    assert page.locator("[data-found]").inner_text() == "1"
    assert bar.is_hidden()
    page.get_by_role("button", name="Undo").click()
    page.locator("[data-found]", has_text=re.compile(f"^{n_jazz}$")).wait_for()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_what_was_said_of_many_songs_is_found_and_taken_back_later(page: "Page", site: Site) -> None:
    """Long after the message with its Undo has gone, and after a reload."""
    page.evaluate(SAY_ALL_BUT_ONE)
    page.goto(f"{site.url}/songs?family=%3Fsaid")
    page.locator(".row").first.wait_for()
    n_said = int(page.locator("[data-found]").inner_text())
    assert n_said > 5
    page.get_by_role("button", name="Select").click()
    page.get_by_role("button", name="All shown").click()
    bar = page.get_by_role("form", name="Selected songs")
    bar.get_by_label("Genre for the selected songs").select_option("Take back what I said")
    bar.get_by_role("button", name="Say so").click()
    page.get_by_text(f"What you said of {n_said} songs is taken back.").wait_for()
    page.get_by_text("No song matches").wait_for()
