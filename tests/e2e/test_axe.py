"""axe finds nothing on any page, in both themes, on a laptop and on a phone, with dialogs open and while a job runs."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from cratewise import workflows

from .conftest import PATIENCE_S, Site, serving_demo
from .test_job_under_way import RUNNING, tell
from .test_map import draw_around

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = pytest.mark.browser

SCREENS: dict[str, "ViewportSize"] = {"laptop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def nothing(page: "Page") -> None:
    """The page as it is."""


def song_opened(page: "Page") -> None:
    """The dialog of a song that the person has spoken of."""
    page.locator(".row button").first.click()
    page.get_by_text("You said so on").wait_for()


def songs_selected(page: "Page") -> None:
    """The bar at the foot, with songs selected."""
    page.locator(".row").first.wait_for()
    page.get_by_role("button", name="Select").click()
    page.locator(".row button").nth(1).click()


def undo_asked(page: "Page") -> None:
    """The question before an undo, with what it would do."""
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_text("Removed", exact=True).wait_for()


def rows_there(page: "Page") -> None:
    """Songs, once they are there."""
    page.locator(".row").first.wait_for()


def card_there(page: "Page") -> None:
    """A song to look at, once it is there."""
    page.locator(".candidate").first.wait_for()


def map_drawn(page: "Page") -> None:
    """The map, once the songs are placed."""
    page.locator("[data-wait]").wait_for(state="hidden")


def drawn_around(page: "Page") -> None:
    """What was drawn around on the map."""
    draw_around(page)


def playlist_asked(page: "Page") -> None:
    """The dialog that names a playlist of what was drawn around."""
    draw_around(page)
    page.get_by_role("button", name="A playlist of these").click()


def forgetting_asked(page: "Page") -> None:
    """The question before everything is forgotten."""
    page.get_by_role("button", name="Forget everything").click()


def genre_menu(page: "Page") -> None:
    """What can be made of a genre, with its finer ones unfolded."""
    page.locator("summary").first.click()
    page.locator("[data-more]").first.click()


def renaming(page: "Page") -> None:
    """The dialog that asks for a name, with one that is refused."""
    genre_menu(page)
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Gospel")
    page.keyboard.press("Enter")
    page.get_by_text("is the name of another genre").wait_for()


def merging(page: "Page") -> None:
    """The dialog that asks into which genre, and says what that means."""
    genre_menu(page)
    page.get_by_role("menuitem", name="Merge").click()
    page.get_by_label("Its songs count as").select_option(label="Gospel")


def hiding(page: "Page") -> None:
    """The question before a genre is hidden."""
    genre_menu(page)
    page.get_by_role("menuitem", name="Hide").click()


def key_refused(page: "Page") -> None:
    """A key of Last.fm that is none."""
    page.get_by_label("Key of Last.fm").fill("two words")
    page.get_by_role("button", name="Keep these sources").click()
    page.locator("#sources-problem").wait_for()


def told(page: "Page") -> None:
    """A message, and a rule that was refused."""
    page.get_by_label("Only songs for which").fill("mood = happy")
    page.get_by_role("button", name="Keep these rules").click()
    page.locator("#rules-problem").wait_for()
    page.get_by_label("Only songs for which").fill("")
    page.get_by_role("button", name="Keep these rules").click()
    page.get_by_text("Kept.").wait_for()


def job_shown(page: "Page") -> None:
    """A job under way."""
    tell(page, {"job": RUNNING, "revision": "another"})
    page.reload()
    page.get_by_text(RUNNING["stage"], exact=True).first.wait_for()


LOOKS: tuple[tuple[str, Callable[["Page"], None]], ...] = (
    ("/", nothing),
    ("/", job_shown),
    ("/connect", nothing),
    ("/genres", nothing),
    ("/genres", job_shown),
    ("/genres", genre_menu),
    ("/genres", renaming),
    ("/genres", merging),
    ("/genres", hiding),
    ("/songs", rows_there),
    ("/songs", song_opened),
    ("/songs", songs_selected),
    ("/review", card_there),
    ("/map", map_drawn),
    ("/map", drawn_around),
    ("/map", playlist_asked),
    ("/settings", nothing),
    ("/settings", told),
    ("/settings", key_refused),
    ("/settings", forgetting_asked),
    ("/preview", nothing),
    ("/history", nothing),
    ("/history/1", nothing),
    ("/history/1", undo_asked),
    ("/history/1", job_shown),
    ("/nowhere", nothing),
)


@pytest.fixture(scope="module")
def sorted_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo, sorted, with a word said of its newest song, and playlists written."""
    with serving_demo(tmp_path_factory.mktemp("axe")) as (site, app):
        workflows.sync_library(app)
        workflows.classify_library(app)
        newest = workflows.list_songs(app)[0]
        workflows.correct(app, "gospel", workflows.targets_of(app, [newest.track_id], "song"))
        rules = workflows.current_rules(app)
        workflows.apply_plan(app, workflows.make_plan(app, rules))
        workflows.change_genre(app, "comedy", hidden=True)
        workflows.save_rules(app, rules)
        yield site


@pytest.fixture(scope="module")
def fresh_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo before anything was read."""
    with serving_demo(tmp_path_factory.mktemp("axe")) as (site, _):
        yield site


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("path", "look"), LOOKS, ids=[f"{path} {look.__name__}" for path, look in LOOKS])
def test_axe_finds_nothing(
    browser: "Browser",
    sorted_site: Site,
    path: str,
    look: Callable[["Page"], None],
    screen: str,
    theme: Literal["dark", "light"],
) -> None:
    """On a page of the sorted library."""
    assert violations(browser, sorted_site.url + path, look, SCREENS[screen], theme) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("path", ["/", "/songs", "/history"])
def test_axe_finds_nothing_before_the_first_sorting(
    browser: "Browser", fresh_site: Site, path: str, screen: str, theme: Literal["dark", "light"]
) -> None:
    """On the pages that are empty then."""
    assert violations(browser, fresh_site.url + path, nothing, SCREENS[screen], theme) == []


def test_axe_would_find_something(browser: "Browser", fresh_site: Site) -> None:
    """A button without a name is found."""

    def spoilt(page: "Page") -> None:
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")

    assert violations(browser, fresh_site.url, spoilt, SCREENS["laptop"], "dark") == ["button-name: <button></button>"]


def violations(
    browser: "Browser",
    url: str,
    look: Callable[["Page"], None],
    screen: "ViewportSize",
    theme: Literal["dark", "light"],
) -> list[str]:
    """What axe has to say of a page, a line each."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport=screen, color_scheme=theme, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(url)
        look(page)
        page.wait_for_timeout(100)  # what was opened is painted
        found = Axe().run(page).response["violations"]
        return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]
    finally:
        context.close()
