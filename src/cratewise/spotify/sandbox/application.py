"""The application behind the port: built once, and used with whatever accounts a server was made for."""

from functools import cache

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from cratewise.spotify.sandbox import fault_pages, login_pages, pages, people_pages
from cratewise.spotify.sandbox.api import api_router
from cratewise.spotify.sandbox.crowd import Crowd
from cratewise.spotify.sandbox.refusals import RefusalError, answer_invalid, answer_refusal, answer_unknown_address


class Application:
    """An ASGI application that serves the accounts of one server."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._routes: ASGIApp = _routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a call, giving it the parts of the account it is for to work with."""
        path = scope["path"]
        if path.startswith("/v1/"):
            path = path.rstrip("/")  # Spotify takes both; spotipy asks for "/v1/me/"
        parts, path = self._crowd.found(path, Headers(scope=scope).get("authorization", ""))
        state = {**scope.get("state", {}), "crowd": self._crowd, "parts": parts}
        await self._routes({**scope, "path": path, "state": state}, receive, send)


@cache
def _routes() -> FastAPI:
    """All routes; reading them takes FastAPI a tenth of a second, so it is done once for many servers."""
    application = FastAPI(openapi_url=None, redirect_slashes=False)
    application.add_exception_handler(RefusalError, answer_refusal)
    application.add_exception_handler(RequestValidationError, answer_invalid)
    application.add_exception_handler(HTTPException, answer_unknown_address)
    application.include_router(api_router())
    application.include_router(login_pages.router)
    application.include_router(fault_pages.router)
    application.include_router(people_pages.router)
    application.include_router(pages.router)
    return application
