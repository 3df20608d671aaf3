"""A host: a PostgreSQL of its own, the stand-in for Spotify, web processes and workers."""

import json
import re
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.postgresql import PostgresqlServer

from cratewise.app import utc_now
from cratewise.classification import Classification
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.hosting.host import Host
from cratewise.hosting.queue import Pace
from cratewise.hosting.server import HostServer
from cratewise.hosting.worker import Worker
from cratewise.settings import Settings
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.tracks import Track
from cratewise.web.server import listen

APP = "a" * 32
PATIENCE_S = 60.0
QUICK = Pace(tick="* * * * * *", beat_every_s=0.5, stalled_after_s=3.0)


GENRES = ("jazz", "rock", "techno", "country", "metal", "blues")


class SixGenres:
    """Takes songs for one of six genres, by their ids."""

    version = "six-1"

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """One of them, and sure of it."""
        assert least_confidence < 0.9
        taxonomy = load_taxonomy()
        genres = [GENRES[zlib.crc32(track.track_id.encode()) % len(GENRES)] for track in tracks]
        return [
            Classification(
                track.track_id,
                genre,
                taxonomy.family_of(genre).slug,
                0.9,
                "pop",
                is_unsure=False,
                reason="A test says so.",
            )
            for track, genre in zip(tracks, genres, strict=True)
        ]


def clock_ahead(ahead: timedelta) -> Callable[[], datetime]:
    """A machine's clock that is so far ahead of the others; less than nothing is behind."""
    return lambda: utc_now() + ahead


@dataclass
class Hosting:
    """A host that runs.

    Attributes:
        settings: Its settings.
        sandbox: The stand-in for Spotify.
        host: What the accounts share, as a process of its own would have it.
    """

    settings: Settings
    sandbox: SandboxServer
    host: Host
    _stack: ExitStack
    _servers: list[HostServer] = field(default_factory=list)

    def serve(self) -> str:
        """Starts a web process (as a thread), and gives its address."""
        host = self._stack.enter_context(Host(self.settings, load_classifier=SixGenres))
        server = HostServer(host)
        self._servers.append(server)
        listening = listen("127.0.0.1", 0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        self._stack.callback(thread.join, PATIENCE_S)
        self._stack.callback(server.stop)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    def work(self, at_once: int = 2, *, ahead: timedelta = timedelta(0), folder: Path | None = None) -> None:
        """Starts a worker (as a thread) that looks for lost and due jobs every second.

        Args:
            at_once: How many accounts it works for.
            ahead: How far its clock is ahead.
            folder: Its data folder, as another machine has it; else it is that of the others.
        """
        settings = self.settings.model_copy(update={"data_dir": folder or self.settings.data_dir})
        host = self._stack.enter_context(Host(settings, load_classifier=SixGenres, now=clock_ahead(ahead)))
        worker = Worker(host, QUICK)
        thread = threading.Thread(target=worker.run, kwargs={"at_once": at_once, "heed_signals": False}, daemon=True)
        thread.start()
        self._stack.callback(thread.join, PATIENCE_S)
        self._stack.callback(worker.stop)

    def work_elsewhere(self, *, ahead: timedelta = timedelta(0)) -> "subprocess.Popen[str]":
        """Starts a worker in a process of its own, whose clock is so far ahead, and returns once it works."""
        program = "from tests.hosting.worker import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(ahead.total_seconds())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._stack.callback(process.wait, PATIENCE_S)
        self._stack.callback(process.kill)
        self._stack.callback(process.stdout.close)
        with process.stdin as sent:
            sent.write(json.dumps(self._plain_settings()))
        assert process.stdout.readline() == "working\n"
        return process

    def _plain_settings(self) -> dict[str, object]:
        plain = self.settings.model_dump(mode="json", exclude={"passphrase", "lastfm_key"})
        return {**plain, "database_url": self.settings.library_url}

    def opened(self, stream: AbstractContextManager[httpx.Response]) -> httpx.Response:
        """A stream that stays open until the test ends."""
        return self._stack.enter_context(stream)

    def browser(self, url: str) -> "Browser":
        """A browser with cookies of its own."""
        return Browser(self._stack.enter_context(httpx.Client(base_url=url, timeout=PATIENCE_S)))


class Browser:
    """Somebody in front of the pages.

    Attributes:
        client: What sends the requests.
    """

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def log_in(self, *, writing: bool = False, decision: str = "approve", person: str = "") -> httpx.Response:
        """Logs in at the stand-in, as one of its people, and gives the answer to the return from there."""
        address = self.client.post("/api/login", json={"writing": writing}).json()["address"]
        address += f"&person={person}" if person else ""
        back = httpx.post(address, data={"decision": decision})
        return self.client.get(back.headers["location"])

    def sort(self) -> None:
        """Has the account read and its songs sorted."""
        assert self.client.post("/api/jobs/sort").status_code == 202
        self.done()

    def write(self) -> None:
        """Orders that playlists of all six genres are written."""
        page = self.client.get("/preview", params={"genre": GENRES}).text
        found = re.search(r"data-action=\"/api/jobs/apply\" data-body='([^']+)'", page)
        assert found, "the preview has nothing to write"
        answer = self.client.post("/api/jobs/apply", json=json.loads(found.group(1)))
        assert answer.status_code == 202, answer.text

    def job(self) -> dict[str, Any] | None:
        """The newest job."""
        job: dict[str, Any] | None = self.client.get("/api/state").json()["job"]
        return job

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Waits for a job of which something holds."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            job = self.job()
            if job is not None and holds(job):
                return job
            time.sleep(0.05)
        raise AssertionError(f"the job never came so far: {self.job()}")

    def ended(self) -> dict[str, Any]:
        """Waits for the newest job to come to its end."""
        return self.until(lambda job: job["status"] not in {"running", "stopping"})

    def done(self) -> dict[str, Any]:
        """Waits for the newest job to be done."""
        job = self.ended()
        assert job["status"] == "done", f"{job['message']} {job['hint']}"
        return job


@pytest.fixture
def sandbox() -> SandboxServer:
    """The stand-in, with one account."""
    return SandboxServer()


@pytest.fixture
def hosting(postgresql: PostgresqlServer, tmp_path: Path, sandbox: SandboxServer) -> Iterator[Hosting]:
    """A host without processes yet."""
    with ExitStack() as stack:
        stack.enter_context(sandbox)
        settings = Settings(
            data_dir=tmp_path / "data",
            database_url=postgresql.database(),
            spotify_client_id=APP,
            spotify_api_url=sandbox.api_url,
            spotify_accounts_url=sandbox.accounts_url,
            sources=(),
            use_keyring=False,
        )
        host = stack.enter_context(Host(settings, load_classifier=SixGenres))
        yield Hosting(settings, sandbox, host, stack)
