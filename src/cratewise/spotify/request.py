"""A call to Spotify as a value, apart from how it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent; building one sends nothing.

    Attributes:
        method: "GET", "POST", "PUT" or "DELETE".
        path: Below the address of the service, as "/me/tracks".
        params: The query.
        json: The body, to be sent as JSON; `None` sends none.
        form: The body, to be sent as a form; never shown, since it carries codes and tokens.
        jpeg: The body, to be sent as a picture (base64, as Spotify takes it).
        scopes: What the person must have allowed.
        repeatable: True when sending it twice does no more than sending it once, so that it may be sent again
            although it may have been carried out.
        bearer: Access token; never shown.
    """

    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    jpeg: bytes | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    repeatable: bool = False
    bearer: str = field(default="", repr=False)

    @property
    def call(self) -> str:
        """The call as errors name it: "GET /me/tracks"."""
        return f"{self.method} {self.path}"

    def with_bearer(self, access_token: str) -> "Request":
        """The same request, sent in the name of the token's account."""
        return replace(self, bearer=access_token)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        headers: Names in lower case.
        body: As it came; never shown, since it may carry tokens.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and how the body of its answer is understood.

    Attributes:
        request: What to send.
        understand: Turns the body of a good answer into a value; raises `ValueError` when it cannot.
    """

    request: Request
    understand: Callable[[bytes], T]
