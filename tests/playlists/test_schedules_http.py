"""Thousands of schedules of every fault of the sandbox, over HTTP: in the end the account is what the plan says."""

import itertools
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cratewise.library.store import Library
from cratewise.spotify.auth import Authoriser, tokens_from
from cratewise.spotify.bearer import Session, TokenSender
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import kept_in
from cratewise.spotify.quota import QuotaSender
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.retry import RetrySender
from cratewise.spotify.sandbox.faults import (
    Fault,
    connection_reset,
    not_there_yet,
    server_error,
    silence,
    too_many_requests,
)
from cratewise.spotify.sandbox.server import CLIENT_ID, SandboxServer
from cratewise.spotify.sandbox.values import Account, Album, Artist, Entry, Item, Playlist
from cratewise.spotify.timing import Timing
from cratewise.spotify.transport import HttpSender
from cratewise.workflows.account import Budget
from cratewise.workflows.spotify import SpotifyAccount

from .conftest import KilledError
from .schedules import A_DAY_S, LONGEST_LAG_S, MOST_SONGS, START, Schedules, song_uri

N_SCHEDULES = 2_000
CALL_S = 0.1
PATIENCE = httpx.Timeout(0.25, connect=5.0)

_ARTIST = Artist(f"{1:022d}", "A")
_ALBUM = Album(f"{2:022d}", "B", (_ARTIST,), 2000)
ITEMS = {
    song_uri(number): Item(song_uri(number), f"{number:022d}", "track", f"Song {number}", (_ARTIST,), _ALBUM)
    for number in range(MOST_SONGS)
} | {"spotify:local:a:b:c:1": Item("spotify:local:a:b:c:1", None, "local", "Mine", (Artist(None, "A"),))}

KILLED_BEFORE, KILLED_AFTER = "killed before", "killed after"


def _struck(method: str) -> tuple[Fault | str, ...]:
    """Everything that can go wrong with a call of this method; a lost renewal of the login ends it, which is no fault
    that applying again could mend."""
    path = "/v1/"
    return (
        too_many_requests(2, method=method, path=path),
        too_many_requests(40_000, reason="QUOTA_EXCEEDED", method=method, path=path),
        server_error(500, method=method, path=path),
        server_error(500, when="after", method=method, path=path),
        server_error(502, method=method, path=path),
        server_error(503, when="after", method=method, path=path),
        connection_reset(method=method, path=path),
        connection_reset(when="after", method=method, path=path),
        KILLED_BEFORE,
        KILLED_AFTER,
    )


FAULTS: tuple[Fault | str, ...] = (
    *_struck("POST"),
    *_struck("DELETE"),
    *_struck(""),
    not_there_yet(),
    silence(when="after", method="POST", path="/v1/playlists/"),  # a wait of its own, so only where it may do harm
)


class KillingSender:
    """Sends over HTTP; the program may be killed at a write, and every playlist is looked at after it.

    Attributes:
        sender: What sends it.
        kills: What happens at the next writes: "killed before" or "killed after".
    """

    def __init__(self, sender: HttpSender, look: Callable[[], None]) -> None:
        self.sender = sender
        self._look = look
        self.kills: deque[str] = deque()

    def send(self, request: Request) -> Answer:
        """Sends it, or dies."""
        kill = self.kills.popleft() if request.method != "GET" and self.kills else ""
        if kill == KILLED_BEFORE:
            raise KilledError
        try:
            answer = self.sender.send(request)
        finally:
            self._look()
        if kill == KILLED_AFTER:
            raise KilledError
        return answer


