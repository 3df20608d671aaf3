import re
from typing import TYPE_CHECKING

import pytest

from .conftest import Site, Visitor, until

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

pytestmark = pytest.mark.browser

PHONE: "ViewportSize" = {"width": 390, "height": 844}
SMALLEST: "ViewportSize" = {"width": 360, "height": 640}


def sort(visitor: Visitor) -> None:
    """Sorts the demo library."""
    visitor.click("button", "Sort my songs")
    visitor.page.get_by_role("heading", name=re.compile("sorted into")).wait_for()


def apply(visitor: Visitor) -> None:
    """Takes what is proposed, from the sorted library to the playlists."""
    visitor.click("link", "Choose playlists")
    visitor.click("button", "See what would be written")
    visitor.click("button", "Write")
    visitor.page.get_by_role("heading", name=re.compile(r"playlists? (is|are) in your account")).wait_for()


def overflow(page: "Page") -> int:
    """How many pixels the page is wider than the screen."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def cut(page: "Page", selector: str) -> list[str]:
    """The texts that do not fit the place they have."""
    found: list[str] = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)]
            .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)""",
        selector,
    )
    return found


def test_the_preview_says_once_what_all_its_songs_share(visitor: Visitor, site: Site) -> None:
    """Also in the rows that are fetched when somebody wants to see them all."""
    page = visitor.page
    sort(visitor)
    page.goto(f"{site.url}/preview")
    assert page.get_by_text("no audio statistics").count() == 0
    page.get_by_text("None of these songs has audio statistics").wait_for()
    page.locator("[data-show-all]").first.click()
    until(page, "document.querySelector('.change .diff:nth-child(5)')")
    assert "no audio statistics" not in page.locator("main").inner_text()
    assert len(set(page.locator(".change").first.locator(".reason").all_inner_texts())) > 3
    assert not visitor.complaints


def test_five_clicks_from_the_address_to_the_playlists(visitor: Visitor, site: Site) -> None:
    """Without typing: sort, choose, preview, write; and the playlists are in the sandbox account."""
    page = visitor.page
    assert "liked songs, waiting to be sorted" in page.get_by_role("heading", level=1).inner_text().replace("\n", " ")
    sort(visitor)
    apply(visitor)
    assert visitor.clicks <= 5
    names = page.locator(".playlist h2").all_inner_texts()
    assert len(names) > 5
    addresses = [
        link.get_attribute("href") for link in page.locator(".playlist").get_by_role("link", name="Open").all()
    ]
    assert len(addresses) == len(names)
    page.goto(addresses[0] or "")
    page.get_by_role("heading", name=names[0]).wait_for()
    assert not visitor.complaints


def test_nothing_is_written_before_the_preview_was_confirmed(visitor: Visitor, site: Site) -> None:
    """Sorting and looking leave the account as it was."""
    page = visitor.page
    page.goto(site.account_url)
    before = page.content()
    page.goto(site.url)
    sort(visitor)
    visitor.click("link", "Choose playlists")
    visitor.click("button", "See what would be written")
    page.get_by_role("button", name="Write").wait_for()
    page.goto(site.account_url)
    assert page.content() == before


def test_a_switched_off_genre_gets_no_playlist(visitor: Visitor) -> None:
    """The count follows the switches, the preview follows the count, and the choice outlives a reload."""
    page = visitor.page
    sort(visitor)
    visitor.click("link", "Choose playlists")
    before = int(page.locator('[data-count="playlists"]').inner_text())
    first = page.locator("input[name=genre]:checked").first
    name = (first.get_attribute("aria-label") or "").removeprefix("Playlist of ")
    bar = "getComputedStyle(document.querySelector('.family-facts .bar rect')).fill"
    in_colour = page.evaluate(bar)
    first.press("Space")
    until(page, f"{bar} !== '{in_colour}'")
    counted = page.locator('[data-count="playlists"]', has_text=re.compile(f"^{before - 1}$"))
    counted.wait_for()
    songs = page.locator('[data-count="songs"]').inner_text()
    page.reload()
    counted.wait_for()
    assert page.get_by_role("switch", name=f"Playlist of {name}", exact=True).is_checked() is False
    visitor.click("button", "See what would be written")
    page.get_by_role("heading", name=f"{before - 1} playlists, +{songs} songs").wait_for()
    assert page.get_by_role("heading", name=f"{name} · liked", exact=True).count() == 0


