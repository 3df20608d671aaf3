"""A whole application against an account in memory, whose writes can go wrong at will."""

import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.errors import CratewiseError, SpotifyError
from cratewise.library.songs import SavedSong
from cratewise.playlists.account import PlaylistHead, UncertainWriteError
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings
from cratewise.tracks import Track
from cratewise.workflows.account import Budget, LikedEntry, LikedPage, PlaylistPage, Profile

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
GENRES = ("hip-hop", "jazz", "metal")


class KilledError(BaseException):
    """Ends the program in the middle of a call."""


class MemoryAccount:
    """An account that behaves as Spotify does, without HTTP.

    Attributes:
        liked: Liked songs, newest first.
        contents_of: Entries of each followed playlist by its id.
        names: Names by playlist id.
        descriptions: Descriptions by playlist id.
        faults: What happens to the next writes, in order: "lost before" or "lost after" it was carried out,
            "refused", "killed before", "killed after", or "" for nothing.
        writes: Every write that was carried out, as (what, playlist id, number of URIs).
        reads: Every read, by name.
        covers: Pictures by playlist id.
        songs: What is known of the songs that stand in playlists, by URI.
        unseen: Ids that the next readings of the list of playlists lag behind with, in order.
    """

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.liked: list[SavedSong] = []
        self.contents_of: dict[str, list[str | None]] = {}
        self.names: dict[str, str] = {}
        self.descriptions: dict[str, str] = {}
        self.faults: deque[str] = deque()
        self.writes: list[tuple[str, str, int]] = []
        self.reads: list[str] = []
        self.unseen: deque[set[str]] = deque()
        self.covers: dict[str, bytes] = {}
        self.songs: dict[str, SavedSong] = {}
        self._snapshots: dict[str, int] = {}
        self._numbers = itertools.count(1)

    def profile(self) -> Profile:
        """Whose account it is."""
        self.reads.append("profile")
        return Profile(self.account_id, "Ada")

    def liked_total(self) -> int:
        """All of them."""
        return len(self.liked)

    def budget(self) -> Budget:
        """More than is ever needed."""
        return Budget(used=0, limit=1000)

    def liked_songs(self, offset: int) -> LikedPage:
        """Fifty a page."""
        self.reads.append("liked_songs")
        following = offset + 50 if offset + 50 < len(self.liked) else None
        entries = tuple(LikedEntry(song.added_at, song) for song in self.liked[offset : offset + 50])
        return LikedPage(offset, entries, len(self.liked), following)

    def own_playlists(self, until: Collection[str] = ()) -> tuple[PlaylistHead, ...]:
        """Every followed playlist."""
        self.reads.append("own_playlists")
        unseen = self.unseen.popleft() if self.unseen else set()
        return tuple(self._head(playlist_id) for playlist_id in self.contents_of if playlist_id not in unseen)

    def snapshot(self, playlist_id: str) -> str:
        """Changes with each write."""
        self.reads.append("snapshot")
        return self._head(playlist_id).snapshot_id

    def contents(self, playlist_id: str) -> tuple[str | None, ...]:
        """URIs of all entries."""
        self.reads.append("contents")
        return tuple(self.contents_of[playlist_id])

    def playlist_page(self, playlist_id: str, offset: int) -> PlaylistPage:
        """Everything at once, with what is known of the songs."""
        self.reads.append("playlist_page")
        uris = tuple(self.contents_of[playlist_id])
        return PlaylistPage(uris, tuple(self.songs[uri] for uri in uris if uri in self.songs), None)

    def create(self, name: str, description: str, *, public: bool) -> PlaylistHead:
        """Makes an empty playlist."""
        assert isinstance(public, bool)
        assert description
        return self._write("create", "", 0, lambda: self._head(self.make(name, [], description)))

    def add(self, playlist_id: str, uris: Sequence[str], position: int | None = None) -> str:
        """Puts songs in, also those that are there already."""
        assert 0 < len(uris) <= 100

        def carry_out() -> str:
            entries = self.contents_of[playlist_id]
            at = len(entries) if position is None else position
            assert at <= len(entries)
            entries[at:at] = uris
            return self._touch(playlist_id)

        return self._write("add", playlist_id, len(uris), carry_out)

    def remove(self, playlist_id: str, uris: Sequence[str], snapshot_id: str | None = None) -> str:
        """Takes every occurrence out."""
        assert 0 < len(uris) <= 100
        assert snapshot_id is None or snapshot_id.startswith(playlist_id)

        def carry_out() -> str:
            self.contents_of[playlist_id] = [uri for uri in self.contents_of[playlist_id] if uri not in uris]
            return self._touch(playlist_id)

        return self._write("remove", playlist_id, len(uris), carry_out)

    def change_cover(self, playlist_id: str, jpeg: bytes) -> bool:
        """Takes any picture."""
        self.covers[playlist_id] = jpeg
        return True

    def unfollow(self, playlist_id: str) -> None:
        """Takes a playlist out of the library."""
        self._write("unfollow", playlist_id, 0, lambda: self.contents_of.pop(playlist_id))

    def check_quota(self) -> None:
        """Calls are always taken."""

    def check_login(self, *, writing: bool = False) -> None:
        """Everything is allowed."""

    def close(self) -> None:
        """Has nothing to close."""

    def make(self, name: str, entries: Sequence[str | None], description: str = "") -> str:
        """A new playlist, as the person (or a call) makes it; returns its id."""
        playlist_id = f"playlist-{next(self._numbers)}"
        self.names[playlist_id] = name
        self.descriptions[playlist_id] = description
        self.contents_of[playlist_id] = list(entries)
        self._touch(playlist_id)
        return playlist_id

    def edit(self, playlist_id: str, entries: Sequence[str | None]) -> None:
        """Changes a playlist by hand."""
        self.contents_of[playlist_id] = list(entries)
        self._touch(playlist_id)

    def _write(self, what: str, playlist_id: str, count: int, carry_out: Callable[[], T]) -> T:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "lost before":
            raise UncertainWriteError("the connection broke")
        if fault == "refused":
            raise SpotifyError("Spotify refused")
        if fault == "killed before":
            raise KilledError
        answer = carry_out()
        self.writes.append((what, playlist_id, count))
        if fault == "lost after":
            raise UncertainWriteError("the answer was lost")
        if fault == "killed after":
            raise KilledError
        return answer

    def _head(self, playlist_id: str) -> PlaylistHead:
        return PlaylistHead(
            playlist_id=playlist_id,
            name=self.names[playlist_id],
            description=self.descriptions[playlist_id],
            snapshot_id=f"{playlist_id}:{self._snapshots[playlist_id]}",
            total=len(self.contents_of[playlist_id]),
            url=f"https://open.spotify.com/playlist/{playlist_id}",
        )

    def _touch(self, playlist_id: str) -> str:
        self._snapshots[playlist_id] = self._snapshots.get(playlist_id, 0) + 1
        return f"{playlist_id}:{self._snapshots[playlist_id]}"


