"""Faults on demand: what goes wrong between a client and Spotify, made to happen at a chosen call."""

import json
import socket
import struct
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Moment = Literal["before", "after"]
_JSON = (("content-type", "application/json; charset=utf-8"),)
_HTML_BODY = "<html><head><title>{status}</title></head><body><h1>{status} upstream error</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, which hits the first call it fits and is then used up.

    Attributes:
        kind: "answer" answers with `status`, `body` and `headers`; "reset" cuts the connection; "silence" never
            answers, until the client gives up.
        when: Whether it strikes before the call is carried out, or after it, when its answer is lost.
        method: Only calls with this method; empty for any.
        path: Only calls whose path starts with this, such as "/v1/me/tracks"; empty for any.
    """

    kind: Literal["answer", "reset", "silence"]
    when: Moment = "before"
    status: int = 0
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    method: str = ""
    path: str = ""

    def fits(self, method: str, path: str) -> bool:
        """Whether a call is one of those this fault is meant for."""
        return self.method in ("", method) and path.startswith(self.path)


def too_many_requests(retry_after_s: int, *, reason: str = "", method: str = "", path: str = "") -> Fault:
    """429: of the rolling window, or with `reason="QUOTA_EXCEEDED"` of the day's quota."""
    error: dict[str, Any] = {"status": 429, "message": "Too many requests" if reason else "API rate limit exceeded"}
    if reason:
        error["reason"] = reason
    headers = (("retry-after", str(retry_after_s)), *_JSON)
    return Fault("answer", status=429, body=json.dumps({"error": error}), headers=headers, method=method, path=path)


def server_error(
    status: Literal[500, 502, 503],
    *,
    when: Moment = "before",
    body: str | None = None,
    method: str = "",
    path: str = "",
) -> Fault:
    """500, 502 or 503 as a gateway in between sends it: with a body that is not JSON."""
    text = _HTML_BODY.format(status=status) if body is None else body
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Fault("answer", when, status, text, headers, method, path)


def not_registered(*, method: str = "", path: str = "") -> Fault:
    """403 of an account that is not on the app's user list: plain text."""
    text = "User not registered in the Developer Dashboard"
    return Fault("answer", status=403, body=text, headers=(("content-type", "text/plain"),), method=method, path=path)


def no_premium(*, method: str = "", path: str = "") -> Fault:
    """403 of an app whose owner has no Premium; Spotify's exact words are not known."""
    error = {"status": 403, "message": "Active premium subscription required for the owner of the app."}
    return Fault("answer", status=403, body=json.dumps({"error": error}), headers=_JSON, method=method, path=path)


def not_there_yet(*, method: str = "GET", path: str = "/v1/playlists/") -> Fault:
    """404 for what was made a moment ago: reading lags behind writing."""
    body = json.dumps({"error": {"status": 404, "message": "Resource not found"}})
    return Fault("answer", status=404, body=body, headers=_JSON, method=method, path=path)


def connection_reset(*, when: Moment = "before", method: str = "", path: str = "") -> Fault:
    """The connection is cut instead of an answer."""
    return Fault("reset", when, method=method, path=path)


def silence(*, when: Moment = "before", method: str = "", path: str = "") -> Fault:
    """No answer ever comes; the client's time-out ends it."""
    return Fault("silence", when, method=method, path=path)


@dataclass(slots=True)
class Faults:
    """The faults still to strike, in the order they were added."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, *faults: Fault) -> None:
        """Lets these strike, each once, at the next calls they fit."""
        with self._lock:
            self._waiting.extend(faults)

    def clear(self) -> None:
        """Forgets the faults that have not struck."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The next fault for this call, which is used up by it."""
        with self._lock:
            found = next((fault for fault in self._waiting if fault.fits(method, path)), None)
            if found is not None:
                self._waiting.remove(found)
            return found

    @property
    def waiting(self) -> int:
        """How many have not struck yet."""
        return len(self._waiting)


class FaultyConnection:
    """ASGI middleware that lets the faults strike."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a call on, unless a fault is waiting for it."""
        fault = self._faults.take(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.when == "after":
            await self._app(scope, receive, _swallow)
        match fault.kind:
            case "answer":
                await _answer(fault, send)
            case "reset":
                _cut(scope)
                await _until_disconnected(receive)
            case "silence":
                await _until_disconnected(receive)


async def _swallow(_message: Message) -> None:
    pass


async def _answer(fault: Fault, send: Send) -> None:
    body = fault.body.encode()
    headers = [(name.encode(), value.encode()) for name, value in fault.headers]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cut(scope: Scope) -> None:
    """Closes with a TCP reset: no lingering, and nothing more is sent."""
    transport = scope["state"]["transport"]
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 whose connection the application can reach, so that a fault can cut it."""

    def connection_made(self, transport: Any) -> None:
        """Leaves the connection's transport in the scope of its requests, under `state`."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)
