"""Songs from a file in a browser: dropped in, sorted, corrected, and taken as lists."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cratewise.app import Application
from cratewise.settings import Settings

from .conftest import PATIENCE_S, serving, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SEEN = """(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(
    document.querySelector(".notice[role=alert]").getBoundingClientRect())"""
METAL, FOLK = "Hallowed Be Thy Name,Iron Maiden", "Jolene,Dolly Parton"


@pytest.fixture
def page(tmp_path: Path, browser: "Browser") -> "Iterator[Page]":
    """The first page of a program that nobody used before, on a phone."""
    with Application(Settings(data_dir=tmp_path / "data", sources=())) as app, serving(app) as url:
        context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(f"{url}/")
        yield page
        context.close()


def test_a_person_without_spotify_gets_sorted_lists(page: "Page", tmp_path: Path) -> None:
    """A file that cannot be read is said with its line; the mended one is sorted, and comes back as a library."""
    file = tmp_path / "songs.csv"
    file.write_text(f'track_name,artists\n{METAL}\n"{FOLK}')
    page.locator("input[type=file]").set_input_files(file)
    alert = page.get_by_role("alert")
    alert.get_by_text("songs.csv, line 3").wait_for()
    assert page.url.endswith("/connect")
    file.write_text(f"track_name,artists\n{METAL}\n{FOLK}\n")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("heading", name="songs, sorted into").wait_for()
    page.get_by_text("songs.csv: 2 songs, 2 of them new.").wait_for()
    assert page.get_by_text("From a file").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.get_by_role("link", name="Settings").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON", exact=True).click()
    assert download.value.suggested_filename == "cratewise.json"
    songs = json.loads(Path(download.value.path()).read_bytes())["songs"]
    assert {song["title"] for song in songs} == {"Jolene", "Hallowed Be Thy Name"}
    assert not complaints


# The answer to an import reaches the page's scripts once they were told that the job is over.
LATE_ANSWER = """
  let over = false;
  window.EventSource = class extends EventSource {
    constructor(...address) {
      super(...address);
      this.addEventListener("state", (event) => { over ||= JSON.parse(event.data).job?.status === "failed"; });
    }
  };
  const really = window.fetch;
  window.fetch = async (...what) => {
    const answer = await really(...what);
    while (!over) await new Promise((go) => setTimeout(go, 20));
    return answer;
  };
"""


def test_a_job_that_ends_before_the_answer_that_it_began_is_told(page: "Page", tmp_path: Path) -> None:
    """A short one's end comes another way than the answer, and may be faster; what became of it is in sight."""
    file = tmp_path / "songs.csv"
    file.write_text(f'track_name,artists\n{METAL}\n"{FOLK}')
    page.add_init_script(LATE_ANSWER)
    page.add_init_script("history.scrollRestoration = 'manual'")  # at the top, as for whoever drops a file there
    page.set_viewport_size({"width": 1280, "height": 700})
    page.reload()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("alert").get_by_text("songs.csv, line 3").wait_for()
    assert not page.get_by_role("button", name="Stop").is_visible()
    until(page, SEEN)


def test_a_file_that_a_proxy_finds_too_large_is_told_in_words(page: "Page", tmp_path: Path) -> None:
    """With what may be imported: the proxy says no more than a number."""
    file = tmp_path / "songs.csv"
    file.write_text(f"track_name,artists\n{METAL}\n")
    page.route("**/api/jobs/import*", lambda route: route.fulfill(status=413, content_type="text/html", body="<html>"))
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("That is more than cratewise takes.").first.wait_for()
    assert page.get_by_text("A file is imported up to 200 MB").first.is_visible()