def test_without_a_genre_the_page_says_what_is_missing(visitor: Visitor) -> None:
    """With every switch off there is nothing to look at: the button is off, the reason beside it, and it is kept."""
    page = visitor.page
    sort(visitor)
    visitor.click("link", "Choose playlists")
    page.get_by_role("button", name="See what would be written").wait_for()
    page.evaluate("document.querySelectorAll('input[name=genre]:checked').forEach((one) => one.click())")
    page.get_by_text("switch on a genre").wait_for()
    assert page.get_by_role("button", name="See what would be written").is_disabled()
    visitor.click("link", "Genres")
    page.get_by_text("switch on a genre").wait_for()
    assert page.get_by_role("switch", checked=True).count() == 0


def test_an_opened_genre_leaves_no_hole_beside_it(visitor: Visitor) -> None:
    """While a card is open, the cards of the other column go on beside it."""
    page = visitor.page
    sort(visitor)
    visitor.click("link", "Choose playlists")
    page.locator("summary").first.click()
    gaps = page.evaluate(
        """() => {
            const boxes = [...document.querySelectorAll("li[data-family]")].map((one) => one.getBoundingClientRect());
            const beside = boxes.filter((one) => one.left > boxes[0].left && one.top < boxes[0].bottom);
            return beside.map((one, at) => one.top - (at ? beside[at - 1].bottom : boxes[0].top));
        }"""
    )
    assert len(gaps) > 2
    assert max(gaps) < 60
    rows = page.locator("[data-family]").first.locator(".styles li")
    assert rows.count() == rows.locator("input").count() + rows.get_by_text("too few").count()
    assert page.get_by_text("genres with fewer stay with").first.is_visible()


def test_a_reload_in_the_middle_loses_nothing(visitor: Visitor) -> None:
    """The page that is opened anew while the job runs follows it to its end."""
    page = visitor.page
    with page.expect_response("**/api/jobs/sort"):
        visitor.click("button", "Sort my songs")
    page.reload()
    page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
    visitor.click("link", "Choose playlists")
    visitor.click("button", "See what would be written")
    with page.expect_response("**/api/jobs/apply"):
        visitor.click("button", "Write")
    page.reload()
    page.get_by_role("heading", name=re.compile(r"playlists? (is|are) in your account|as it should be")).wait_for()
    visitor.click("link", "History")
    page.get_by_text("written", exact=True).wait_for()
    assert not visitor.complaints


def test_what_was_written_can_be_undone(visitor: Visitor, site: Site) -> None:
    """Undo asks once, and the account is as it was before."""
    page = visitor.page
    page.goto(site.account_url)
    before = page.get_by_role("listitem").all_inner_texts()
    page.goto(site.url)
    sort(visitor)
    apply(visitor)
    visitor.click("button", "Undo")
    visitor.click("button", "Undo it")
    page.get_by_role("heading", name="Undone").wait_for()
    page.goto(site.account_url)
    assert page.get_by_role("listitem").all_inner_texts() == before