class Sandbox:
    """One sandbox for all schedules, each of which begins with an empty account and a new login."""

    def __init__(self, folder: Path) -> None:
        self.now_s = START.timestamp()
        self.server = SandboxServer(
            clock=lambda: datetime.fromtimestamp(self.now_s, UTC), lag=timedelta(seconds=LONGEST_LAG_S)
        )
        self._folder = folder
        self._folders = itertools.count(1)
        self._close = ExitStack()

    def __enter__(self) -> "Sandbox":
        self._close.enter_context(self.server)
        self.api = HttpSender(self.server.api_url)
        self.impatient_api = HttpSender(self.server.api_url, PATIENCE)
        self.tokens = HttpSender(self.server.accounts_url)
        self._close.callback(self.api.close)
        self._close.callback(self.impatient_api.close)
        self._close.callback(self.tokens.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._close.close()

    def new_account(self, _account_id: str) -> "SandboxAccount":
        """The account, emptied and logged in to."""
        self.now_s = START.timestamp()
        self.server.faults.clear()
        self.server.store.change_grants(lambda _: ())
        self.server.store.change_account(lambda account: replace(account, items=ITEMS, saved=(), playlists={}))
        folder = self._folder / str(next(self._folders))
        account_id = self.server.store.account.account_id
        kept_in(folder).logins.save(
            account_id, tokens_from(self.server.issue_token(), CLIENT_ID, Timing(now_s=lambda: self.now_s))
        )
        return SandboxAccount(self, folder)


class SandboxAccount(SpotifyAccount):
    """The sandbox's account behind the client that the product uses, and looked at from behind."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self.to_keep: dict[str, Counter[str | None]] = {}
        timing = Timing(now_s=lambda: sandbox.now_s, sleep=self.pause, jitter=lambda: 0.0)
        self._sender = KillingSender(sandbox.api, self._look)
        session = Session(kept_in(folder).logins, Authoriser(RetrySender(sandbox.tokens, timing), timing), None, timing)
        quota = QuotaSender(TokenSender(self._sender, session), kept_in(folder).quota, timing)
        client = SpotifyClient(RetrySender(quota, timing), lambda: None, timing)
        super().__init__(client, lambda: Budget(0, 1000), lambda writing: None)

    @property
    def now_s(self) -> float:
        """Since the schedule began."""
        return self._sandbox.now_s - START.timestamp()

    @property
    def contents_of(self) -> Mapping[str, Sequence[str | None]]:
        """Of the playlists that stand in the library."""
        playlists = self._sandbox.server.store.account.playlists.values()
        return {one.id: [entry.uri for entry in one.entries] for one in playlists if one.is_followed}

    def make(self, name: str, entries: Sequence[str | None]) -> str:
        """As the person makes it."""
        playlist_id = f"{len(self.contents_of):022d}"
        owner = self._sandbox.server.store.account.person
        self._put(Playlist(playlist_id, name, owner, entries=_entries(entries)))
        return playlist_id

    def edit(self, playlist_id: str, entries: Sequence[str | None]) -> None:
        """As the person edits it."""
        playlist = self._sandbox.server.store.account.playlists[playlist_id]
        self._put(replace(playlist, entries=_entries(entries), revision=playlist.revision + 1))

    def disturb(self, faults: Sequence[int], lag_s: float) -> None:
        """The next calls go wrong; new playlists are always seen late here."""
        self._sender.sender = self._sandbox.impatient_api
        chosen = [FAULTS[number % len(FAULTS)] for number in faults]
        self._sandbox.server.faults.add(*(one for one in chosen if isinstance(one, Fault)))
        self._sender.kills.extend(one for one in chosen if isinstance(one, str))

    def calm(self) -> None:
        """The day after, with nothing going wrong, however long this machine takes for an answer."""
        self._sender.sender = self._sandbox.api
        self._sandbox.server.faults.clear()
        self._sender.kills.clear()
        self._sandbox.now_s += A_DAY_S

    def pause(self, seconds: float) -> None:
        """Time passes."""
        self._sandbox.now_s += seconds

    def _put(self, playlist: Playlist) -> None:
        def edit(account: Account) -> Account:
            return replace(account, playlists={**account.playlists, playlist.id: playlist})

        self._sandbox.server.store.change_account(edit)

    def _look(self) -> None:
        self.pause(CALL_S)
        held = self.contents_of
        for playlist_id, kept in self.to_keep.items():
            if playlist_id in held:
                assert kept <= Counter(held[playlist_id]), "a playlist lost what it was to keep"


class AtTheSandbox(Schedules):
    """The schedules on the sandbox's account."""


@pytest.mark.timeout(1200)  # three minutes on an idle machine
@pytest.mark.off_contract  # keeps to it, as the tests of each call show; judging these 80,000 takes a minute
def test_under_every_schedule_of_the_sandboxs_faults_the_account_ends_as_planned(tmp_path: Path) -> None:
    """429s and quota stops, 500s, cut connections and silence before and after, kills, and a person who edits."""
    with Library.open(f"sqlite:///{tmp_path / 'library.sqlite3'}") as library, Sandbox(tmp_path) as sandbox:
        AtTheSandbox.library = library
        AtTheSandbox.open_account = sandbox.new_account
        run_state_machine_as_test(
            AtTheSandbox,
            settings=settings(
                max_examples=N_SCHEDULES,
                stateful_step_count=5,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def _entries(uris: Sequence[str | None]) -> tuple[Entry, ...]:
    return tuple(Entry(uri, START, "somebody") for uri in uris)
