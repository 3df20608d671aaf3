"""How soon the pages are there, in Debian's Chromium on loopback, at full speed and with a processor four times slower.

    python scripts/bench_pages.py [--check] [--songs 10000] [--points 20000]

Each figure is the median of several loads with an empty cache, of `cratewise web` once it has shown the page before.
Beside them stands the first paint of each page at full speed, as the first one that a server shows: at once when it
begins to answer, and a few seconds later. No layout may shift on any of them. `--check` fails where one at full speed
is over its bound. Without a browser nothing is measured, and that is said.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median

import httpx
from bench_library import ACCOUNT, START, songs
from rich.console import Console
from rich.table import Table

from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.settings import Settings
from cratewise.web.server import listen
from cratewise.workflows.budget import PAGE

CHROMIUM = Path("/usr/bin/chromium")
LAPTOP = {"width": 1280, "height": 800}
SLOWER = 4
RUNS = 5
PAGES = ("/", "/genres", "/songs", "/review", "/preview", "/map")
PATIENCE_MS = 60_000
PAINT_WITHIN_MS = 400
READ_AHEAD_S = 5.0

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TRANSFERRED = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, one) => sum + one.transferSize, 0) / 1000"""
SHIFTED = """new Promise((done) => { let sum = 0;
    new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
        .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 300); })"""
NOTE_FIRST_ROW = """new MutationObserver((_, watching) => {
    if (document.querySelector('.row')) { window.firstRow = performance.now(); watching.disconnect(); }
}).observe(document, { childList: true, subtree: true })"""
KEYSTROKE = """async (letter) => {
    const field = document.querySelector('[type=search]'); const began = performance.now();
    field.value += letter; field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - began; }"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured.

    Attributes:
        name: What of.
        unit: In what.
        bound: What it may be at most at full speed.
        fast: At full speed.
        slow: With the slower processor.
    """

    name: str
    unit: str
    bound: float
    fast: float
    slow: float


@dataclass(frozen=True, slots=True)
class Look:
    """How one page came up.

    Attributes:
        path: The page.
        start_ms: How long the server took to answer anything: it reads the library first.
        at_once_ms: First paint, asked for as soon as the server answers.
        later_ms: First paint of another server's first page, asked for a few seconds later.
        shift: How much its layout shifted at most.
    """

    path: str
    start_ms: float
    at_once_ms: float
    later_ms: float
    shift: float

    @property
    def is_over(self) -> bool:
        """Whether it is over the bound of any."""
        return max(self.at_once_ms, self.later_ms) > PAINT_WITHIN_MS or self.shift > 0


def fill(app: Application, n_songs: int) -> None:
    """A library of so many songs, each of some style, as sure as it comes."""
    random = Random(0)  # noqa: S311 - no secret
    styles = [(style.slug, style.family) for style in app.taxonomy.styles]
    liked = songs(n_songs)
    for start in range(0, n_songs, PAGE):
        app.library.songs.write(replace(ACCOUNT, liked_total=n_songs, synced_at=START), liked[start : start + PAGE])
    said = []
    for one in liked:
        style, family = random.choice(styles)
        sure = random.random()
        said.append(Classification(one.track.track_id, style, family, sure, "", sure < 0.4, "By the tags."))
    app.library.genres.write("ada", "m1", said)


