"""A small account behind a sandbox that really listens, and clients that call it."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cratewise.spotify.sandbox.demo import account_from
from cratewise.spotify.sandbox.ids import made_id
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.values import Account, Entry, Person, Playlist

LIBRARY = """\
title,artists,album,year,note
Juicy,The Notorious B.I.G.,Ready to Die,1994,
Juicy,The Notorious B.I.G.,Greatest Hits,2007,duplicate
Get Lucky,Daft Punk ; Pharrell Williams ; Nile Rodgers,Random Access Memories,2013,
Роллинг,Земфира,Прости меня моя любовь,2000,unavailable
Demo Tape No. 3,The Neighbours,Garage,,local
"""
BY_HAND = """\
[[playlist]]
name = "Sunday"
description = "Made by hand"
songs = ["The Notorious B.I.G. - Juicy", "Daft Punk - Get Lucky"]
extra = [
    { kind = "null", position = 1 },
    { kind = "episode", title = "How records are pressed", show = "Groove Talk" },
    { kind = "local", title = "Demo Tape No. 3", artist = "The Neighbours", album = "Garage" },
]
"""
FOREIGN_PLAYLIST = made_id("playlist", "somebody else's")


def small_account() -> Account:
    """Five liked songs, one playlist by hand, and one followed playlist of somebody else."""
    account = account_from(LIBRARY, BY_HAND)
    juicy = next(iter(account.items))
    foreign = Playlist(
        FOREIGN_PLAYLIST,
        "Road trip",
        Person("somebody", "Somebody"),
        entries=(Entry(juicy, datetime(2020, 1, 1, tzinfo=UTC), "somebody"),),
    )
    return replace(account, playlists={**account.playlists, foreign.id: foreign})


@dataclass
class MovableClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 10, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The time it stands at."""
        return self.now

    def move(self, by: timedelta) -> None:
        """Lets time pass."""
        self.now += by


@pytest.fixture(scope="module")
def clock() -> MovableClock:
    """The sandbox's clock."""
    return MovableClock()


@pytest.fixture
def move_clock(clock: MovableClock) -> Callable[[timedelta], None]:
    """Moves the sandbox's clock on."""
    return clock.move


@pytest.fixture
def initial() -> Callable[[], Account]:
    """Makes the small account, for servers a test starts itself."""
    return small_account


@pytest.fixture(scope="module")
def running(clock: MovableClock) -> Iterator[SandboxServer]:
    """A running sandbox, in memory; `server` sets it back for each test, as stopping takes it a moment."""
    with SandboxServer(initial=small_account, clock=clock) as server:
        yield server


@pytest.fixture
def server(running: SandboxServer, clock: MovableClock) -> SandboxServer:
    """The running sandbox with the small account as it is at first, no logins and no faults."""
    running.store.change_account(lambda _: small_account())
    running.store.change_grants(lambda _: ())
    running.accounts.rotates_refresh_tokens = True
    running.faults.clear()
    running.traffic.forget()
    running.traffic.calls_per_window = None
    clock.now = MovableClock().now
    return running


@pytest.fixture(scope="session")
def no_tls() -> ssl.SSLContext:
    """Spares clients, which call plain HTTP here, the reading of all certificates: 50 ms each."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def client_with(server: SandboxServer, no_tls: ssl.SSLContext) -> Iterator[Callable[..., httpx.Client]]:
    """Makes clients whose token has only the scopes named."""
    clients: list[httpx.Client] = []

    def make(*scopes: str) -> httpx.Client:
        token = server.accounts.issue_tokens("test", scopes)["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        clients.append(httpx.Client(base_url=server.api_url, headers=headers, verify=no_tls))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def api(server: SandboxServer, no_tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A client that may do everything."""
    token = server.issue_token()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.api_url, headers=headers, timeout=5, verify=no_tls) as client:
        yield client


@pytest.fixture
def uris(server: SandboxServer) -> dict[str, str]:
    """Uris of the account's items by title; of two with one title the first liked in the file."""
    found: dict[str, str] = {}
    for item in server.store.account.items.values():
        found.setdefault(item.name, item.uri)
    return found


@pytest.fixture
def own_playlist(api: httpx.Client) -> str:
    """The id of a new, empty playlist."""
    return str(api.post("/me/playlists", json={"name": "New"}).json()["id"])
