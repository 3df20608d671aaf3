"""The web process of a host: the pages and the API for every account, beside any number of others like it."""

import math
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp

from cratewise.errors import CratewiseError
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.hosting.desk import HostDesk, Usage
from cratewise.hosting.host import Host
from cratewise.hosting.queue import Queue
from cratewise.web.connect import SESSION
from cratewise.web.cookies import drop_cookie
from cratewise.web.errors import answer_of
from cratewise.web.gate import Entered, Gate, Way
from cratewise.web.rendering import Renderer
from cratewise.web.security import CALLBACK_PATH
from cratewise.web.server import Around, config_of, create_app

OPEN_PATHS = frozenset({CALLBACK_PATH, "/api/login", "/api/theme", "/genres.css", "/favicon.ico"})
"""What the page to log in on needs, beside its own address and the static files."""

api = APIRouter(prefix="/api")


@api.post("/leave")
def leave(request: Request, response: Response) -> Entered:
    """Ends the session of this browser; the login stays for the account's other browsers and its schedule."""
    host: Host = request.app.state.host
    host.sessions.end(request.cookies.get(SESSION, ""))
    drop_cookie(request, response, SESSION)
    return Entered(inside=False)


class HostServer(uvicorn.Server):
    """A web process that stops in under three seconds, whatever streams are open.

    Args:
        host: What the accounts share; the caller closes it.
    """

    def __init__(self, host: Host) -> None:
        url = host.settings.library_url
        self._queue = Queue(url)
        self._queue.open()
        self.desk = HostDesk(host, self._queue)
        self._watch(host)
        renderer = Renderer(load_taxonomy())
        renderer.prepare()
        app = create_app(self.desk, renderer, self._before(host), lambda: self.should_exit)
        super().__init__(config_of(app, host.settings))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens to what other processes do, then answers."""
        self.desk.changes.start()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is open."""
        self.desk.end_streams()
        await super().shutdown(sockets)
        self.desk.changes.stop()
        self._queue.close()
        self.desk.close()

    def handle_exit(self, sig: int, frame: object) -> None:
        """Has uvicorn finish: once, which takes seconds at most; the streams are ended where no signal interrupts."""
        if self.should_exit:
            return
        super().handle_exit(sig, frame)  # type: ignore[arg-type] # uvicorn names the frame's type, we only pass it on
        self.force_exit = False  # which two signals at one moment come to

    def stop(self) -> None:
        """Makes `run` return soon; may be called from any thread."""
        self.desk.end_streams()
        self.should_exit = True

    def _before(self, host: Host) -> Around:
        def before(app: FastAPI, whole: ASGIApp, renderer: Renderer) -> ASGIApp:
            app.state.host = host
            app.include_router(api)
            return Gate(
                Usage(whole), self.desk.admits, Way(SESSION, "/connect", OPEN_PATHS), renderer.static, answer_of(app)
            )

        return before

    def _watch(self, host: Host) -> None:
        add = self.desk.metrics.watch
        add("streams", "Tabs that are told of changes.", lambda: float(self.desk.n_streams()))
        add("workspaces", "Accounts whose pages are open here.", lambda: float(self.desk.n_open()))
        add("jobs_active", "Accounts with a job that waits or runs.", lambda: _read(lambda: len(host.board.active())))
        add("jobs_failed", "Accounts whose newest job failed.", lambda: _read(host.board.n_failed))
        add("songs", "Liked songs in the libraries of all accounts.", lambda: _read(host.n_songs))
        add("spotify_calls_day", "Calls to Spotify in the last 24 hours.", lambda: _read(host.calls_today))


def _read(number: Callable[[], int]) -> float:
    """A number of the database; NaN while that is away."""
    try:
        return float(number())
    except CratewiseError:
        return math.nan


def serve_host(host: Host, listening: socket.socket) -> None:
    """Serves the pages on an open port until Ctrl+C or a request to end the process."""
    server = HostServer(host)
    if threading.current_thread() is threading.main_thread():
        # uvicorn raises the signal it caught once more when it is done: let both mean "return from here"
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with listening, suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
