"""How errors reach a browser: one JSON shape under /api, one page elsewhere."""

import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cratewise.errors import (
    CratewiseError,
    DataFileError,
    GenresError,
    LibraryAwayError,
    LibraryError,
    LibraryRefusedError,
    ModelError,
    PlaylistsError,
    SettingsError,
    SpotifyError,
)
from cratewise.exclusive import InUseError
from cratewise.jobs.state import Failure, JobBusyError, NobodyError
from cratewise.spotify.errors import LoginFailed, LoginRequired, ScopeMissing
from cratewise.web.passphrase import TooManyAttemptsError, WrongPassphraseError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a person goes on from an error.

    Attributes:
        path: Address of a page.
        name: What the link says.
    """

    path: str
    name: str


OVERVIEW = Way("/", "Go to the overview")
GENRES = Way("/genres", "Go to the genres")
HISTORY = Way("/history", "Go to the history")
CONNECT = Way("/connect", "Log in")
COMMAND = "`cratewise "
AWAY, AGAIN = "The library cannot be reached right now.", "Try again in a moment. Nothing that was kept is lost."
SORT_FIRST = "Have your songs read and sorted first."
NO_PAGE, GO_ON = "There is no such page.", "Go on from the overview."
Page = Callable[[Request, int, str, str, Way], Response]
Handler = Callable[[Request, Exception], Awaitable[Response]]


class OutdatedError(CratewiseError):
    """A job found the account other than it was read last, so that it has to be read again first."""


class NotFoundError(CratewiseError):
    """An address names something that is not there."""


STATUS = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    NobodyError: HTTPStatus.UNAUTHORIZED,
    GenresError: HTTPStatus.UNPROCESSABLE_ENTITY,
    JobBusyError: HTTPStatus.CONFLICT,
    PlaylistsError: HTTPStatus.CONFLICT,
    LibraryAwayError: HTTPStatus.SERVICE_UNAVAILABLE,  # before what they are kinds of
    LibraryRefusedError: HTTPStatus.SERVICE_UNAVAILABLE,
    LibraryError: HTTPStatus.CONFLICT,
    ModelError: HTTPStatus.CONFLICT,
    DataFileError: HTTPStatus.CONFLICT,
    SettingsError: HTTPStatus.CONFLICT,
    InUseError: HTTPStatus.CONFLICT,
    LoginRequired: HTTPStatus.CONFLICT,
    WrongPassphraseError: HTTPStatus.FORBIDDEN,
    TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS,
    LoginFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    SpotifyError: HTTPStatus.BAD_GATEWAY,
}


def login_hint(error: LoginRequired) -> str:
    """What to do about a missing login where there is a page for it."""
    if isinstance(error, ScopeMissing):
        return "Spotify has to ask you for it first. Everything is kept, and you come back here."
    return error.hint if COMMAND not in error.hint else "Log in again. Everything in your library is kept."


def explained(error: CratewiseError) -> tuple[str, str, Way]:
    """Message, hint and the way on, in the terms of the pages: what to do on the terminal helps nobody there.

    Where a database is that cannot be reached, and what its server says, is for the log alone.
    """
    if isinstance(error, LibraryAwayError | LibraryRefusedError):
        logger.warning("the database did not do what a page or a job asked for: %s", error)
        is_away = isinstance(error, LibraryAwayError)
        return (AWAY, AGAIN, OVERVIEW) if is_away else (f"{error.headline}.", error.hint or AGAIN, OVERVIEW)
    if error.headline:
        return f"{error.headline}.", f"{error.hint} (In full: {str(error).rstrip('.')}.)".lstrip(), OVERVIEW
    if isinstance(error, GenresError):
        message = str(error)
        return f"{message[:1].upper()}{message[1:]}.", "Choose from those that your songs have.", GENRES
    if isinstance(error, LoginRequired):
        return str(error), login_hint(error), CONNECT
    if COMMAND in error.hint and isinstance(error, LibraryError | PlaylistsError):
        is_run = isinstance(error, PlaylistsError)
        hint, way = ("The history shows every run.", HISTORY) if is_run else (SORT_FIRST, OVERVIEW)
        return str(error), hint, way
    return str(error), error.hint, OVERVIEW


def failure_of(error: CratewiseError) -> Failure:
    """What became of a job, in the same terms."""
    message, hint, _ = explained(error)
    if isinstance(error, ScopeMissing):
        return Failure(message, hint, login="writing")
    if isinstance(error, LoginRequired):
        return Failure(message, hint, login="reading")
    return Failure(message, hint, is_outdated=isinstance(error, OutdatedError))


def answer_errors(app: FastAPI, page: Page) -> None:
    """Makes every error of `app` answer in its shape; `page` renders the one for people."""

    def answer(request: Request, status: int, message: str, hint: str, way: Way = OVERVIEW) -> Response:
        if request.url.path.startswith("/api"):
            return JSONResponse({"error": {"message": message, "hint": hint}}, status_code=status)
        if way.path == request.url.path:  # it would lead nowhere else
            way = Way(way.path, "Try again")
        return page(request, status, message, hint, way)

    async def raised(request: Request, error: Exception) -> Response:
        said = explained(error) if isinstance(error, CratewiseError) else (str(error), "", OVERVIEW)
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
        answered = answer(request, int(status), *said)
        if isinstance(error, TooManyAttemptsError):
            answered.headers["Retry-After"] = str(math.ceil(error.wait_s))
        return answered

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == HTTPStatus.NOT_FOUND:
            return answer(request, status, NO_PAGE, GO_ON)
        return answer(request, status, f"{HTTPStatus(status).phrase}.", "")

    async def invalid(request: Request, error: Exception) -> Response:
        if not request.url.path.startswith("/api"):
            return answer(request, HTTPStatus.NOT_FOUND, NO_PAGE, GO_ON)
        found = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": ""}
        where = ".".join(str(part) for part in found["loc"])
        return answer(request, 422, f"{where}: {found['msg']}.", "/api/openapi.json says what is expected.")

    async def unforeseen(request: Request, _error: Exception) -> Response:
        return answer(request, 500, "Something went wrong that should not have.", "The terminal shows the details.")

    app.add_exception_handler(CratewiseError, raised)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unforeseen)


def answer_of(app: FastAPI) -> Callable[[Request, CratewiseError], Awaitable[Response]]:
    """How `app` answers an error, for what stands before it."""

    async def answer(request: Request, error: CratewiseError) -> Response:
        answered: Response = await app.exception_handlers[CratewiseError](request, error)  # type: ignore[misc]
        return answered

    return answer
