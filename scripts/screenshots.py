"""Makes the README's pictures from the running demo: `python scripts/screenshots.py [FOLDER]`.

Starts the demo on a free port with a data folder of its own, sorts its library, writes the playlists, and saves what
Debian's Chromium shows on the way: the overview dark at 1280 and at 390 pixels, and light; the genres; the preview;
the playlists.
"""

import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from cratewise.demo import running_demo
from cratewise.settings import load_settings
from cratewise.web.server import WebServer, listen

CHROMIUM = "/usr/bin/chromium"
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
LAPTOP = (1280, 800)
PHONE = (390, 844)


def main() -> None:
    """Walks through the demo once and saves the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir, demo(Path(data_dir)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = open_page(browser, url, LAPTOP, "dark")
        save(page, folder / "start.png")
        page.get_by_role("button", name="Sort my songs").click()
        page.get_by_role("heading", name=re.compile("sorted into")).wait_for()
        save(page, folder / "overview.png")
        page.get_by_role("link", name="Choose playlists").click()
        page.get_by_role("button", name="See what would be written").wait_for()
        save(page, folder / "genres.png")
        page.get_by_role("button", name="See what would be written").click()
        page.get_by_role("button", name="Write").wait_for()
        save(page, folder / "preview.png")
        page.get_by_role("button", name="Write").click()
        page.get_by_role("heading", name=re.compile("in your account")).wait_for()
        save(page, folder / "playlists.png")
        save(open_page(browser, f"{url}/songs", LAPTOP, "light"), folder / "songs-light.png")
        save(open_page(browser, url, LAPTOP, "light"), folder / "overview-light.png")
        save(open_page(browser, url, PHONE, "dark"), folder / "overview-phone.png")
        save(open_page(browser, f"{url}/genres", PHONE, "dark"), folder / "genres-phone.png")
        browser.close()


@contextmanager
def demo(data_dir: Path) -> Iterator[str]:
    """Runs the demo and gives its address."""
    with running_demo(load_settings(data_dir=data_dir)) as running, listen("127.0.0.1", 0) as listening:
        server = WebServer(running.app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.stop()
            thread.join()


def open_page(browser: Browser, url: str, size: tuple[int, int], theme: Literal["dark", "light"]) -> Page:
    """Opens an address in a window of that size."""
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme, reduced_motion="reduce"
    ).new_page()
    page.goto(url)
    return page


def save(page: Page, path: Path) -> None:
    """Saves what the window shows once all of it is there."""
    page.locator('[aria-busy="true"]').wait_for(state="detached")
    page.evaluate(
        "Promise.all([...document.images].filter((one) => one.src && one.getBoundingClientRect().top < innerHeight)"
        ".map((one) => one.decode()))"
    )
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main()