@contextmanager
def serving(n_songs: int) -> Iterator[str]:
    """The pages of such a library; gives their address."""
    with tempfile.TemporaryDirectory() as folder:
        with Application(Settings(data_dir=Path(folder))) as app:
            fill(app, n_songs)
        with started(Path(folder)) as url:
            yield url


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """The pages of the library in a folder, of `cratewise web`, which answers from now on; gives their address."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cratewise", "web", "--port", str(port), "--data-dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/favicon.ico")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(address: str) -> None:
    """Returns as soon as there is an answer."""
    until_s = time.monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            httpx.get(address, timeout=PATIENCE_MS / 1000, trust_env=False)
        except httpx.ConnectError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def look(browser, folder: Path, path: str, after_s: float = 0.0) -> tuple[float, float, float]:
    """How the first page of a server comes up, in a window that was open before it (a new one takes up to 0.2 s).

    Args:
        browser: A browser.
        folder: The library.
        path: The page.
        after_s: How long after the first answer it is asked for, in seconds.

    Returns:
        How long the server took to answer anything (ms), when the page was painted first (ms), and how much its layout
        shifted.
    """
    page = opened(browser, 1)
    page.wait_for_timeout(1_000)
    began_s = time.perf_counter()
    with started(folder) as url:
        start_ms = 1_000 * (time.perf_counter() - began_s)
        page.wait_for_timeout(1_000 * after_s)
        page.goto(url + path)
        page.wait_for_timeout(300)
        found = start_ms, page.evaluate(PAINT), page.evaluate(SHIFTED)
        page.context.close()
    return found


def first_looks(browser, n_songs: int) -> list[Look]:
    """Each page as the first one that a server shows, at once and later."""
    looks = []
    with tempfile.TemporaryDirectory() as folder:
        with Application(Settings(data_dir=Path(folder))) as app:
            fill(app, n_songs)
        for path in PAGES:
            start_ms, at_once_ms, shift = look(browser, Path(folder), path)
            _, later_ms, later_shift = look(browser, Path(folder), path, READ_AHEAD_S)
            looks.append(Look(path, start_ms, at_once_ms, later_ms, max(shift, later_shift)))
    return looks


def measure(browser, url: str, rate: int) -> dict[str, float]:
    """The medians of several loads of each page."""
    found: dict[str, list[float]] = {name: [] for name in ("paint", "kilobytes", "shift", "usable", "key")}
    for _ in range(RUNS):
        page = opened(browser, rate)
        page.goto(url)
        page.wait_for_timeout(300)
        found["paint"].append(page.evaluate(PAINT))
        found["kilobytes"].append(page.evaluate(TRANSFERRED))
        found["shift"].append(page.evaluate(SHIFTED))
        page.context.close()
        page = opened(browser, rate)
        page.add_init_script(NOTE_FIRST_ROW)
        page.goto(f"{url}/songs")
        page.locator(".row").first.wait_for()
        found["usable"].append(page.evaluate("window.firstRow"))
        found["key"] += [page.evaluate(KEYSTROKE, letter) for letter in "song 7"]
        page.context.close()
    return {name: median(values) for name, values in found.items()}


def painted_ms(browser, url: str, rate: int) -> float:
    """The median time that a painting of the map takes."""
    page = opened(browser, rate)
    page.goto(f"{url}/map")
    page.locator("[data-wait]").wait_for(state="hidden", timeout=PATIENCE_MS)
    times = []
    page.locator("canvas").focus()
    for key in "++--" * 3:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
        times.append(float(page.locator("canvas").get_attribute("data-painted-ms")))
    page.context.close()
    return median(times)


def opened(browser, rate: int):
    """A page with nothing in its cache, and a processor so many times slower."""
    page = browser.new_context(viewport=LAPTOP, reduced_motion="reduce").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return page


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    console = Console(highlight=False)
    if not CHROMIUM.exists():
        console.print(f"The pages were not measured: there is no browser at {CHROMIUM}.")
        return 0
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with serving(options.songs) as url:
            fast, slow = (measure(browser, url, rate) for rate in (1, SLOWER))
        with serving(options.points) as url:
            drawn = [painted_ms(browser, url, rate) for rate in (1, SLOWER)]
        looks = first_looks(browser, options.songs)
        browser.close()
    figures = [
        Figure("first paint of the overview", "ms", PAINT_WITHIN_MS, fast["paint"], slow["paint"]),
        Figure("first page, as sent", "KB", 150, fast["kilobytes"], slow["kilobytes"]),
        Figure("layout shift", "", 0, fast["shift"], slow["shift"]),
        Figure("songs usable", "ms", 1_000, fast["usable"], slow["usable"]),
        Figure("a keystroke in the filter", "ms", 100, fast["key"], slow["key"]),
        Figure(f"painting {options.points:,} points", "ms", 50, *drawn),
    ]
    table = Table("", "measured", f"{SLOWER} times slower", "bound", title=f"The pages with {options.songs:,} songs")
    for one in figures:
        shown = [f"{value:,.4g} {one.unit}".strip() for value in (one.fast, one.slow, one.bound)]
        table.add_row(one.name, *shown)
    console.print(table)
    table = Table(
        "",
        "until it answers",
        "then at once",
        f"{READ_AHEAD_S:g} s later",
        "bound",
        "layout shift",
        title="First paint of each page, after a start",
    )
    for look_at in looks:
        times = [
            f"{value:,.4g} ms" for value in (look_at.start_ms, look_at.at_once_ms, look_at.later_ms, PAINT_WITHIN_MS)
        ]
        table.add_row(look_at.path, *times, f"{look_at.shift:.4g}")
    console.print(table)
    failures = [one.name for one in figures if one.fast > one.bound]
    failures += [f"{look_at.path} after a start" for look_at in looks if look_at.is_over]
    for failure in failures:
        console.print(f"{failure} is over its bound", style="red")
    return 1 if failures and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
