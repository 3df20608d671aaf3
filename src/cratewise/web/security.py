"""What keeps other sites out of a program that listens on the person's own machine."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_BODY = 1_000_000
"""Bytes of a request's body; the longest that the pages send names 20,000 selected songs."""
LONGEST_FILE = 200_000_000
"""Bytes of a file that is imported; 100,000 songs with everything about them are 150 MB."""
BODY_GOES_ON_WITHIN_S = 20.0
"""Seconds between two parts of a body; a phone in a tunnel is out for less."""
_LOOKED_EVERY_S = 0.25
IMPORT_PATH = "/api/jobs/import"
CALLBACK_PATH = "/callback"
"""Where Spotify sends the browser back to after a login."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})

# Everything comes from this server; album covers may come from Spotify's image servers. Nothing inline, ever.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' https:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ENCRYPTED_ONLY = "max-age=31536000"
"""What has a browser come by encrypted connections alone for a year."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Under which names the server may be reached.

    Attributes:
        is_open: Whether from beyond this machine.
        public_url: Where people open it when something stands before it, such as "https://music.example.org"; or empty.
    """

    is_open: bool = False
    public_url: str = ""

    def is_public(self, host: str) -> bool:
        """Whether a `Host` header is the public address, as it is behind a proxy."""
        return bool(self.public_url) and host.lower() == urlsplit(self.public_url).netloc

    def is_encrypted(self, host: str) -> bool:
        """Whether a `Host` header is an encrypted public address of more than this machine's own."""
        public = urlsplit(self.public_url)
        return self.is_public(host) and public.scheme == "https" and public.hostname not in LOOPBACK_NAMES

    def home(self, host: str) -> str:
        """What a browser names as the origin of the pages that are opened under a `Host` header."""
        return self.public_url if self.is_public(host) else f"http://{host}"

    def includes(self, host: str, scope: Scope) -> bool:
        """Whether a `Host` header is of this server."""
        if self.is_public(host):
            return True
        try:
            asked = urlsplit(f"//{host}")
            name, port = asked.hostname or "", asked.port or 80
        except ValueError:
            return False
        reached = scope.get("server")
        if "@" in host or (reached is not None and port != reached[1]):
            return False
        return name in LOOPBACK_NAMES or (self.is_open and (_is_number(name) or name in _own_names()))


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset({name, f"{name}.local"})


class Guard:
    """Refuses foreign hosts and foreign writes, and puts the security headers on every answer.

    - The `Host` header must name this machine and the port that was really reached, or be the public address: a name
      that an attacker's DNS points here ("DNS rebinding") is not answered. Where the pages are open to other machines,
      numbers will do, which no DNS can point anywhere.
    - A write that a browser sends for another site is refused, by `Sec-Fetch-Site` and, where that is absent, by
      `Origin`. A client that sends neither is no browser, so no other site can be behind it.
      Behind a public address that is encrypted, its unencrypted one is another site.
    - Where that address is asked for, browsers are told to ask for it encrypted alone.
    - A body of unusual length is refused unread, and one that does not go on for a while is not waited for.
    - Where a page can be read, its headers alone can be asked for (`HEAD`).
    - Answers are not stored by the browser unless they say otherwise themselves.
    """

    def __init__(self, app: ASGIApp, reach: Reach = Reach(), is_ending: Callable[[], bool] = lambda: False) -> None:
        self._app = app
        self._reach = reach
        self._is_ending = is_ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        is_for_headers = scope["method"] == "HEAD"
        if is_for_headers:
            scope = {**scope, "method": "GET"}

        is_encrypted = self._reach.is_encrypted(Headers(scope=scope).get("host", ""))

        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] == "http.response.body" and is_for_headers:
                message = {**message, "body": b""}
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"] == CALLBACK_PATH:  # its address carries a code
                    headers["Referrer-Policy"] = "no-referrer"
                if is_encrypted:
                    headers["Strict-Transport-Security"] = ENCRYPTED_ONLY
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        try:
            await (refusal or self._app)(scope, _impatient(receive, self._is_ending), send_with_headers)
        except asyncio.CancelledError:
            if not self._is_ending() or has_begun:
                raise
            await _error(503, "cratewise was stopped.", "Start it again, then repeat this.")(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers or not _is_short(headers.get("content-length", "0"), scope["path"]):
            return _error(413, "That is more than any page here sends.", "A file is imported up to 200 MB.")
        host = headers.get("host", "")
        if not self._reach.includes(host, scope):
            return _error(421, f"“{host}” is not this server.", "Open the address that the terminal shows.")
        if scope["method"] not in READING and self._is_foreign(headers, host):
            hint = "Use the buttons on this server's pages."
            return _error(403, "Another site tried to change something here.", hint)
        return None

    def _is_foreign(self, headers: Headers, host: str) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site != "same-origin"
        origin = headers.get("origin")
        return origin is not None and origin not in {self._reach.home(host), self._reach.public_url or None}


def _impatient(receive: Receive, is_ending: Callable[[], bool]) -> Receive:
    """Receives as `receive` does, but waits for the next part of a body only so long, and for none when all ends.

    Raises:
        HTTPException: It did not come.
    """
    is_whole = False

    async def receive_part() -> Message:
        nonlocal is_whole
        if is_whole:  # what comes now is that the browser has gone, whenever that is
            return await receive()
        part = asyncio.ensure_future(receive())
        until_s = time.monotonic() + BODY_GOES_ON_WITHIN_S
        while not (await asyncio.wait({part}, timeout=min(_LOOKED_EVERY_S, BODY_GOES_ON_WITHIN_S)))[0]:
            if is_ending() or time.monotonic() >= until_s:
                part.cancel()
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT)
        message = part.result()
        is_whole = not message.get("more_body", False)
        return message

    return receive_part


def _is_short(content_length: str, path: str) -> bool:
    longest = LONGEST_FILE if path == IMPORT_PATH else LONGEST_BODY
    return content_length.isdecimal() and int(content_length) <= longest


def _error(status: int, message: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "hint": hint}}, status_code=status)
