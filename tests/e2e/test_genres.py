"""What a person makes of genres on their page, with the keyboard and with a thumb."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from cratewise.playlists.plan import STAYS

from .conftest import Site, Visitor, until
from .test_first_sort import PHONE, SMALLEST, overflow, sort

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

AGAIN_IS_REACHED = """(() => { const one = document.querySelector("[data-restore]");
    const {left, right, top, bottom} = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2)); })()"""
HOSTILE = "\u05d2'\u05d0\u05d6 <img src=x onerror=alert(1)>"


@pytest.fixture
def page(visitor: Visitor, site: Site) -> "Iterator[Page]":
    """The genres of the sorted demo."""
    sort(visitor)
    visitor.page.goto(f"{site.url}/genres")
    yield visitor.page
    assert [one for one in visitor.complaints if "409" not in one] == []  # the browser notes each refusal
    assert not visitor.page.get_by_text("Your library has changed").count()


def card(page: "Page", name: str) -> "Locator":
    """The card of a genre."""
    return page.locator(".family").filter(has=page.get_by_role("heading", name=name, exact=True))


def count(page: "Page", what: str) -> int:
    """A number at the foot of the page."""
    return int(page.locator(f"[data-count={what}]").inner_text().replace(",", ""))


def test_the_keyboard_need_not_walk_through_every_genre(page: "Page") -> None:
    """Behind the link to the content stands one to the button at the foot."""
    skip = page.get_by_role("link", name="Skip to what your choice comes to")
    page.locator("#main").focus()
    page.keyboard.press("Tab")
    assert skip.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/preview**")


def test_the_keyboard_renames_a_genre_and_takes_it_back(page: "Page", site: Site) -> None:
    """From the menu's button on, and back to it; a refused name is said in the dialog, and nothing is kept."""
    button = page.get_by_role("button", name="Change Jazz", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent").strip() == "Rename…"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent").strip() == "Hide…"
    page.keyboard.press("Escape")
    assert button.evaluate("one => one === document.activeElement")
    until(page, "document.activeElement.getAttribute('aria-expanded') === 'false'")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("textbox").input_value() == "Jazz"
    page.keyboard.type("Rock")
    page.keyboard.press("Enter")
    dialog.get_by_text("is the name of another genre").wait_for()
    dialog.get_by_role("textbox").fill(HOSTILE)
    page.keyboard.press("Enter")
    card(page, HOSTILE).wait_for()
    until(page, "document.activeElement.matches('[data-more=jazz]')")
    page.goto(f"{site.url}/songs?family=jazz")
    page.locator(".row .pill", has_text=HOSTILE).first.wait_for()
    page.goto(f"{site.url}/genres")
    page.get_by_role("button", name=f"Change {HOSTILE}").press("Enter")
    page.get_by_role("menuitem", name="Rename").press("Enter")
    page.get_by_role("textbox", name="Name").fill("")
    page.keyboard.press("Enter")
    card(page, "Jazz").wait_for()


def test_a_merging_says_what_it_comes_to_and_is_undone(page: "Page") -> None:
    """How many songs it is about, before; afterwards the counts are those of the plan, and Undo restores each."""
    before = page.locator(".family h2").all_inner_texts()
    playlists, songs = count(page, "playlists"), count(page, "songs")
    liked = int(page.locator("[data-more=blues]").first.get_attribute("data-liked") or 0)
    page.get_by_role("button", name="Change Blues", exact=True).click()
    page.get_by_role("menuitem", name="Merge").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Its songs count as").select_option(label="Jazz")
    dialog.get_by_text(f"{liked} songs of Blues count as Jazz").wait_for()
    dialog.get_by_role("button", name="Merge").click()
    page.get_by_text("Blues is a part of Jazz now").wait_for()
    assert not card(page, "Blues").count()
    assert count(page, "playlists") == playlists - 1
    assert count(page, "songs") == songs
    page.get_by_role("button", name="Undo").click()
    card(page, "Blues").wait_for()
    assert page.locator(".family h2").all_inner_texts() == before
    assert count(page, "playlists") == playlists


def test_a_dialog_says_what_becomes_of_the_playlists(page: "Page", visitor: Visitor, site: Site) -> None:
    """By name, where there are any, before the genre is merged or hidden; afterwards the page says it."""
    page.get_by_role("button", name="Change Metal", exact=True).click()
    page.get_by_role("menuitem", name="Hide").click()
    assert page.get_by_role("dialog").locator("[data-stays]").is_hidden()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="See what would be written").click()
    page.get_by_role("button", name="Write").click()
    page.get_by_role("heading", name=re.compile("in your account")).wait_for()
    page.goto(f"{site.url}/genres")
    for item, done in (("Merge", "Cancel"), ("Hide", "Hide it")):
        page.get_by_role("button", name="Change Metal", exact=True).click()
        page.get_by_role("menuitem", name=item).click()
        page.get_by_role("dialog").get_by_text(f"Metal · liked {STAYS}").wait_for()
        page.get_by_role("button", name=done).click()
    page.get_by_role("region", name="Hidden and merged").get_by_text(f"Metal · liked {STAYS}").wait_for()


