"""Waiting on this machine for the browser to come back from Spotify."""

import html
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from cratewise.errors import CratewiseError
from cratewise.spotify.errors import LoginFailed
from cratewise.spotify.login import DASHBOARD
from cratewise.spotify.values import User

HOST = "127.0.0.1"
PATH = "/callback"
_STRAY = "This page does not belong to the login that was begun last."
_STRAY_HINT = "That one is still waited for: close pages of older attempts, and open the address in the terminal."
_PATIENCE_S = 5.0  # for sending the page, before the program may end


def redirect_uri(port: int) -> str:
    """The redirect URI as it must stand in Spotify's dashboard, to the letter."""
    return f"http://{HOST}:{port}{PATH}"


def refusals_at_spotify(redirect_uri: str) -> str:
    """What to do about mistakes that only Spotify's own page shows, without sending anybody back here."""
    return (
        f"If Spotify shows “INVALID_CLIENT: Invalid redirect URI” (or “redirect_uri: Not matching configuration”): "
        f"open your app on {DASHBOARD}, Settings, Edit, and add {redirect_uri} to the letter under Redirect URIs. "
        "If it shows “INVALID_CLIENT: Invalid client”: copy the Client ID from there once more. Then log in again."
    )


class _Visit:
    """The browser's return, which waits for the page that tells how the login went."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = query
        self.page: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        self.is_shown = threading.Event()


class Listener:
    """Takes the browser's return, lets `finish` turn it into a user, and shows the outcome as a page."""

    def __init__(
        self,
        port: int,
        finish: Callable[[Mapping[str, str]], User],
        is_meant: Callable[[Mapping[str, str]], bool],
    ) -> None:
        """Opens the port; use it as a context manager, which answers and gives the port back.

        Args:
            port: Port on 127.0.0.1; 0 takes a free one.
            finish: Called once with the query Spotify sent the person back with.
            is_meant: Whether a query belongs to this login; any other visit is answered and waited past.

        Raises:
            LoginFailed: The port is taken.
        """
        self._visits: queue.SimpleQueue[_Visit] = queue.SimpleQueue()
        self._is_meant = is_meant
        self._finish = finish
        self._once = threading.Lock()
        try:
            self._server = _Server((HOST, port), self._handler())
        except OSError as failure:
            raise LoginFailed(
                f"port {port} on this machine cannot be opened ({failure.strerror})",
                hint=f"If `cratewise web` is running there, log in on its page: http://{HOST}:{port}/connect . Else "
                f"choose another port (`cratewise login --port 8767`), and add {redirect_uri(8767)} to the Redirect "
                f"URIs of your app on {DASHBOARD}.",
            ) from failure
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def redirect_uri(self) -> str:
        """Where Spotify must send the browser."""
        return redirect_uri(self._server.server_port)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, timeout_s: float) -> User:
        """Waits for the browser.

        Raises:
            LoginFailed: Nobody came in time, or the person declined.
            CratewiseError: What `finish` raised.
        """
        try:
            visit = self._visits.get(timeout=timeout_s)
        except queue.Empty:
            raise LoginFailed(
                f"nobody came back from Spotify within {timeout_s:.0f} seconds",
                hint=f"{refusals_at_spotify(self.redirect_uri)} If the page was closed: log in again.",
            ) from None
        try:
            user = self._finish(visit.query)
        except CratewiseError as failure:
            visit.page.put((400, _page("Not logged in", str(failure), failure.hint)))
            raise
        else:
            visit.page.put((200, _page("Logged in", f"Hello {user.display_name}.", "You can close this page.")))
            return user
        finally:
            visit.is_shown.wait(_PATIENCE_S)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receive, is_meant = self._receive, self._is_meant

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                if address.path != PATH:
                    self._show(404, _page("Nothing here", "This address is only for coming back from Spotify.", ""))
                    return
                query = dict(parse_qsl(address.query))
                if not is_meant(query):
                    self._show(409, _page("Not this login", _STRAY, _STRAY_HINT))
                    return
                visit = receive(query)
                if visit is None:
                    self._show(409, _page("Already done", "This login is over. You can close this page.", ""))
                    return
                try:
                    self._show(*visit.page.get())
                finally:
                    visit.is_shown.set()

            def _show(self, status: int, page: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                self.end_headers()
                self.wfile.write(page)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Logs nothing: the address carries the code."""

        return Handler

    def _receive(self, query: Mapping[str, str]) -> _Visit | None:
        if not self._once.acquire(blocking=False):
            return None
        visit = _Visit(query)
        self._visits.put(visit)
        return visit


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # nobody waits for the connections that browsers open ahead
    allow_reuse_address = os.name == "posix"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Passes over a browser that goes away before its page is there."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _page(title: str, message: str, hint: str) -> bytes:
    return _PAGE.format(title=html.escape(title), message=html.escape(message), hint=html.escape(hint)).encode()


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · cratewise</title>
<style>
:root {{ color-scheme: dark light; font: 1.125rem/1.6 system-ui, sans-serif }}
main {{ max-width: 34rem; margin: 18vh auto; padding: 0 1.5rem; overflow-wrap: anywhere }}
h1 {{ font-size: 1.75rem; line-height: 1.2 }}
</style>
</head>
<body><main><h1>{title}</h1><p>{message}</p><p>{hint}</p></main></body>
</html>
"""
