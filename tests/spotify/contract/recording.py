"""Notes every request that the client sends and every answer that the stand-in gives, in whatever test it happens.

This wraps two classes from outside, so that the program needs no seam for it; nothing that is sent changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from cratewise.spotify.sandbox.faults import FaultyConnection
from cratewise.spotify.transport import HttpSender

from .exchanges import Answered, Sent

_API = "/v1"


class Recorder:
    """What was heard and not looked at yet."""

    def __init__(self) -> None:
        self._heard: list[Sent | Answered] = []
        self._lock = Lock()

    def hear(self, exchange: Sent | Answered) -> None:
        """Notes one; may be called by several threads."""
        with self._lock:
            self._heard.append(exchange)

    def take(self) -> list[Sent | Answered]:
        """Everything since the last time."""
        with self._lock:
            heard, self._heard = self._heard, []
        return heard


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Lets a recorder hear everything in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpSender, "__init__", _heard_sender(recorder))
        patch.setattr(FaultyConnection, "__call__", _heard_connection(recorder))
        yield


def _heard_sender(recorder: Recorder) -> Any:
    make = HttpSender.__init__

    def made(sender: HttpSender, base_url: str, *arguments: Any, **named: Any) -> None:
        make(sender, base_url, *arguments, **named)
        base = base_url.rstrip("/")
        note = sender._http.event_hooks["request"]
        sender._http.event_hooks = {"request": [*note, lambda request: recorder.hear(_sent(base, request))]}

    return made


def _sent(base: str, request: httpx.Request) -> Sent:
    path = request.url.path.removeprefix(httpx.URL(base).path.rstrip("/"))
    content_type = request.headers.get("content-type", "")
    return Sent(base, request.method, path, request.url.query.decode(), content_type, request.read())


def _heard_connection(recorder: Recorder) -> Any:
    serve = FaultyConnection.__call__

    async def served(connection: FaultyConnection, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{_API}/"):
            await serve(connection, scope, receive, send)
            return
        started: Message = {}
        body = b""

        async def heard(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    recorder.hear(_answered(scope, started, body))  # before the client can go on to the next test
            await send(message)

        await serve(connection, scope, receive, heard)

    return served


def _answered(scope: Scope, started: Message, body: bytes) -> Answered:
    headers = {name.lower(): value for name, value in started["headers"]}
    content_type = headers.get(b"content-type", b"").decode()
    path, query = scope["path"].removeprefix(_API).rstrip("/"), scope["query_string"].decode()
    return Answered(scope["method"], path, query, started["status"], content_type, body)