def test_songs_are_found_filtered_and_explained(visitor: Visitor, site: Site) -> None:
    """Typing narrows the list at once, only rows in view exist, and a row says why it has its genre."""
    page = visitor.page
    sort(visitor)
    visitor.click("link", "Songs")
    page.get_by_role("listitem").first.wait_for()
    songs = int(page.locator("[data-found]").inner_text().replace(",", ""))
    assert 5 < page.get_by_role("listitem").count() < 60 < songs
    title = page.locator(".row b").first.inner_text()
    page.get_by_role("searchbox").fill(title)
    assert int(page.locator("[data-found]").inner_text()) < songs
    page.locator(".row-button").first.press("Enter")
    assert page.get_by_role("dialog").get_by_role("heading", name=title).is_visible()
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("no song is called like this")
    page.get_by_role("button", name="Show all songs").click()
    page.get_by_label("Order").select_option("unsure")
    page.locator(".row[data-verdict=unknown]").first.wait_for()
    page.get_by_role("search").get_by_label("Genre").select_option("?unsure")
    percents = [int(text.rstrip("%")) for text in page.locator(".row .sure .number").all_inner_texts()]
    assert percents == sorted(percents)
    assert len(percents) > 5
    assert not visitor.complaints


def test_a_phone_needs_no_sideways_scrolling(visitor: Visitor, site: Site) -> None:
    """Every page fits 390 and 360 pixels, and what is touched is 44 pixels high."""
    page = visitor.page
    page.set_viewport_size(PHONE)
    assert overflow(page) == 0
    sort(visitor)
    page.goto(site.url + "/preview")
    page.set_viewport_size(SMALLEST)
    assert cut(page, ".change h2") == []
    page.set_viewport_size(PHONE)
    page.goto(site.url)
    apply(visitor)
    assert cut(page, ".playlist h2") == []
    for path in ("/", "/genres", "/preview", "/songs", "/history", "/history/1", "/nowhere"):
        page.goto(site.url + path)
        for size in (PHONE, SMALLEST):
            page.set_viewport_size(size)
            assert overflow(page) == 0, (path, size)
        heights = page.evaluate(
            "[...document.querySelectorAll('button, .button, .tabs a, .account a, select, .switch, summary')]"
            ".filter((one) => one.offsetParent).map((one) => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, path


def test_the_theme_is_switched_and_kept(visitor: Visitor) -> None:
    """Dark and light are a click apart, and the choice outlives a reload."""
    page = visitor.page
    shown = "getComputedStyle(document.documentElement).backgroundColor"
    first = page.evaluate(shown)
    with page.expect_response("**/api/theme"):
        visitor.click("button", "Switch between dark and light")
    assert page.evaluate(shown) != first
    page.reload()
    assert page.evaluate(shown) != first


def test_the_preview_is_edited_before_it_is_written(visitor: Visitor, site: Site) -> None:
    """A song that is kept out is not written; the way back stands beside it, and what is shown is what is written."""
    page = visitor.page
    sort(visitor)
    page.goto(f"{site.url}/preview")
    card = page.locator("[data-change=rock]")
    before = int(card.locator(".added").inner_text().removeprefix("+"))
    rows = card.locator("[data-uri]")
    titles = [rows.nth(place).locator("b").inner_text() for place in range(2)]
    rows.nth(0).get_by_role("button", name="Keep out").click()
    rows.nth(0).get_by_role("button", name="Undo").wait_for()
    assert page.get_by_role("button", name="Write").is_hidden()
    page.wait_for_timeout(500)  # until every event has come
    assert page.get_by_text("Your library has changed.").count() == 0, "this page knows: it changed it"
    until(page, "document.activeElement.textContent.startsWith('Undo')")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Write").wait_for()
    rows.nth(1).get_by_role("button", name="Keep out").click()
    page.get_by_role("button", name="Show what it comes to now").click()
    page.get_by_text("that you keep out").wait_for()
    until(page, "document.activeElement.localName === 'h1'")
    assert int(card.locator(".added").inner_text().removeprefix("+")) == before - 1
    page.set_viewport_size(PHONE)
    assert overflow(page) == 0
    card.get_by_role("button", name=re.compile("^Show .* more")).click()
    card.locator("[data-uri]").nth(before - 2).wait_for()
    shown = card.locator("[data-uri] b").all_inner_texts()
    assert titles[0] in shown
    assert titles[1] not in shown
    last = card.locator("[data-uri]").nth(before - 2)
    last.get_by_role("button", name="Keep out").click()
    last.get_by_role("button", name="Undo").wait_for()
    assert not visitor.complaints
