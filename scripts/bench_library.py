"""How the library bears its size: what writing, opening, finding and listing cost at 1,000, 10,000 and 100,000 songs.

    python scripts/bench_library.py [--check] [--sizes 1000 10000 100000] [--url postgresql://…]

Writing takes seconds at the greatest size, and a machine's slow and fast moments are all in it; at the other sizes it
is the mean of several libraries, half of them written before the greatest one and half after it. Everything else is the
least of several runs. All are of this one process: growth is a ratio of figures of one machine. `--check` fails where
something grows by more than the number of songs does, or a query takes 200 ms or more at the greatest size.

Beside them stand costs of the machine, to compare with: a table of nothing but as many random keys, kept in as many
commits, and Python alone finding each of them in a dictionary. A tree of more keys is deeper, each commit changes more
pages of it, and caches hold less of it.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.cli.program import OBJECTS_BETWEEN_SEARCHES
from cratewise.library.accounts import KnownAccount
from cratewise.library.corrections import Correction
from cratewise.library.database import Database
from cratewise.library.search import SongFilter
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.settings import Settings
from cratewise.tracks import Track
from cratewise.workflows.budget import PAGE
from cratewise.workflows.library import SONGS_IN_A_COMMIT
from cratewise.workflows.liked import PAGES_IN_A_COMMIT

SIZES = (1_000, 10_000, 100_000)
LONGEST_QUERY_S = 0.2
SLACK = 1.35
"""How much more than the number of songs a cost may grow: caches hold less of a greater library."""

START = datetime(2020, 1, 1, tzinfo=UTC)
ACCOUNT = KnownAccount("ada", "Ada", 0, START)
MOST_LIBRARIES = 20
"""How many of one size are written before and after the greatest one, in turn."""
FAMILIES = 26
STYLES = 180
SORTED = 20_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing costs.

    Attributes:
        name: What was done.
        is_query: Whether a person waits for it on a page.
        seconds: The least time it took.
        is_ours: Whether it is a cost of the library; else it is the machine's own.
    """

    name: str
    is_query: bool
    seconds: float
    is_ours: bool = True


def songs(n_songs: int) -> list[SavedSong]:
    """A library as people have it: a few artists often, most once; some songs under two ids."""
    random = Random(n_songs)  # noqa: S311 - no secret
    made = []
    for number in range(n_songs):
        artist = f"Artist {int(random.paretovariate(0.7)) % max(1, n_songs // 4)}"
        title = f"Song {random.choice('abcdefgh')} {number - (number % 50 == 0)}"
        track = Track(
            f"{random.getrandbits(110):022x}", title, (artist, "Guest"), f"Album of {artist}", 180_000 + number % 999
        )
        added_at = START + timedelta(minutes=number)
        made.append(
            SavedSong(track, f"spotify:track:{track.track_id}", added_at, cover_url="https://i.scdn.co/image/x")
        )
    return made


def fill(library: Library, liked: list[SavedSong]) -> list[Cost]:
    """Writes them as a sync and a classification do."""
    random = Random(0)  # noqa: S311 - no secret
    writing_songs = _seconds(liked, PAGES_IN_A_COMMIT * PAGE, lambda part: library.songs.write(ACCOUNT, part))
    said = [
        Classification(
            track.track_id, f"g{number % STYLES}", f"f{number % FAMILIES}", random.random(), "", False, "Why."
        )
        for number, track in enumerate(library.genres.unsorted("ada", "m1"))
    ]
    writing_genres = _seconds(said, SONGS_IN_A_COMMIT, lambda part: library.genres.write("ada", "m1", part))
    artists = [Correction("artist", f"artist {number}", "", "g1", "f1", "Ada", START) for number in range(50)]
    library.corrections.add("ada", artists)
    return [Cost("write songs", False, writing_songs), Cost("write their genres", False, writing_genres)]


def _seconds(values: list, size: int, write: Callable[[list], object]) -> float:
    """How long it takes to write so many values at a time."""
    started = time.perf_counter()
    for start in range(0, len(values), size):
        write(values[start : start + size])
    return time.perf_counter() - started


