"""A server on a real port over a real library; only the account and the classifier are stand-ins."""

import json
import re
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.errors import SpotifyError
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.library.songs import SavedSong
from cratewise.playlists.account import PlaylistHead
from cratewise.settings import Settings, load_settings
from cratewise.tracks import Track
from cratewise.web.security import Guard, Reach
from cratewise.web.server import STOP_WITHIN_S, WebServer, listen
from cratewise.workflows.account import Account, Budget, LikedEntry, LikedPage, PlaylistPage, Profile

PATIENCE_S = 20.0
N_SONGS = 330
UNSURE_EVERY = 11
UNKNOWN = (22, 44)
PAGE = 50
LIKED_AT = datetime(2026, 11, 1, tzinfo=UTC)
FAMILIES = [family.slug for family in load_taxonomy().families[:6]]
HOSTILE_TITLE = "<img src=x onerror=alert(1)>\u202eesrever"


@dataclass
class StandInAccount:
    """An account in memory: liked songs, and playlists that can be written."""

    songs: list[SavedSong]
    local_files: int = 0
    heads: dict[str, PlaylistHead] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    trouble: SpotifyError | None = None
    calls: Budget = field(default_factory=lambda: Budget(used=0, limit=1000))

    def profile(self) -> Profile:
        """Whose account it is."""
        return Profile("account-1", "Ada <b>Listener</b>")

    def budget(self) -> Budget:
        """How many calls are taken."""
        return self.calls

    def liked_total(self) -> int:
        """All entries."""
        return len(self.songs) + self.local_files

    def liked_songs(self, offset: int) -> LikedPage:
        """A page of 50."""
        self._step()
        songs = [LikedEntry(song.added_at, song) for song in self.songs]
        entries = (*songs, *[LikedEntry(LIKED_AT)] * self.local_files)
        following = offset + PAGE
        page = entries[offset:following]
        return LikedPage(offset, page, len(entries), following if following < len(entries) else None)

    def own_playlists(self, until: Collection[str] = ()) -> tuple[PlaylistHead, ...]:
        """Every playlist."""
        return tuple(replace(head, total=len(self.entries[key])) for key, head in self.heads.items())

    def contents(self, playlist_id: str) -> tuple[str | None, ...]:
        """URIs in order."""
        return tuple(self.entries[playlist_id])

    def snapshot(self, playlist_id: str) -> str:
        """Changes with each write."""
        return self.heads[playlist_id].snapshot_id

    def playlist_page(self, playlist_id: str, offset: int) -> PlaylistPage:
        """Everything at once."""
        return PlaylistPage(tuple(self.entries[playlist_id]), (), None)

    def create(self, name: str, description: str, *, public: bool) -> PlaylistHead:
        """Makes an empty playlist."""
        self._step()
        key = f"playlist-{len(self.heads)}"
        self.entries[key] = []
        self.heads[key] = PlaylistHead(key, name, description, "0", 0, f"https://open.spotify.com/playlist/{key}")
        return self.heads[key]

    def add(self, playlist_id: str, uris: Sequence[str], position: int | None = None) -> str:
        """Puts songs in."""
        at = len(self.entries[playlist_id]) if position is None else position
        self.entries[playlist_id][at:at] = uris
        return self._changed(playlist_id)

    def remove(self, playlist_id: str, uris: Sequence[str], snapshot_id: str | None = None) -> str:
        """Takes songs out."""
        self.entries[playlist_id] = [uri for uri in self.entries[playlist_id] if uri not in set(uris)]
        return self._changed(playlist_id)

    def change_cover(self, playlist_id: str, jpeg: bytes) -> bool:
        """Takes any picture."""
        return jpeg.startswith(b"\xff\xd8")

    def unfollow(self, playlist_id: str) -> None:
        """Deletes a playlist."""
        self._step()
        del self.heads[playlist_id], self.entries[playlist_id]

    def check_quota(self) -> None:
        """Calls are always taken."""

    def check_login(self, *, writing: bool = False) -> None:
        """Everything is allowed."""

    def close(self) -> None:
        """Nothing is open."""

    def hold(self) -> None:
        """Makes the next call wait until `gate` is set."""
        self.gate.clear()
        self.reached.clear()

    def _step(self) -> None:
        self.reached.set()
        assert self.gate.wait(PATIENCE_S)
        if self.trouble is not None:
            raise self.trouble

    def _changed(self, playlist_id: str) -> str:
        head = self.heads[playlist_id]
        self.heads[playlist_id] = replace(head, snapshot_id=str(int(head.snapshot_id) + 1))
        return self.heads[playlist_id].snapshot_id


