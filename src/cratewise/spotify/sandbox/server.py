"""Runs the sandbox on a real port."""

import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn

from cratewise.errors import SpotifyError
from cratewise.spotify.sandbox.accounts import SCOPES, Accounts, Tokens
from cratewise.spotify.sandbox.application import Application
from cratewise.spotify.sandbox.authorisation import Parts
from cratewise.spotify.sandbox.demo import demo_account
from cratewise.spotify.sandbox.faults import CuttableProtocol, Faults, FaultyConnection
from cratewise.spotify.sandbox.shapes import Shapes
from cratewise.spotify.sandbox.store import Store
from cratewise.spotify.sandbox.values import Account, Clock, utc_now

HOST = "127.0.0.1"
CLIENT_ID = "cratewise-sandbox"
CREATION_LAG = timedelta(seconds=1)  # at Spotify a new playlist could not be read for "a second or two"
_PATIENCE_S = 0.4  # how long a stop waits for calls under way, before it ends them


class SandboxServer:
    """The sandbox as a server: a context manager, or `start` and `stop`.

    Attributes:
        store: The account as it is, for tests that look or reach behind the API.
        accounts: Who may do what; revokes and expires tokens.
        faults: What shall go wrong.
    """

    def __init__(
        self,
        state_file: Path | None = None,
        port: int = 0,
        *,
        initial: Callable[[], Account] = demo_account,
        clock: Clock = utc_now,
        lag: timedelta = timedelta(0),
    ) -> None:
        """Opens the state; listens only after `start`.

        Args:
            state_file: Where the state is kept; `None` keeps it in memory.
            port: Port on 127.0.0.1; 0 takes a free one.
            initial: Makes the account where there is no state yet.
            clock: The time in UTC.
            lag: How long a new playlist cannot be read.

        Raises:
            SpotifyError: The state file cannot be read.
        """
        self.store = Store(state_file, initial)
        self.accounts = Accounts(self.store, clock)
        self.faults = Faults()
        self._clock = clock
        self._lag = lag
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens; known once it has started."""
        return self._port

    @property
    def page_url(self) -> str:
        """Where a person looks at the account."""
        return f"http://{HOST}:{self._port}"

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
        parts = Parts(self.store, self.accounts, Shapes(self.page_url), self._clock, self.faults, self._lag)
        config = uvicorn.Config(
            FaultyConnection(Application(parts), self.faults),
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

    def issue_token(self, *scopes: str) -> Tokens:
        """Tokens for the account without a browser: with these scopes, or with all there are."""
        return self.accounts.issue_tokens(CLIENT_ID, scopes or tuple(SCOPES))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

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
