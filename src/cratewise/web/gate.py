"""The way in where a passphrase is asked for: a page, a cookie, and everything else behind it."""

import asyncio
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cratewise.errors import CratewiseError
from cratewise.web.connection import local_way
from cratewise.web.health import PATHS
from cratewise.web.passphrase import SESSION_LIFE_S, Passphrase
from cratewise.web.rendering import Renderer
from cratewise.web.security import READING

COOKIE = "session"
PAGE = "/enter"
API = "/api/enter"

api = APIRouter(prefix="/api")
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


LET_IN = "cratewise.let_in"
"""Key of the scope of a request whose cookie let it in."""


class Entry(BaseModel):
    """What was entered."""

    passphrase: Annotated[str, Field(max_length=1000)]


class Entered(BaseModel):
    """Whether this browser is inside now."""

    inside: bool


@dataclass(frozen=True, slots=True)
class Way:
    """The way in.

    Attributes:
        cookie: Name of the cookie of those who were let in.
        page: The page on which somebody gets it.
        open_paths: What else that page needs.
    """

    cookie: str
    page: str
    open_paths: Set[str]


class Gate:
    """Answers nobody but those who were let in, save with the page on which somebody is.

    Args:
        app: What is behind it.
        admits: Whether what the cookie holds is of somebody who was let in.
        way: The way in.
        static: Where the style sheets, scripts and icons of that page are.
        explain: Answers where it cannot be told now who was let in.
    """

    def __init__(
        self,
        app: ASGIApp,
        admits: Callable[[str], bool],
        way: Way,
        static: str,
        explain: Callable[[Request, CratewiseError], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._explain = explain
        self._admits = admits
        self._way = way
        self._open = {way.page, *way.open_paths, *PATHS}
        self._static = f"{static}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        path = scope.get("path", "")
        is_for_all = scope["type"] != "http" or path in self._open or path.startswith(self._static)
        if is_for_all:
            await self._app(scope, receive, send)
            return
        try:
            is_inside = await self._is_inside(HTTPConnection(scope).cookies.get(self._way.cookie, ""))
        except CratewiseError as trouble:
            await (await self._explain(Request(scope), trouble))(scope, receive, send)
            return
        if is_inside:
            scope[LET_IN] = True  # in the request's own scope, in which the route is noted for the numbers
            await self._app(scope, receive, self._while_inside(scope, receive, send))
        else:
            await self._refuse(scope, receive, send)

    def _while_inside(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Sends an answer to whoever is still let in when it is made.

        Else what it says is of an account that is another's or nobody's by now, as an emptied library, or something
        that went wrong for that. A change that was made is told in any case: it may be that whoever asked went out.
        """
        is_refused = False

        async def send_checked(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start":
                is_telling = scope["method"] in READING or message["status"] >= HTTPStatus.BAD_REQUEST
                if is_telling and not await self._is_still_inside(scope):
                    is_refused = True
                    await self._refuse(scope, receive, send)
            if not is_refused:
                await send(message)

        return send_checked

    async def _is_still_inside(self, scope: Scope) -> bool:
        try:
            return await self._is_inside(HTTPConnection(scope).cookies.get(self._way.cookie, ""))
        except CratewiseError:  # it cannot be told now: what was answered was for somebody who was let in
            return True

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/api"):
            error = {"message": "This browser was not let in, or not any more.", "hint": "Load the page again."}
            await JSONResponse({"error": error}, status_code=401)(scope, receive, send)
        else:
            query = scope.get("query_string", b"").decode("latin-1")
            back = urlencode({"back": path + (f"?{query}" if query else "")})
            await RedirectResponse(f"{self._way.page}?{back}", status_code=303)(scope, receive, send)

    async def _is_inside(self, cookie: str) -> bool:
        return bool(cookie) and await asyncio.to_thread(self._admits, cookie)


@router.get(PAGE)
def show_entry(request: Request, back: str = "/") -> Response:
    """Asks for the passphrase."""
    renderer: Renderer = request.app.state.renderer
    return renderer.page(request, "enter.html", back=local_way(back))


@api.post("/enter")
def enter(request: Request, response: Response, entry: Entry) -> Entered:
    """Lets this browser in for 30 days, if it knows the passphrase."""
    passphrase: Passphrase = request.app.state.passphrase
    session = passphrase.enter(entry.passphrase, request.client.host if request.client else "")
    # lax: a strict cookie would not come along when Spotify sends the browser back
    response.set_cookie(
        COOKIE, session, max_age=SESSION_LIFE_S, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return Entered(inside=True)


@api.post("/leave")
def leave(response: Response) -> Entered:
    """Asks this browser for the passphrase again from now on."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return Entered(inside=False)