def test_a_hidden_genre_is_shown_again_on_a_phone(page: "Page") -> None:
    """A family and a finer genre, with thumbs; nothing is wider than the smallest screen, nothing smaller than one."""
    page.set_viewport_size(PHONE)
    playlists = count(page, "playlists")
    pop = card(page, "Pop")
    pop.locator("summary").click()
    more = pop.get_by_role("button", name="Change Chanson")
    box = more.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    more.click()
    item = page.get_by_role("menuitem", name="Hide")
    assert (item.bounding_box() or {"height": 0})["height"] >= 44
    item.click()
    page.get_by_role("dialog").get_by_text(re.compile(r"Its \d+ songs count as Pop")).wait_for()
    page.get_by_role("button", name="Hide it").click()
    again = page.get_by_role("button", name="Show again: Chanson")
    again.wait_for()
    assert pop.locator("details").get_attribute("open") is not None
    assert not pop.get_by_role("button", name="Change Chanson").count()
    page.mouse.wheel(0, 10_000)
    until(page, "scrollY + innerHeight >= document.documentElement.scrollHeight - 1")
    until(page, AGAIN_IS_REACHED)
    assert page.get_by_role("button", name="Undo").is_visible()  # what is told of it stands elsewhere
    again.click()
    pop.get_by_role("button", name="Change Chanson").wait_for()
    pop.get_by_role("button", name="Change Pop", exact=True).click()
    page.get_by_role("menuitem", name="Hide").click()
    page.get_by_role("button", name="Hide it").click()
    page.get_by_role("button", name="Show again: Pop").wait_for()
    assert count(page, "playlists") == playlists - 1
    page.set_viewport_size(SMALLEST)
    assert overflow(page) == 0


def switch_of(page: "Page", name: str) -> "Locator":
    """The switch of a family."""
    return card(page, name).get_by_role("switch", name=f"Playlist of {name}", exact=True)


def test_two_tabs_show_one_choice(page: "Page", site: Site) -> None:
    """A switch that is moved in one tab moves in the other, with the counts; each tab keeps what is unfolded."""
    other = page.context.new_page()
    other.goto(f"{site.url}/genres")
    card(other, "Pop").locator("summary").click()
    before = count(other, "playlists")
    switch_of(page, "Jazz").uncheck(force=True)
    switch_of(page, "Blues").uncheck(force=True)
    other.locator("[data-count=playlists]", has_text=str(before - 2)).wait_for()
    assert not switch_of(other, "Jazz").is_checked()
    assert not switch_of(other, "Blues").is_checked()
    assert switch_of(other, "Rock").is_checked()
    assert card(other, "Pop").locator("details").get_attribute("open") is not None
    switch_of(other, "Jazz").check(force=True)
    page.locator("[data-count=playlists]", has_text=str(before - 1)).wait_for()
    assert switch_of(page, "Jazz").is_checked()
    assert not switch_of(page, "Blues").is_checked(), "what the first tab chose is not taken back by the second"
    other.close()


def chosen(page: "Page") -> list[str]:
    """The genres whose switch is on."""
    switches = page.get_by_role("switch", include_hidden=True).all()
    return [str(one.get_attribute("value")) for one in switches if one.is_checked()]


def test_all_genres_go_on_and_off_at_once_and_back(page: "Page", site: Site) -> None:
    """All families, and the finer genres of one; what is taken back is what was moved, not what was chosen since."""
    families = count(page, "playlists")
    switch_of(page, "Jazz").uncheck(force=True)
    pop = card(page, "Pop")
    pop.locator("summary").click()
    finer = pop.get_by_role("group", name="All finer genres of Pop")
    finer.get_by_role("button", name="All on").click()
    page.get_by_text(re.compile(r"^\d genres switched on\.$")).wait_for()
    n_finer = pop.locator("[data-of=pop]:checked").count()
    assert n_finer > 1
    page.locator("[data-count=playlists]", has_text=str(families - 1 + n_finer)).wait_for()
    before = chosen(page)
    everything = page.get_by_role("group", name="All genres")
    everything.get_by_role("button", name="All off").click()
    page.get_by_text("No playlist yet").wait_for()
    assert chosen(page) == []
    switch_of(page, "Blues").check(force=True)
    switch_of(page, "Blues").uncheck(force=True)
    switch_of(page, "Jazz").check(force=True)
    page.locator(".notice", has_text=f"{len(before)} genres switched off").get_by_role("button", name="Undo").click()
    page.locator("[data-count=playlists]", has_text=str(families + n_finer)).wait_for()
    assert chosen(page) == sorted({*before, "jazz"}, key=chosen(page).index)
    everything.get_by_role("button", name="All on").click()
    page.get_by_text("They are all on already").wait_for()
    finer.get_by_role("button", name="All off").click()
    page.locator("[data-count=playlists]", has_text=re.compile(f"^{families}$")).wait_for()
    page.goto(f"{site.url}/genres")
    assert count(page, "playlists") == families, "it is kept"


