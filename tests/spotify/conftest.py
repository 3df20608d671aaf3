"""A real HTTP server that answers what a test tells it to, and a clock that moves only when somebody sleeps."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import Addresses, connect, kept_in
from cratewise.spotify.scopes import SORTING
from cratewise.spotify.timing import Timing
from cratewise.spotify.tokens import Tokens, TokenStore

ACCOUNT = "acc0unt"
START_S = 1_800_000_000.0


@dataclass
class Heard:
    """A request as the server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body, read as a form."""
        return dict(parse_qsl(self.body.decode()))

    @property
    def line(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass
class Reply:
    """What the server answers; `cut` closes the connection without an answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


Rule = Callable[[Heard], Reply]


class ScriptedServer:
    """Answers from a queue; where a rule is set for a path, by that rule."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.rules: dict[str, Rule] = {}
        self._replies: deque[Reply] = deque()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def addresses(self) -> Addresses:
        """The server in the place of Spotify."""
        return Addresses(f"{self.url}/v1", self.url)

    @property
    def lines(self) -> list[str]:
        """Methods and paths of all that was heard."""
        return [heard.line for heard in self.heard]

    def answers(self, status: int = 200, json_body: object = None, **more: Any) -> None:
        """Queues an answer: JSON, or what `body`, `headers` and `cut` say."""
        body = more.pop("body", b"" if json_body is None else json.dumps(json_body).encode())
        self._replies.append(Reply(status, body, **more))

    def close(self) -> None:
        """Stops the server."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _reply(self, heard: Heard) -> Reply:
        with self._lock:
            self.heard.append(heard)
            rule = self.rules.get(heard.path)
            if rule is None:
                return self._replies.popleft() if self._replies else Reply(418, b"no answer was queued")
        return rule(heard)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        reply_to = self._reply

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                address = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = reply_to(Heard(self.command, address.path, query, headers, body))
                self.close_connection = True
                if reply.cut:
                    return
                self.send_response(reply.status)
                for name, value in {"Connection": "close", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names http.server looks for

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        return Handler


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now_s = START_S
        self.slept: list[float] = []
        self.timing = Timing(now_s=lambda: self.now_s, sleep=self._sleep, jitter=lambda: 0.0)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def make_tokens(**changes: Any) -> Tokens:
    """Tokens that last an hour from the clock's start."""
    values: dict[str, Any] = {
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at_s": START_S + 3600,
        "scopes": SORTING,
        "client_id": "my-app",
        "authorised_at_s": START_S,
    }
    return Tokens(**(values | changes))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server on a free port, stopped at the end of the test."""
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def clock() -> FakeClock:
    """The time, stopped."""
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    """The logins of a data folder that is empty as yet."""
    return kept_in(tmp_path).logins


@pytest.fixture
def client(server: ScriptedServer, clock: FakeClock, store: TokenStore, tmp_path: Path) -> Iterator[SpotifyClient]:
    """A client of an account that is logged in, wired as in the program."""
    store.save(ACCOUNT, make_tokens())
    with connect(kept_in(tmp_path), server.addresses, timing=clock.timing) as connected:
        yield connected
