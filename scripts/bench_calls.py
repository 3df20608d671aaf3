"""Counts the calls that reading an account and writing playlists take, beside the fewest that can do it.

    python scripts/bench_calls.py [--check]

Each row is a sync, or the writes of an apply, against the sandbox over HTTP, with real requests; nothing is estimated.
`make bench` prints the table.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.playlists.account import BATCH
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings
from cratewise.spotify.auth import tokens_from
from cratewise.spotify.connect import Addresses, kept_in, logins
from cratewise.spotify.sandbox.faults import Fault, Faults
from cratewise.spotify.sandbox.server import CLIENT_ID, SandboxServer
from cratewise.spotify.sandbox.values import Account, Artist, Item, Person, Playlist, SavedTrack
from cratewise.tracks import Track

PAGE = 50
LIBRARIES = (0, 1, 50, 51, 1_000, 10_000)
PLAYLISTS = (0, 5, 60)
GENRES = ("jazz", "metal", "folk")
NEW_LIKES = (1, 49, 50, 51, 120)
_START = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One measured sync, or the writes of one apply.

    Attributes:
        what: What was done.
        calls: Requests that reached the sandbox.
        bound: How many there may be at most.
        is_right: Whether the library holds exactly the liked songs afterwards, and each playlist those of its genre.
    """

    what: str
    calls: int
    bound: int
    is_right: bool

    @property
    def holds(self) -> bool:
        """Whether it is right, in no more calls than allowed."""
        return self.is_right and self.calls <= self.bound