class StandInClassifier:
    """Deals songs out to six families in turn, and is unsure of every eleventh; of two it knows nothing."""

    version = "stand-in"

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """One for each track."""
        return [self._classify(track) for track in tracks]

    def _classify(self, track: Track) -> Classification:
        number = int(track.track_id.removeprefix("track"))
        family, runner_up = FAMILIES[number % len(FAMILIES)], FAMILIES[(number + 1) % len(FAMILIES)]
        is_unsure = number % UNSURE_EVERY == 0
        reason = "Nothing is known of the artist." if is_unsure else "The artist is known for it."
        confidence = 0.09 if number in UNKNOWN else 0.3 if is_unsure else 0.9
        return Classification(track.track_id, family, family, confidence, runner_up, is_unsure, reason)


@dataclass
class Site:
    """A running server and what stands behind it."""

    url: str
    account: StandInAccount
    server: WebServer
    client: httpx.Client
    thread: threading.Thread

    def stopped(self) -> bool:
        """Waits for the server to end; says whether it did within the time a stop may take."""
        self.thread.join(STOP_WITHIN_S + 1)
        return not self.thread.is_alive()

    def run(self, path: str, body: object = None) -> dict[str, object]:
        """Starts a job and waits for its end."""
        started = self.client.post(path, json=body)
        assert started.status_code == 202, started.text
        assert self.server.workspace.jobs.wait(PATIENCE_S)
        job: dict[str, object] = self.client.get("/api/state").json()["job"]
        return job

    def order(self, *genres: str) -> dict[str, object]:
        """What the button on the preview of these genres sends."""
        page = self.client.get("/preview", params={"genre": genres}).text
        found = re.search(r"data-action=\"/api/jobs/apply\" data-body='([^']+)'", page)
        assert found, "the preview has nothing to write"
        order: dict[str, object] = json.loads(found.group(1))
        return order

    def sort(self) -> None:
        """Reads and sorts the library."""
        assert self.run("/api/jobs/sort")["status"] == "done"


@pytest.fixture
def account() -> StandInAccount:
    """An account of 330 songs, one of them with a hostile title, one no longer available."""
    songs = [
        SavedSong(
            track=Track(f"track{number}", f"Song {number}", (f"Artist {number % 40}",), f"Album {number % 90}"),
            uri=f"spotify:track:track{number}",
            added_at=LIKED_AT - timedelta(hours=number),
            is_available=number != 5,
        )
        for number in range(N_SONGS)
    ]
    songs[3] = replace(songs[3], track=replace(songs[3].track, title=HOSTILE_TITLE))
    account = StandInAccount(songs)
    account.gate.set()
    return account


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of their own."""
    return load_settings(data_dir=tmp_path, spotify_api_url="http://127.0.0.1:1/v1")


Connect = Callable[[Settings], Account]


@pytest.fixture
def serve_site(settings: Settings, account: StandInAccount) -> Iterator[Callable[[Connect], Site]]:
    """Starts a server whose account is made by the function given."""
    with ExitStack() as stack:

        def start(connect: Connect) -> Site:
            app = stack.enter_context(Application(settings, connect=connect, load_classifier=StandInClassifier))
            server = WebServer(app)
            url, thread = stack.enter_context(running(server, server.stop))
            stack.callback(account.gate.set)
            client = stack.enter_context(httpx.Client(base_url=url, timeout=PATIENCE_S))
            return Site(url, account, server, client, thread)

        yield start


@pytest.fixture
def site(serve_site: Callable[[Connect], Site], account: StandInAccount) -> Site:
    """A server that is connected to the account."""
    return serve_site(lambda settings: account)


@contextmanager
def guard_of(reach: Reach) -> Iterator[httpx.Client]:
    """A page behind the guard, on a real port."""
    server = uvicorn.Server(uvicorn.Config(Guard(PlainTextResponse("inside"), reach), log_level="warning"))
    with running(server, lambda: None) as (url, _), httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
def guarded() -> Iterator[httpx.Client]:
    """A page behind the guard of one's own machine."""
    with guard_of(Reach()) as client:
        yield client


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on at every address."""
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104
        yield taken.getsockname()[1]


@contextmanager
def running(server: uvicorn.Server, stop: Callable[[], None]) -> Iterator[tuple[str, threading.Thread]]:
    """Runs a server in a thread on a free port, and stops it."""
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", thread
        finally:
            stop()
            server.should_exit = True
            thread.join(PATIENCE_S)
        assert not thread.is_alive()
