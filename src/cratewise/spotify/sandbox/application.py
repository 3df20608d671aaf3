"""The application behind the port: built once, and used with whatever account a server was made for."""

from functools import cache

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from cratewise.spotify.sandbox import fault_pages, login_pages, pages
from cratewise.spotify.sandbox.api import api_router
from cratewise.spotify.sandbox.authorisation import Parts
from cratewise.spotify.sandbox.refusals import RefusalError, answer_invalid, answer_refusal, answer_unknown_address


class Application:
    """An ASGI application that serves one account."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._routes: ASGIApp = _routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a call, giving it the parts to work with."""
        scope.setdefault("state", {})["parts"] = self._parts
        if scope["type"] == "http" and scope["path"].startswith("/v1/"):
            scope = {**scope, "path": scope["path"].rstrip("/")}  # Spotify takes both; spotipy asks for "/v1/me/"
        await self._routes(scope, receive, send)


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
    application.include_router(pages.router)
    return application
