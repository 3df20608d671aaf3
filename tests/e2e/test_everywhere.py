"""Every page at every size: nothing is wider than the screen, and what is touched is large enough for a thumb."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from cratewise import workflows

from .conftest import PATIENCE_S, Site, serving_demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = ("/", "/connect", "/genres", "/songs", "/review", "/map", "/settings", "/preview", "/history", "/history/1")
SIZES = {
    "small phone": (360, 640),
    "phone": (390, 844),
    "phone on its side": (844, 390),
    "tablet": (768, 1024),
    "tablet on its side": (1024, 768),
    "laptop": (1280, 800),
    "laptop at 200 %": (640, 400),  # what a browser's zoom makes of it
    "wide screen": (1920, 1080),
}
TOUCHED = ("small phone", "phone", "phone on its side", "tablet")
TOO_SMALL = """() => [...document.querySelectorAll("a, button, select, input, summary, label.switch")]
  .filter((one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter((one) => [null, one.textContent.trim()].includes(one.closest("p, dd, li > span")?.textContent.trim() ?? null))
  .filter((one) => !one.matches(".visually-hidden, .skip, label > input"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height && (box.height < 43.5 || box.width < 43.5))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
"""Links within running text are as tall as it: the rule is for what stands by itself (WCAG 2.2, 2.5.5)."""
WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
CUT = """() => [...document.querySelectorAll("main *")]
  .filter((one) => one.checkVisibility() && !one.closest(".clip, .visually-hidden, svg, .rows, canvas, [data-rows]"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 && one.getBoundingClientRect().width > 1)
  .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def written_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo, sorted, with playlists written and something left to write."""
    with serving_demo(tmp_path_factory.mktemp("everywhere")) as (site, app):
        workflows.sync_library(app)
        workflows.classify_library(app)
        rules = workflows.current_rules(app)
        workflows.apply_plan(app, workflows.make_plan(app, rules))
        workflows.correct(app, "gospel", workflows.targets_of(app, [workflows.list_songs(app)[0].track_id], "song"))
        yield site


@pytest.fixture(scope="module", params=SIZES)
def page(request: pytest.FixtureRequest, browser: "Browser") -> "Iterator[tuple[str, Page]]":
    """A screen of that size."""
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", has_touch=request.param in TOUCHED
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    yield request.param, page
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits(page: "tuple[str, Page]", written_site: Site, path: str) -> None:
    """No sideways scrolling, nothing cut off at the right, targets of 44 px where thumbs are."""
    size, tab = page
    tab.goto(written_site.url + path)
    tab.locator('[aria-busy="true"]').wait_for(state="detached")
    assert tab.evaluate(WIDER) == 0
    assert tab.evaluate(CUT) == []
    if size in TOUCHED:
        assert tab.evaluate(TOO_SMALL) == []
    assert tab.locator("h1").count() == 1
