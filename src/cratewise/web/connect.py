"""Connecting the account: the page that says what to enter where, the way to Spotify, and the way back."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from cratewise.spotify.login import DASHBOARD
from cratewise.web.connection import NO_SUCH_LOGIN, local_way
from cratewise.web.cookies import drop_cookie, keep_cookie
from cratewise.web.desk import AtDesk, Login, Work, desk_of
from cratewise.web.errors import NotFoundError, explained
from cratewise.web.pages import Show
from cratewise.web.security import CALLBACK_PATH, LOOPBACK_NAMES

COOKIE = "login"
SESSION, TROUBLE = "account", "trouble"
"""Cookies of a host: whose session the browser has, and how its latest login failed."""
COOKIE_LIFE_S = 600
SESSION_LIFE_S = 30 * 86_400

api = APIRouter(prefix="/api")
router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


class LoginOrder(BaseModel):
    """What a login is begun with.

    Attributes:
        client_id: The person's app; empty means the one used last.
        writing: Whether playlists are to be written.
        back: The page to go on at.
    """

    client_id: str = Field(default="", max_length=200)
    writing: bool = False
    back: str = "/"


class Address(BaseModel):
    """Where the browser has to go."""

    address: str


class LoggedOut(BaseModel):
    """How many logins were forgotten."""

    logins: int


@api.post("/login")
def begin_login(login: Login, request: Request, order: LoginOrder, response: Response) -> Address:
    """Begins a login in this browser, and says where at Spotify it goes on."""
    address, browser = login.begin(order.client_id, redirect_uri_of(request), order.back, writing=order.writing)
    keep_cookie(request, response, COOKIE, browser, COOKIE_LIFE_S, CALLBACK_PATH)
    return Address(address=address)


@api.post("/logout")
def log_out(login: Login, request: Request, response: Response) -> LoggedOut:
    """Forgets the login; the library stays."""
    forgotten = login.log_out()
    drop_cookie(request, response, SESSION)
    return LoggedOut(logins=forgotten)


@api.post("/demo")
def start_demo(desk: AtDesk) -> Address:
    """Starts the demo beside this program, with a library and an account of its own, and says where it is."""
    if desk.trial is None:
        raise NotFoundError("There is no demo to start from here.", hint="In a terminal, `cratewise demo` starts one.")
    return Address(address=desk.trial.start())


class Forgotten(BaseModel):
    """Whose library was forgotten."""

    name: str


@api.post("/forget")
def forget(workspace: Work, login: Login) -> Forgotten:
    """Forgets the library, the history and the login; the playlists in the account stay."""
    known = login.forget()
    workspace.library_changed()
    return Forgotten(name=known.name)


@router.get("/connect")
def show_connect(
    workspace: Work,
    connection: Login,
    desk: AtDesk,
    show: Show,
    request: Request,
    *,
    writing: bool = False,
    back: str = "/",
    stale: bool = False,
) -> Response:
    """What to enter at Spotify, and the button that goes there; whoever is logged in finds the way out here."""
    home = redirect_uri_of(request).removesuffix(CALLBACK_PATH)
    comes_back = request.url.netloc == urlsplit(home).netloc
    if request.url.hostname in LOOPBACK_NAMES and not comes_back:  # a cookie of `localhost` would be missing then
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{home}/connect{query}", status_code=303)
    trouble = connection.trouble if connection.trouble and connection.trouble.writing == writing else None
    error = NO_SUCH_LOGIN if stale and not workspace.may() else trouble.error if trouble else None
    return show.page(
        "connect.html", "/connect",
        writing=writing,
        may_write=workspace.may(write=True),
        back=trouble.back if trouble and back == "/" else local_way(back),
        trouble=explained(error) if error else None,
        is_waited_for=connection.is_waited_for,
        client_id=connection.client_id,
        typed=connection.typed,
        redirect_uri=redirect_uri_of(request),
        comes_back=comes_back,
        home=home,
        has_demo=desk.trial is not None,
        dashboard=DASHBOARD,
    )  # fmt: skip


@router.get(CALLBACK_PATH)
def come_back(
    connection: Login,
    request: Request,
    login: Annotated[str, Cookie()] = "",
    state: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Takes the browser's return from Spotify, and moves it on at once: the code is to stay in no address bar."""
    landing = None
    if request.headers.get("sec-fetch-dest", "document") == "document":  # no picture or frame of another site
        landing = connection.finish({**request.query_params, "state": state}, login)
    answer = RedirectResponse(landing.way if landing else "/connect?stale=true", status_code=303)
    if landing is None:
        return answer
    drop_cookie(request, answer, COOKIE, CALLBACK_PATH)
    if landing.session:
        keep_cookie(request, answer, SESSION, landing.session, SESSION_LIFE_S)
    if landing.trouble:
        keep_cookie(request, answer, TROUBLE, landing.trouble, COOKIE_LIFE_S, "/connect")
    return answer


def redirect_uri_of(request: Request) -> str:
    """Where Spotify sends the browser back to: this server, by the number that Spotify takes instead of a name.

    From beyond this machine Spotify takes encrypted addresses alone.
    """
    settings = desk_of(request).settings
    if settings.public_url.startswith("https://"):
        return f"{settings.public_url}{CALLBACK_PATH}"
    host = "[::1]" if settings.host == "::1" else "127.0.0.1"
    return f"http://{host}:{request.scope['server'][1]}{CALLBACK_PATH}"
