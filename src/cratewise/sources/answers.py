"""What a web service answered: what it asks for, and what it says in its JSON."""

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

_LONGEST_SHOWN = 200
_FOR_EVER_S = 1e9  # a number of any length is a number, and one nobody waits for
_PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class Lax(BaseModel):
    """Outside data: what isn't known here is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Model = TypeVar("Model", bound=Lax)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP.

    Attributes:
        status: HTTP status.
        headers: Headers by their names in small letters.
        body: What was sent, decompressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Verdict(Enum):
    """What to do with an answer."""

    READ = auto()
    ASK_AGAIN = auto()
    REFUSED = auto()


def by_status(answer: Answer) -> Verdict:
    """What the HTTP status says should be done."""
    if answer.status == 200:
        return Verdict.READ
    return Verdict.ASK_AGAIN if answer.status in _PASSING_STATUSES else Verdict.REFUSED


def retry_after_s(answer: Answer) -> float | None:
    """Seconds to wait, from `Retry-After`; `None` when it is absent or makes no sense.

    A moment is compared with the answer's own `Date`: this machine's clock may be off.
    """
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), _FOR_EVER_S)
    until_s, now_s = _moment_s(text), _moment_s(answer.headers.get("date", ""))
    return None if until_s is None or now_s is None else max(0.0, until_s - now_s)


def _moment_s(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def read(body: bytes, model: type[Model]) -> Model:
    """Understands a body as JSON of a shape.

    Raises:
        ValueError: It isn't; the message says where, and nothing of the body.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as failure:
        fault = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        message = shown(f"{place}: {fault['msg']}" if place else fault["msg"])
    raise ValueError(message)  # outside, since the cause would show the body


def shown(text: str) -> str:
    """A text of others in a length and in letters that can be put into a message."""
    printable = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()
    return printable if len(printable) <= _LONGEST_SHOWN else printable[:_LONGEST_SHOWN] + "…"