def pages(n_entries: int) -> int:
    """Pages of a list; an empty one takes a call too, since nobody knows before that it is empty."""
    return max(1, -(-n_entries // PAGE))


def song(number: int) -> Item:
    """A song with nothing special about it."""
    artist = Artist(f"{number % 97:022d}", f"Artist {number % 97}")
    return Item(f"spotify:track:{number:022d}", f"{number:022d}", "track", f"Song {number}", (artist,))


def liked(numbers: Sequence[int]) -> tuple[SavedTrack, ...]:
    """Songs liked one after the other, the highest number last and therefore on top."""
    return tuple(
        SavedTrack(song(number).uri, _START + timedelta(minutes=number)) for number in sorted(numbers, reverse=True)
    )


class Heard(Faults):
    """No fault ever strikes; every call that reaches the sandbox is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def take(self, method: str, path: str) -> Fault | None:
        """Notes the call."""
        self.calls.append(f"{method} {path}")
        return None


class Bench:
    """An account to read, and a count of what that takes."""

    def __init__(self, server: SandboxServer, heard: Heard, app: Application) -> None:
        self._store = server.store
        self._heard = heard
        self._app = app

    def has(self, numbers: Sequence[int], n_playlists: int) -> None:
        """Gives the account these songs, and playlists that somebody made by hand."""
        items = {item.uri: item for item in map(song, numbers)}
        own = [Playlist(f"{n:022d}", f"By hand {n}", self._owner()) for n in range(n_playlists)]
        self._change(
            lambda account: replace(account, items=items, saved=liked(numbers), playlists={one.id: one for one in own})
        )

    def likes(self, numbers: Sequence[int], saved: Sequence[SavedTrack] | None = None) -> None:
        """Makes these the liked songs."""
        items = {item.uri: item for item in map(song, numbers)}
        self._change(
            lambda account: replace(
                account, items={**account.items, **items}, saved=liked(numbers) if saved is None else tuple(saved)
            )
        )

    def sync(self, what: str, bound: int) -> Row:
        """Syncs, as a program that has just been started does."""
        self._app.close()
        self._heard.calls.clear()
        workflows.sync_library(self._app)
        calls = len(self._heard.calls)
        account = self._store.account
        known = self._app.library.songs.added_at(account.account_id)
        is_right = known == {saved.uri.rsplit(":", 1)[1]: saved.added_at for saved in account.saved}
        return Row(what, calls, bound, is_right)

    def apply(self, what: str) -> Row:
        """Syncs, plans and applies; counts the writes beside what the changes of each playlist take at least."""
        workflows.sync_library(self._app)
        workflows.classify_library(self._app)
        plan = workflows.make_plan(self._app, Rules(GENRES, covers=False))
        bound = 0
        for change in plan.changes:
            bound += (change.kind == "create") + ceil(len(change.adds) / BATCH) + ceil(len(change.removes) / BATCH)
        self._heard.calls.clear()
        workflows.apply_plan(self._app, plan)
        writes = [call for call in self._heard.calls if not call.startswith("GET ") and "/api/token" not in call]
        account = self._store.account
        wanted = {genre: {one.uri for one in account.saved if genre_of(one.uri) == genre} for genre in GENRES}
        made = self._app.library.playlists.managed(account.account_id)
        held = {one.genre: [entry.uri for entry in account.playlists[one.playlist_id].entries] for one in made}
        is_right = all(sorted(wanted[genre]) == sorted(map(str, held.get(genre, ()))) for genre in GENRES)
        return Row(what, len(writes), bound, is_right)

    def _owner(self) -> Person:
        return self._store.account.person

    def _change(self, edit: Callable[[Account], Account]) -> None:
        self._store.change_account(edit)


class ByNumber:
    """Tells a song's genre by its number, so that who knows the number knows the playlist."""

    version = "by number"

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """Sure of each."""
        genres = [(track.track_id, genre_of(track.track_id)) for track in tracks]
        return [Classification(key, genre, genre, 0.9, "", False, "By its number.") for key, genre in genres]


def genre_of(name: str) -> str:
    """The genre of a song by its id or URI."""
    return GENRES[int(name.rsplit(":", 1)[-1]) % len(GENRES)]


@contextmanager
def benched() -> Iterator[Bench]:
    """A bench in a folder that is gone afterwards."""
    heard = Heard()
    server = SandboxServer()
    server.faults = heard
    with tempfile.TemporaryDirectory() as folder, server:
        data_dir, addresses = Path(folder), Addresses(server.api_url, server.accounts_url)
        with logins(kept_in(data_dir), addresses) as accounts:
            accounts.adopt(tokens_from(server.issue_token(), CLIENT_ID))
        settings = Settings(
            data_dir=data_dir,
            database_url=None,
            spotify_api_url=addresses.api_url,
            spotify_accounts_url=addresses.accounts_url,
        )
        with Application(settings, load_classifier=ByNumber, pause=lambda _: None) as app:
            yield Bench(server, heard, app)


def measure() -> Iterator[Row]:
    """Every row of the table."""
    for n_songs in LIBRARIES:
        for n_playlists in PLAYLISTS:
            with benched() as bench:
                bench.has(range(n_songs), n_playlists)
                named = f"{n_songs:,} songs, {n_playlists} playlists"
                yield bench.sync(f"first sync: {named}", pages(n_songs) + 1)
                yield bench.sync(f"nothing changed: {named}", 3)
    yield from measure_changes()


def measure_changes() -> Iterator[Row]:
    """A library of a thousand songs in which something changed."""
    for k in NEW_LIKES:
        with benched() as bench:
            bench.has(range(1_000), 5)
            bench.sync("", 0)
            bench.likes(range(1_000 + k))
            yield bench.sync(f"{k} liked since", pages(k) + 3)
    everything = pages(1_000) + 1  # the number shows that songs are missing, and only reading shows which
    for what, numbers in (
        ("the newest un-liked", range(999)),
        ("the oldest un-liked", range(1, 1_000)),
        ("one liked, an old one un-liked", range(1, 1_001)),
        ("one liked, a new one un-liked", [*range(999), 1_000]),
    ):
        with benched() as bench:
            bench.has(range(1_000), 5)
            bench.sync("", 0)
            bench.likes(list(numbers))
            yield bench.sync(what, everything)
            yield bench.sync(f"nothing changed after: {what}", 3)
    with benched() as bench:
        bench.has(range(1_000), 5)
        bench.sync("", 0)
        again = SavedTrack(song(7).uri, _START + timedelta(minutes=2_000))
        bench.likes(range(1_000), [again, *(one for one in liked(range(1_000)) if one.uri != again.uri)])
        yield bench.sync("an old one liked again", pages(1) + 3)


def measure_writes() -> Iterator[Row]:
    """Three playlists made, changed, and left alone."""
    for n_songs in (300, 1_000, 3_000):
        with benched() as bench:
            bench.has(range(n_songs), 5)
            yield bench.apply(f"writes: 3 new playlists of {n_songs:,} songs")
            yield bench.apply(f"writes: nothing changed, {n_songs:,} songs")
            bench.likes(range(30, n_songs + 120))
            yield bench.apply("writes: 120 songs liked, 30 un-liked")
            bench.likes(range(30, n_songs + 121))
            yield bench.apply("writes: 1 song liked")


def main() -> int:
    """Prints the table; with `--check`, 1 when a bound is broken or a library is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="fail where a bound is broken")
    is_check = parser.parse_args().check
    table = Table("what", "calls", "at most", "right")
    rows = [*measure(), *measure_writes()]
    for row in rows:
        table.add_row(
            row.what, str(row.calls), str(row.bound), "yes" if row.is_right else "NO", style="" if row.holds else "red"
        )
    Console(width=100).print(table)
    broken = [row for row in rows if not row.holds]
    print(f"{len(rows) - len(broken)} of {len(rows)} hold")
    return 1 if is_check and broken else 0


if __name__ == "__main__":
    sys.exit(main())