def look(url: str, liked: list[SavedSong]) -> list[Cost]:
    """What people wait for."""
    last = len(liked) - 50

    def opened() -> None:
        with Library.open(url) as library:
            library.accounts.latest()

    with Library.open(url) as library:
        page = library.search.page
        one = liked[len(liked) // 2].track
        queries: list[tuple[str, bool, Callable[[], object]]] = [
            ("open", True, opened),
            ("first page", True, lambda: page("ada", SongFilter())),
            ("last page", True, lambda: page("ada", SongFilter(), offset=last)),
            ("by title, in the middle", True, lambda: page("ada", SongFilter(), order="title", offset=last // 2)),
            ("a family", True, lambda: page("ada", SongFilter(genre="f3"))),
            ("a style, least sure first", True, lambda: page("ada", SongFilter(genre="g3"), order="confidence")),
            ("the unsure ones", True, lambda: page("ada", SongFilter(unsurer_than=0.4), order="confidence")),
            ("words", True, lambda: page("ada", SongFilter(words="song g 7"))),
            ("words that nothing has", True, lambda: page("ada", SongFilter(words="nothing at all"))),
            ("one song", True, lambda: library.search.song("ada", one.track_id)),
            ("correct an artist", False, lambda: library.corrections.add("ada", _about(one))),
            ("sync one new like", False, lambda: library.songs.write(ACCOUNT, liked[-1:])),
            ("what is to be classified", False, lambda: library.genres.unsorted("ada", "m1")),
            ("everything, for a plan", False, lambda: library.genres.releases("ada", 0.4)),
        ]
        return [Cost(name, is_query, _least(query)) for name, is_query, query in queries]


def _about(track: Track) -> list[Correction]:
    return [Correction("artist", track.artists[0].casefold(), "", "g1", "f1", "Ada", START)]


def _least(query: Callable[[], object], runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        query()
        times.append(time.perf_counter() - started)
    return min(times)


def floor(url: str, liked: list[SavedSong]) -> list[Cost]:
    """What the machine itself takes for so many keys, without anything of ours."""
    keys = [one.track.track_id for one in liked]
    known = dict.fromkeys(keys)
    shuffled = ["".join(list(key)) for key in keys]  # not the same objects, which lie beside each other
    Random(0).shuffle(shuffled)  # noqa: S311 - no secret
    return [
        Cost("a bare table, as songs", False, _bare_seconds(url, keys, PAGES_IN_A_COMMIT * PAGE), is_ours=False),
        Cost("a bare table, as genres", False, _bare_seconds(url, keys, SONGS_IN_A_COMMIT), is_ours=False),
        Cost("Python alone: look-ups", False, _least(lambda: [known[key] for key in shuffled]), is_ours=False),
    ]


def _bare_seconds(url: str, keys: list[str], in_a_commit: int) -> float:
    """Seconds to keep the keys in a table that has nothing else, as often and as safely as the library keeps songs."""
    database = Database.open(url)

    def write(part: list[str]) -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO bare VALUES (:key)"), [{"key": key} for key in part])

    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE bare (key TEXT PRIMARY KEY)")
    taken = _seconds(keys, in_a_commit, write)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE bare")
    database.close()
    return taken


def write(n_songs: int, url: str) -> list[Cost]:
    """Writes a library, and a bare table beside it."""
    liked = songs(n_songs)
    with Library.open(url) as library:
        costs = fill(library, liked)
    return costs + floor(url, liked)


def mean(runs: list[list[Cost]]) -> list[Cost]:
    """The same costs, each as it was on average."""
    return [
        replace(costs[0], seconds=sum(cost.seconds for cost in costs) / len(costs)) for costs in zip(*runs, strict=True)
    ]


def measure(sizes: list[int], url_of: Callable[[int, int], str], most: int) -> dict[int, list[Cost]]:
    """Fills libraries of each size, up to so many at a time, and looks at the first of each."""
    written: dict[int, list[list[Cost]]] = {n_songs: [] for n_songs in sizes}
    looks = {}
    for turn in (sizes, sizes[:-1] if most > 1 else []):
        for n_songs in turn:
            for _ in range(min(most, max(1, sizes[-1] // n_songs // 4))):
                written[n_songs].append(write(n_songs, url_of(n_songs, len(written[n_songs]))))
            if n_songs not in looks:
                looks[n_songs] = look(url_of(n_songs, 0), songs(n_songs))
    return {n_songs: [*mean(written[n_songs]), *looks[n_songs]] for n_songs in sizes}


def sort_songs(n_songs: int, folder: str) -> float:
    """Seconds to classify so many songs with the shipped model and keep what it says."""
    with Application(Settings(data_dir=Path(folder))) as app:
        app.library.songs.write(ACCOUNT, songs(n_songs))
        app.classifier.classify([Track("t", "Warm", ("Up",))], least_confidence=0.4)
        started = time.perf_counter()
        workflows.classify_library(app)
        return time.perf_counter() - started


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--url", help="An empty database for each size, `{}` standing for the size, written once; else SQLite files."
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)  # as the command has it
    sizes = sorted(options.sizes)
    with tempfile.TemporaryDirectory() as folder:
        if options.url:
            found = measure(sizes, lambda n_songs, _: options.url.format(n_songs), most=1)
        else:
            files = Path(folder)
            found = measure(
                sizes, lambda n_songs, number: f"sqlite:///{files}/{n_songs}-{number}.sqlite3", MOST_LIBRARIES
            )
    table = Table("", *(f"{n_songs:,}" for n_songs in sizes), "growth", title="The library by number of songs (ms)")
    failures = []
    for costs in zip(*found.values(), strict=True):
        name, growth = costs[0].name, costs[-1].seconds / costs[0].seconds
        table.add_row(name, *(f"{cost.seconds * 1_000:,.1f}" for cost in costs), f"{growth:,.0f} x")
        if costs[0].is_ours and growth > SLACK * sizes[-1] / sizes[0]:
            failures.append(f"{name} grows {growth:,.0f}-fold for {sizes[-1] / sizes[0]:,.0f} times the songs")
        if costs[0].is_query and costs[-1].seconds >= LONGEST_QUERY_S:
            failures.append(f"{name} takes {costs[-1].seconds * 1_000:,.0f} ms at {sizes[-1]:,} songs")
    console = Console(highlight=False)
    console.print(table)
    with tempfile.TemporaryDirectory() as folder:
        console.print(f"Sorting {SORTED:,} songs into genres, stored: {sort_songs(SORTED, folder):.1f} s.")
    for failure in failures:
        console.print(failure, style="red")
    return 1 if failures and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
