"""Runs the sandbox on a real port."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn

from cratewise.errors import SpotifyError
from cratewise.spotify.sandbox.accounts import SCOPES, Accounts, Tokens
from cratewise.spotify.sandbox.application import Application
from cratewise.spotify.sandbox.authorisation import Parts
from cratewise.spotify.sandbox.crowd import Crowd, root_of
from cratewise.spotify.sandbox.demo import demo_account
from cratewise.spotify.sandbox.faults import CuttableProtocol, Faults, FaultyConnection
from cratewise.spotify.sandbox.shapes import Shapes
from cratewise.spotify.sandbox.store import Store
from cratewise.spotify.sandbox.traffic import MeteredConnection, Traffic
from cratewise.spotify.sandbox.values import Account, Clock, utc_now

HOST = "127.0.0.1"
CLIENT_ID = "cratewise-sandbox"
CREATION_LAG = timedelta(seconds=1)  # at Spotify a new playlist could not be read for "a second or two"
_PATIENCE_S = 0.4  # how long a stop waits for calls under way, before it ends them


class SandboxServer:
    """The sandbox as a server: a context manager, or `start` and `stop`.

    Attributes:
        stores: The accounts as they are, for tests that look or reach behind the API; `store` is the first.
        accounts: Who may do what; revokes and expires tokens.
        faults: What shall go wrong.
        traffic: What was called so far, and how many calls the rate window has room for.
    """

    def __init__(
        self,
        state_file: Path | None = None,
        port: int = 0,
        *,
        initial: Callable[[], Account] = demo_account,
        others: Sequence[Callable[[], Account]] = (),
        clock: Clock = utc_now,
        lag: timedelta = timedelta(0),
        calls_per_window: int | None = None,
    ) -> None:
        """Opens the state; listens only after `start`.

        Args:
            state_file: Where the state is kept; `None` keeps it in memory. Of each further account it is in a file
                beside, with the account's number in its name: `state-2.json`.
            port: Port on 127.0.0.1; 0 takes a free one.
            initial: Makes the account where there is no state yet.
            others: Makes each further account, where there shall be several.
            clock: The time in UTC.
            lag: How long a new playlist cannot be read.
            calls_per_window: How many calls all accounts together may make in any 30 seconds; `None` for any number.

        Raises:
            SpotifyError: The state file cannot be read, or two accounts have the same person or the same playlist.
        """
        self.stores = tuple(
            Store(_numbered(state_file, number), make) for number, make in enumerate((initial, *others), start=1)
        )
        self._places = _told_apart(self.stores)
        self.accounts = Accounts(self.stores, clock)
        self.faults = Faults()
        self.traffic = Traffic(clock, calls_per_window)
        self._clock = clock
        self._lag = lag
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None

    @classmethod
    def with_accounts(
        cls,
        count: int,
        initial: Callable[[int], Account],
        *,
        state_file: Path | None = None,
        port: int = 0,
        clock: Clock = utc_now,
        lag: timedelta = timedelta(0),
        calls_per_window: int | None = None,
    ) -> Self:
        """A server with several accounts, which `initial(number)` makes, for the numbers 1 to `count`."""
        first, *others = (partial(initial, number) for number in range(1, count + 1))
        return cls(
            state_file,
            port,
            initial=first,
            others=others,
            clock=clock,
            lag=lag,
            calls_per_window=calls_per_window,
        )

    @property
    def store(self) -> Store:
        """The first account, mostly the only one."""
        return self.stores[0]

    @property
    def port(self) -> int:
        """Where it listens; known once it has started."""
        return self._port

    @property
    def page_url(self) -> str:
        """Where a person looks at the account, or finds the pages of all accounts."""
        return f"http://{HOST}:{self._port}"

    def page_url_of(self, number: int) -> str:
        """Where a person looks at the account with that number."""
        return f"{self.page_url}{self._root_of(self.stores[number - 1])}"

    @property
    def accounts_url(self) -> str:
        """Stands for https://accounts.spotify.com."""
        return self.page_url

    @property
    def api_url(self) -> str:
        """Stands for https://api.spotify.com/v1."""
        return f"{self.page_url}/v1"

    def start(self) -> None:
        """Returns once it answers.

        Raises:
            SpotifyError: The port is taken.
        """
        listening = self._listen()
        config = uvicorn.Config(
            MeteredConnection(
                FaultyConnection(Application(self._crowd()), self.faults), self.traffic, self.accounts.number_of
            ),
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([listening],), name="spotify-sandbox", daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)  # uvicorn has no event to wait for, and a stop before it has started leaks its port

    def stop(self) -> None:
        """Returns within a second, whatever connections are open; does nothing when it does not run."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)
        self._server.force_exit = True
        self._thread.join()
        self._server = self._thread = None

    def wait(self) -> None:
        """Blocks until the server is stopped."""
        if self._thread is not None:
            self._thread.join()

    def issue_token(self, *scopes: str, number: int = 1) -> Tokens:
        """Tokens for the account with that number without a browser: with these scopes, or with all there are."""
        return self.accounts.issue_tokens(CLIENT_ID, scopes or tuple(SCOPES), number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _crowd(self) -> Crowd:
        parts = tuple(
            Parts(store, Shapes(self.page_url, root), root, self.accounts, self._clock, self.faults, self._lag)
            for store, root in ((store, self._root_of(store)) for store in self.stores)
        )
        return Crowd(parts, self._places)

    def _root_of(self, store: Store) -> str:
        return root_of(store.account.person.id) if len(self.stores) > 1 else ""

    def _listen(self) -> socket.socket:
        """Binds here rather than in uvicorn, so that the port is known and calls queue from now on."""
        # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it on, every answer takes 40 ms.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, self._port))
        except OSError as error:
            listening.close()
            raise SpotifyError(
                f"The sandbox cannot use port {self._port}: {error.strerror}",
                hint="Another program uses it. Stop that one, or choose another port with --port.",
            ) from error
        listening.listen(128)
        self._port = listening.getsockname()[1]
        return listening


def _numbered(state_file: Path | None, number: int) -> Path | None:
    if state_file is None or number == 1:
        return state_file
    return state_file.with_stem(f"{state_file.stem}-{number}")


def _told_apart(stores: Sequence[Store]) -> dict[str, int]:
    """Where each person's account stands, by the person's id.

    Raises:
        SpotifyError: Two accounts have the same person, or a playlist with the same id.
    """
    places: dict[str, int] = {}
    playlists: set[str] = set()
    for place, account in enumerate(store.account for store in stores):
        own = {playlist.id for playlist in account.playlists.values() if playlist.owner == account.person}
        if account.person.id in places or playlists & own:
            same = f"the person {account.person.id}" if account.person.id in places else "an id of a playlist"
            raise SpotifyError(
                f"Account {place + 1} of the sandbox has {same} in common with another one",
                hint="Give every account a person, and playlists, with ids of their own.",
            )
        places[account.person.id] = place
        playlists |= own
    return places