class AlbumClassifier:
    """Reads the genre off the album's title, written as "genre 0.9"."""

    version = "album-1"

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """Names the genre on the album."""
        said = []
        for track in tracks:
            genre, confidence = track.album.rsplit(" ", 1)
            sure = float(confidence)
            family = {"trap": "hip-hop", "bebop-and-cool-jazz": "jazz"}.get(genre, genre)
            said.append(
                Classification(track.track_id, genre, family, sure, "pop", sure < least_confidence, "Heard so.")
            )
        return said


_ticks = itertools.count()  # one clock for all worlds, since those that share a database have to agree on the time


class World:
    """One person with an account, and the application."""

    def __init__(self, folder: Path, account_id: str) -> None:
        self.account = MemoryAccount(account_id)
        self.app = Application(
            Settings(data_dir=folder),
            connect=lambda _: self.account,
            load_classifier=AlbumClassifier,
            now=lambda: START + timedelta(seconds=next(_ticks)),
            pause=lambda _: None,
        )

    def like(self, number: int, genre: str = "jazz 0.9", **details: object) -> str:
        """Likes a song, the newest of all; returns its URI."""
        track_id = f"{self.account.account_id}-{number}"
        title = str(details.pop("title", f"Song {number}"))
        is_available = bool(details.pop("is_available", True))
        track = Track(track_id, title, (f"Artist {number % 7}",), album=genre, **details)  # type: ignore[arg-type]
        uri = f"spotify:track:{track_id}"
        added_at = START + timedelta(days=len(self.account.liked), seconds=next(_ticks))
        self.account.liked.insert(0, SavedSong(track, uri, added_at, is_available))
        return uri

    def unlike(self, uri: str) -> None:
        """Likes a song no more."""
        self.account.liked = [song for song in self.account.liked if song.uri != uri]

    def plan(self, rules: Rules | None = None) -> Plan:
        """Reads the account, sorts the songs, and plans."""
        workflows.sync_library(self.app)
        workflows.classify_library(self.app)
        return workflows.make_plan(self.app, rules or Rules(GENRES, least_songs=1))

    def apply(self, rules: Rules | None = None) -> Plan:
        """Plans and applies; returns the plan."""
        plan = self.plan(rules)
        workflows.apply_plan(self.app, plan)
        return plan

    def restarted(self) -> None:
        """Starts the application anew, as after a kill."""
        self.app.close()

    def is_stopped(self, plan: Plan) -> bool:
        """Applies; whether that stopped on the way, and the application is started anew."""
        try:
            workflows.apply_plan(self.app, plan)
        except (CratewiseError, KilledError):
            self.restarted()
            return True
        return False

    def apply_in_spite_of_faults(self, plan: Plan) -> None:
        """Applies, and goes on whenever the run stops, as a person would."""
        self.is_stopped(plan)
        while workflows.unfinished_run(self.app) is not None:
            try:
                workflows.resume_run(self.app)
            except (CratewiseError, KilledError):
                self.restarted()

    def undo_in_spite_of_faults(self) -> None:
        """Undoes the newest run, and goes on whenever that stops."""
        run_id = workflows.history(self.app)[0].run_id
        while workflows.history(self.app)[0].state != "undone":
            try:
                workflows.undo_run(self.app, run_id)
            except (CratewiseError, KilledError):
                self.restarted()

    def playlist(self, genre: str) -> str:
        """Id of the playlist that was made for a genre."""
        managed = self.app.library.playlists.managed(self.account.account_id)
        return next(playlist.playlist_id for playlist in managed if playlist.genre == genre)

    def contents(self, genre: str) -> list[str | None]:
        """What the genre's playlist holds."""
        return self.account.contents_of[self.playlist(genre)]


_accounts = itertools.count(1)


@pytest.fixture(scope="session")
def new_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], World]]:
    """Makes worlds that share one database, each with an account of its own."""
    folder = tmp_path_factory.mktemp("worlds")
    worlds: list[World] = []

    def make() -> World:
        for world in worlds:
            world.app.close()
        worlds[:] = [World(folder, f"account-{next(_accounts)}")]
        return worlds[0]

    yield make
    for world in worlds:
        world.app.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with a database of its own."""
    made = World(tmp_path, "account-0")
    yield made
    made.app.close()
