"""Names that are written from right to left, or hold letters which turn others round: neighbours keep their place."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.settings import Settings

from .conftest import PATIENCE_S, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

OVERRIDE = "\u202e"
HEBREW = "\u05e9\u05dc\u05d5\u05dd"
LEFT_OPEN = f"{OVERRIDE}qwv"
SONGS = (
    (LEFT_OPEN, f"{OVERRIDE}zxk", f"{OVERRIDE}jqx"),
    (f"{OVERRIDE}gniht ynA", f"Iron Maiden{OVERRIDE}", f"\u2067Killers{OVERRIDE}"),
    (HEBREW, "Dolly Parton", HEBREW),
    *((f"Song {number}", "Iron Maiden", "Killers") for number in range(8)),
)
TURNING = """() => {
    const turning = /[\\u202a-\\u202e\\u2067]/;
    const found = [document.title, document.body.innerText].filter((text) => turning.test(text));
    for (const one of document.querySelectorAll("*")) {
        for (const { name, value } of one.attributes) if (turning.test(value)) found.push(`${name}=${value}`);
        if ("value" in one && turning.test(String(one.value))) found.push(one.outerHTML);
    }
    return found; }"""
ORDER = """([row, first, second]) => {
    const [a, b] = [first, second].map((what) => row.querySelector(what).getBoundingClientRect());
    return [a.left, a.right, b.left]; }"""


@pytest.fixture
def page(tmp_path: Path, browser: "Browser") -> "Iterator[Page]":
    """The pages of such songs."""
    file = tmp_path / "songs.csv"
    rows = [f'"{title}","{artist}","{album}"' for title, artist, album in SONGS]
    file.write_text("\n".join(["track_name,artists,album", *rows]), encoding="utf-8")
    with Application(Settings(data_dir=tmp_path / "data", sources=())) as app:
        workflows.import_file(app, file)
        workflows.classify_library(app)
        said = [song.track_id for song in workflows.list_songs(app) if song.title != LEFT_OPEN]
        workflows.correct(app, "metal", workflows.targets_of(app, said, "song"))
        with serving(app) as url:
            context = browser.new_context(reduced_motion="reduce", base_url=url)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            yield page
            context.close()


@pytest.mark.parametrize("path", ["/", "/genres", "/songs", "/review", "/map", "/preview", "/settings", "/history"])
def test_no_page_holds_letters_that_turn_others(page: "Page", path: str) -> None:
    """Neither in what is read nor in what is told by ear or by a tooltip."""
    page.goto(path)
    page.locator('[aria-busy="true"]').wait_for(state="detached")
    assert page.evaluate(TURNING) == []


def test_neighbours_of_a_turned_title_keep_their_place(page: "Page") -> None:
    """In the preview the artist stands after the title; in the list and its dialog each stands in its own line."""
    page.goto("/preview")
    rows = page.locator(".diff", has=page.get_by_text("Keep out")).all()
    assert rows
    for row in rows:
        handle = row.element_handle()
        left, right, following = page.evaluate(ORDER, [handle, ".clip b bdi", ".clip .muted bdi"])
        assert left < right <= following, row.inner_text()
    page.goto("/songs")
    page.locator(".row").first.wait_for()
    for title, artist in (("gniht ynA", "Iron Maiden"), (HEBREW, "Dolly Parton")):
        row = page.locator(".row").filter(has_text=title)
        left, *_ = page.evaluate(ORDER, [row.element_handle(), ".row-song b bdi", ".pill"])
        assert left < 400, "a title begins where titles begin"
        row.get_by_role("button").click()
        dialog = page.get_by_role("dialog")
        assert dialog.locator("[data-title]").inner_text() == title
        assert dialog.locator("[data-artists]").inner_text() == artist
        assert page.evaluate(TURNING) == []
        dialog.get_by_role("button", name="Close").click()
