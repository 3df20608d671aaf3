"""From an answer to a value, or to the error that says which call failed, why, and what to do."""

import re
from typing import Annotated, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from cratewise.errors import SpotifyError
from cratewise.spotify.errors import (
    BadAnswer,
    Forbidden,
    ForbiddenReason,
    LoginRequired,
    NotFound,
    RateLimited,
    Refused,
    ScopeMissing,
    ServerFailed,
)
from cratewise.spotify.reading import read_json
from cratewise.spotify.request import Answer, Call, Request
from cratewise.spotify.retry import retry_after_s
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.transport import Sender

T = TypeVar("T")
_LONGEST_MESSAGE = 200


class Complaint(NamedTuple):
    """What an answer says went wrong.

    Attributes:
        message: In Spotify's words; empty when it gave none that can be shown.
        reason: A code such as "QUOTA_EXCEEDED" or "invalid_grant", or empty.
    """

    message: str
    reason: str


class _Lax(BaseModel):
    model_config = ConfigDict(extra="ignore")


def _text_or_nothing(value: object) -> str:
    return value if isinstance(value, str) else ""


TextOrNothing = Annotated[str, BeforeValidator(_text_or_nothing)]


class _ErrorObject(_Lax):
    message: TextOrNothing = ""
    reason: TextOrNothing = ""


class _ApiError(_Lax):
    error: _ErrorObject


class _TokenError(_Lax):
    error: str
    error_description: TextOrNothing = ""


def complaint_of(answer: Answer) -> Complaint:
    """Reads what went wrong from the body, in any of the forms Spotify and the servers before it use."""
    try:
        body = read_json(answer.body)
    except ValueError:
        body = None
    try:
        api = _ApiError.model_validate(body).error
        return Complaint(_shown(api.message), api.reason)
    except ValidationError:
        pass
    try:
        token = _TokenError.model_validate(body)
        return Complaint(_shown(token.error_description or token.error), token.error)
    except ValidationError:
        text = answer.body[:2000].decode("utf-8", "replace")
        return Complaint("" if text.lstrip().startswith(("<", "{", "[")) else _shown(text), "")


def _shown(text: str) -> str:
    printable = re.sub(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", text).strip()
    return printable if len(printable) <= _LONGEST_MESSAGE else printable[:_LONGEST_MESSAGE] + "…"


def perform(sender: Sender, call: Call[T], timing: Timing = SYSTEM_TIME) -> T:
    """Sends a call and understands its answer.

    Raises:
        SpotifyError: The call failed; see the subclasses in `errors`.
    """
    return understood(call, sender.send(call.request), timing)


def understood(call: Call[T], answer: Answer, timing: Timing = SYSTEM_TIME) -> T:
    """The value of an answer.

    Raises:
        SpotifyError: The answer is a refusal, or not what the call should give.
    """
    if not 200 <= answer.status < 300:
        raise failure_of(call.request, answer, timing.now_s())
    try:
        return call.understand(answer.body)
    except ValueError as failure:
        raise BadAnswer(
            call.request.call,
            f"the answer is not understood ({_first_fault(failure)})",
            hint="Try again; if it stays, Spotify has changed this call and cratewise needs an update.",
            maybe_carried_out=not call.request.repeatable,
        ) from None  # the cause would show the body


def _first_fault(failure: ValueError) -> str:
    if not isinstance(failure, ValidationError):
        return str(failure)
    fault = failure.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return _shown(f"{place}: {fault['msg']}" if place else fault["msg"])


def failure_of(request: Request, answer: Answer, now_s: float) -> SpotifyError:
    """The error that fits an answer whose status is not 2xx."""
    call, status = request.call, answer.status
    said = complaint_of(answer).message
    message = f"{status} {said}".rstrip()
    unsure = not request.repeatable
    match status:
        case 401:
            failure: SpotifyError = LoginRequired(f"{call}: Spotify does not accept the login ({message})")
        case 403:
            failure = _forbidden(call, message)
        case 404:
            failure = NotFound(call, message, hint="It may have been deleted, or be a moment too new to be seen.")
        case 429:
            failure = RateLimited(call, retry_after_s(answer, now_s))
        case _ if status >= 500:
            message = f"Spotify has a fault of its own ({message})"
            failure = ServerFailed(call, message, hint="Try again in a few minutes.", maybe_carried_out=unsure)
        case _ if status >= 400:
            failure = Refused(call, message)
        case _:
            failure = BadAnswer(call, f"unexpected status {message}", maybe_carried_out=unsure)
    return failure


def _forbidden(call: str, message: str) -> SpotifyError:
    said = message.casefold()
    if "scope" in said:
        return ScopeMissing(call)
    if "not registered" in said or "not be registered" in said:
        return Forbidden(call, message, reason=ForbiddenReason.NOT_ON_APP_LIST)
    if "premium" in said:
        return Forbidden(call, message, reason=ForbiddenReason.NO_PREMIUM)
    return Forbidden(call, message, reason=ForbiddenReason.OTHER)
