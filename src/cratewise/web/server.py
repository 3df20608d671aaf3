"""The web application put together, and the server that runs it until it is told to stop."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG

from cratewise import __version__
from cratewise.app import Application
from cratewise.errors import SettingsError
from cratewise.settings import Settings
from cratewise.web import api, connect, files, gate, genres, health, pages, sources, upkeep, words
from cratewise.web.assets import STATIC, ImmutableFiles
from cratewise.web.desk import Desk, OwnDesk
from cratewise.web.errors import answer_errors, answer_of
from cratewise.web.metrics import Observed
from cratewise.web.ownworkspace import OwnWorkspace
from cratewise.web.passphrase import Passphrase
from cratewise.web.rendering import Renderer
from cratewise.web.schedule import Timer
from cratewise.web.security import Guard, Reach
from cratewise.web.trial import Trial

STOP_WITHIN_S = 2

_READY_WITHIN_S = 3.0
"""A library that takes longer to read is read while pages are asked for."""

Around = Callable[[FastAPI, ASGIApp, Renderer], ASGIApp]
"""Puts something before the pages that lets in only some."""


def create_app(
    desk: Desk,
    renderer: Renderer,
    before: Around,
    is_ending: Callable[[], bool],
) -> ASGIApp:
    """Builds the pages and the API.

    Args:
        desk: Finds what a request is for.
        renderer: Makes the pages.
        before: Puts something before the pages that lets in only some.
        is_ending: Whether the server was told to end, so that nothing is waited for any more.
    """
    app = FastAPI(
        title="cratewise", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        responses={
            "4XX": {"model": api.ErrorBody, "description": "What went wrong, and what to do"},
            "5XX": {"model": api.ErrorBody, "description": "What went wrong at Spotify, or here"},
        },
    )  # fmt: skip
    app.state.desk = desk
    app.state.renderer = renderer
    app.include_router(api.router)
    app.include_router(words.router)
    app.include_router(genres.router)
    app.include_router(sources.router)
    app.include_router(upkeep.router)
    app.include_router(files.router)
    app.include_router(connect.api)
    app.include_router(connect.router)
    app.include_router(pages.router)
    app.include_router(health.router)
    app.mount(renderer.static, ImmutableFiles(directory=STATIC), name="static")
    answer_errors(app, renderer.error_page)
    whole = before(app, GZipMiddleware(app, minimum_size=800, compresslevel=6), renderer)
    return Observed(Guard(whole, Reach(desk.settings.is_open, desk.settings.public_url), is_ending), desk.metrics)


def open_to_all(_app: FastAPI, whole: ASGIApp, _renderer: Renderer) -> ASGIApp:
    """Puts nothing before the pages."""
    return whole


def config_of(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How the pages are served; a caller's own address is believed of a proxy alone."""
    return uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=STOP_WITHIN_S,
        proxy_headers=bool(settings.public_url),
        log_config=None if settings.log_format == "json" else LOGGING_CONFIG,
    )  # fmt: skip


def _behind_passphrase(passphrase: Passphrase) -> Around:
    def before(app: FastAPI, whole: ASGIApp, renderer: Renderer) -> ASGIApp:
        app.state.passphrase = passphrase
        app.include_router(gate.router)
        app.include_router(gate.api)
        return gate.Gate(
            whole, passphrase.admits, gate.Way(gate.COOKIE, gate.PAGE, {gate.API}), renderer.static, answer_of(app)
        )

    return before


class WebServer(uvicorn.Server):
    """A server that stops in under three seconds, whatever streams are open and whatever job runs.

    Args:
        application: What the pages show; the caller closes it.
        trial: The demo that can be started from the pages, `None` for none.
        announce: Is called once nothing is in the way of the pages.

    Attributes:
        workspace: The application with its jobs and events.
    """

    def __init__(
        self, application: Application, trial: Trial | None = None, announce: Callable[[], object] = lambda: None
    ) -> None:
        self._announce = announce
        self._loop: asyncio.AbstractEventLoop | None = None
        self.workspace = workspace = OwnWorkspace(application, trial)
        self._timer = Timer(application, workspace.jobs)
        settings = application.settings
        before = _behind_passphrase(Passphrase(settings.data_dir)) if settings.is_open else open_to_all
        health.watch(workspace)
        renderer = Renderer(application.taxonomy)
        workspace.ahead.add(renderer.prepare)
        app = create_app(OwnDesk(workspace), renderer, before, lambda: self.should_exit)
        super().__init__(config_of(app, settings))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Goes on with the job that was under way when the server before this one ended, then answers.

        What the pages show is read first, so that the first page comes as soon as any other.
        """
        self._loop = asyncio.get_running_loop()
        self.workspace.open()
        self._announce()
        self._timer.start()
        self.workspace.ahead.start()
        await asyncio.to_thread(self.workspace.ahead.wait_for_round, _READY_WITHIN_S)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is open, and lets another server have the data folder."""
        until_s = time.monotonic() + STOP_WITHIN_S
        self._let_go()
        await super().shutdown(sockets)
        self.workspace.ahead.wait(max(0.0, until_s - time.monotonic()))
        self.workspace.close()

    def handle_exit(self, sig: int, frame: object) -> None:
        """Has uvicorn finish, the streams ended and the job asked to stop: once, which takes seconds at most.

        The work is left to the loop: a signal may come while a lock is held that it needs, or another signal's work is
        being done.
        """
        if self.should_exit:
            return
        super().handle_exit(sig, frame)  # type: ignore[arg-type] # uvicorn names the frame's type, we only pass it on
        self.force_exit = False  # which two signals at one moment come to
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._let_go)

    def stop(self) -> None:
        """Makes `run` return soon; may be called from any thread."""
        self._let_go()
        self.should_exit = True

    def wait_for_job(self) -> None:
        """Gives the running job a moment to reach its next step."""
        self.workspace.runner.wait(STOP_WITHIN_S)

    def _let_go(self) -> None:
        self._timer.stop()
        self.workspace.ahead.stop()
        self.workspace.events.close()
        self.workspace.runner.leave()


def serve(
    application: Application,
    listening: socket.socket,
    trial: Trial | None = None,
    announce: Callable[[], object] = lambda: None,
) -> None:
    """Serves the pages on an open port (`listen`) until Ctrl+C or a request to end the process."""
    server = WebServer(application, trial, announce)
    if threading.current_thread() is threading.main_thread():
        # uvicorn raises the signal it caught once more when it is done: let both mean "return from here".
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with listening, suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    server.wait_for_job()


def listen(host: str, port: int) -> socket.socket:
    """Opens the port.

    Raises:
        SettingsError: It cannot be opened.
    """
    try:
        opened = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.",
            hint="Choose another port with --port, or with CRATEWISE_PORT in the environment.",
        ) from error
    # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it on, every answer takes 40 ms.
    return socket.socket(opened.family, opened.type, socket.IPPROTO_TCP, fileno=opened.detach())
