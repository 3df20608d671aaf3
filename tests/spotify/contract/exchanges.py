"""What went over the wire: requests of the client, and answers of the stand-in."""

import re
from dataclasses import dataclass

_PORT = re.compile(rb"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Sent:
    """A request that the client sent.

    Attributes:
        base: Where the client believes the service to be, as "http://127.0.0.1:8766/v1".
        method: In capitals.
        path: Below `base`, without the query.
        query: As sent.
        content_type: Of the body, empty where there is none.
        body: As sent.
    """

    base: str
    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""

    @property
    def to_api(self) -> bool:
        """Whether it is meant for the Web API, and not for the accounts service."""
        return self.base.endswith("/v1") or not self.path.startswith("/api/")

    def __str__(self) -> str:
        return f"the client's {self.method} {self.path}"


@dataclass(frozen=True)
class Answered:
    """An answer of the stand-in's Web API.

    Attributes:
        method: Of the request.
        path: Of the request, below "/v1".
        query: Of the request.
        status: HTTP status.
        content_type: Of the body, empty where there is none.
        body: As sent; two servers on different ports give the same for the same account.
    """

    method: str
    path: str
    query: str
    status: int
    content_type: str
    body: bytes

    def __str__(self) -> str:
        return f"the stand-in's {self.status} to {self.method} {self.path}"


def without_port(body: bytes) -> bytes:
    """A body whose links lead to the same place on every server, so that one check serves for all."""
    return _PORT.sub(b"http://127.0.0.1", body)