def test_a_switch_that_could_not_be_sent_is_sent_once_there_is_an_answer(
    page: "Page", visitor: Visitor, site: Site
) -> None:
    """Nothing is told as done before it is; what the switches show is kept in the end."""
    page.context.set_offline(True)
    page.get_by_role("group", name="All genres").get_by_role("button", name="All off").click()
    page.get_by_text("cratewise does not answer.").first.wait_for()
    assert not page.get_by_text("switched off").count()
    page.context.set_offline(False)
    choice = {"genres": ["jazz", "blues"]}
    httpx.put(f"{site.url}/api/choice", json=choice).raise_for_status()  # every tab is told
    page.get_by_text("No playlist yet").wait_for()
    assert httpx.get(f"{site.url}/api/choice").json()["playlists"] == 0
    assert all("DISCONNECTED" in one for one in visitor.complaints), visitor.complaints
    visitor.complaints.clear()


def test_what_could_not_be_sent_is_sent_again_and_seen_only_then(page: "Page", visitor: Visitor, site: Site) -> None:
    """Without a word of the server's; a preview that is asked for meanwhile is one of what is kept."""
    page.context.set_offline(True)
    page.locator("label:has(input[value=rock])").click()
    unkept = page.get_by_text("Your choice is not kept yet.")
    unkept.wait_for()
    page.get_by_role("button", name="See what would be written").click()
    assert page.url == f"{site.url}/genres"
    page.context.set_offline(False)
    unkept.wait_for(state="hidden")
    assert "rock" not in httpx.get(f"{site.url}/api/choice").json()["chosen"]
    page.get_by_role("button", name="See what would be written").click()
    page.wait_for_url("**/preview?**")
    assert not page.locator("[data-change=rock]").count()
    assert all("DISCONNECTED" in one for one in visitor.complaints), visitor.complaints
    visitor.complaints.clear()


def test_many_switches_have_one_way_back(page: "Page") -> None:
    """That of the last time: an older one would lead to what never was. By keyboard it is at hand, and leads back."""
    everything = page.get_by_role("group", name="All genres")
    everything.get_by_role("button", name="All off").click()
    page.get_by_text("genres switched off").wait_for()
    everything.get_by_role("button", name="All on").press("Enter")
    page.get_by_text("genres switched on").wait_for()
    assert page.get_by_role("button", name="Undo").count() == 1
    until(page, "document.activeElement.textContent === 'Undo'")
    page.keyboard.press("Enter")
    page.get_by_text("No playlist yet").wait_for()
    assert page.evaluate("document.activeElement.textContent").strip() == "All on"


def test_a_message_leaves_the_button_at_the_end_of_the_page_free(page: "Page") -> None:
    """The bar leaves the edge of the window there, and messages stand in the room below it."""
    page.get_by_role("group", name="All genres").get_by_role("button", name="All off").click()
    page.get_by_text("genres switched off").wait_for()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    until(
        page,
        """(() => {
            const [note, foot] = [".toasts .notice", ".foot"].map((one) => document.querySelector(one));
            const [of_note, of_foot] = [note, foot].map((one) => one.getBoundingClientRect());
            return of_note.top >= of_foot.bottom && of_note.bottom < innerHeight; })()""",
    )
    page.evaluate("document.querySelector('.family:last-child details').open = true")
    until(page, "!document.querySelector('.toasts').classList.contains('below')")  # the bar is at the edge again
    assert page.get_by_role("button", name="Undo").is_visible()


def test_another_tab_hears_of_it(page: "Page", site: Site) -> None:
    """The songs that are open beside it offer to show the new name."""
    other = page.context.new_page()
    other.goto(f"{site.url}/songs")
    other.locator(".row").first.wait_for()
    page.bring_to_front()
    page.get_by_role("button", name="Change Jazz", exact=True).click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Blue Notes")
    page.keyboard.press("Enter")
    card(page, "Blue Notes").wait_for()
    other.bring_to_front()
    other.get_by_text("Your library has changed").wait_for()
    other.close()
