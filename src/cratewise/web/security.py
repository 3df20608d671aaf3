"""What keeps other sites out of a program that listens on the person's own machine."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_BODY = 1_000_000
"""Bytes of a request's body; the longest that the pages send names 20,000 selected songs."""
LONGEST_FILE = 200_000_000
"""Bytes of a file that is imported; 100,000 songs with everything about them are 150 MB."""
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


class Guard:
    """Refuses foreign hosts and foreign writes, and puts the security headers on every answer.

    - The `Host` header must name this machine and the port that was really reached: a name that an attacker's DNS
      points at 127.0.0.1 ("DNS rebinding") is not answered.
    - A write that a browser sends for another site is refused, by `Sec-Fetch-Site` and, where that is absent, by
      `Origin`. A client that sends neither is no browser, so no other site can be behind it.
    - A body of unusual length is refused unread.
    - Answers are not stored by the browser unless they say otherwise themselves.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"] == CALLBACK_PATH:  # its address carries a code
                    headers["Referrer-Policy"] = "no-referrer"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = _refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)


def _refusal(scope: Scope) -> JSONResponse | None:
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers or not _is_short(headers.get("content-length", "0"), scope["path"]):
        return _error(413, "That is more than any page here sends.", "A file is imported up to 200 MB.")
    host = headers.get("host", "")
    if not _is_this_server(host, scope):
        return _error(421, f"“{host}” is not this server.", "Open the address that the terminal shows.")
    if scope["method"] not in READING and _is_foreign(headers, host):
        return _error(403, "Another site tried to change something here.", "Use the buttons on this server's pages.")
    return None


def _is_short(content_length: str, path: str) -> bool:
    longest = LONGEST_FILE if path == IMPORT_PATH else LONGEST_BODY
    return content_length.isdecimal() and int(content_length) <= longest


def _is_this_server(host: str, scope: Scope) -> bool:
    try:
        asked = urlsplit(f"//{host}")
        name, port = asked.hostname, asked.port or 80
    except ValueError:
        return False
    reached = scope.get("server")
    return "@" not in host and name in LOOPBACK_NAMES and (reached is None or port == reached[1])


def _is_foreign(headers: Headers, host: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    return origin is not None and origin != f"http://{host}"


def _error(status: int, message: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "hint": hint}}, status_code=status)
