"""What reaches the sandbox: calls counted by account and endpoint, the rate window, and calls that came too early.

Spotify counts an app's calls, whoever they are for; so the window, and the wait that a 429 orders, are one for all
accounts. Whether the wait was ordered by the window or by a fault on demand makes no difference here.
"""

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cratewise.spotify.sandbox.authorisation import bearer_of
from cratewise.spotify.sandbox.refusals import error_answer
from cratewise.spotify.sandbox.values import Clock

WINDOW_S = 30.0
NOBODY = 0
_COUNTED = ("/v1/", "/api/token")
_LIMITED = "/v1/"  # the login has no part in it
_ID = re.compile(r"(?<=/)[0-9A-Za-z]{22}(?=/|$)")


class Call(NamedTuple):
    """What calls are counted by.

    Attributes:
        number: Of the account whose token came with it; `NOBODY` for calls without one, such as those for tokens.
        endpoint: Method and path, with `{id}` for ids: `GET /v1/playlists/{id}/items`.
    """

    number: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class EarlyCall:
    """A call that arrived before the wait was over which a 429 had ordered.

    Attributes:
        call: Whose it was, and where it went.
        after_s: How long the wait had lasted; where calls run side by side, those of the first moments were under way.
        is_quota: Whether the day's quota had ordered the wait, not the rate window.
    """

    call: Call
    after_s: float
    is_quota: bool


@dataclass(frozen=True, slots=True)
class _Wait:
    began_at_s: float
    ends_at_s: float
    is_quota: bool


@dataclass(slots=True)
class Traffic:
    """Counts the calls, and refuses those that the rate window has no room for.

    Attributes:
        calls_per_window: How many calls all accounts together may make in any 30 seconds, at least 1; `None` for any
            number. It can be changed while the server runs.
        calls: How many calls arrived, by account and endpoint, refused ones too.
        early_calls: The calls that a client should not have sent yet.
        n_refused: How many calls the rate window refused.
    """

    clock: Clock
    calls_per_window: int | None = None
    calls: Counter[Call] = field(default_factory=Counter)
    early_calls: list[EarlyCall] = field(default_factory=list)
    n_refused: int = 0
    _recent: deque[float] = field(default_factory=deque, repr=False)
    _wait: _Wait | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count_of(self, number: int) -> int:
        """How many calls came with a token of the account with that number."""
        with self._lock:
            return sum(times for call, times in self.calls.items() if call.number == number)

    def forget(self) -> None:
        """Starts counting afresh, with an empty window and no wait."""
        with self._lock:
            self.calls.clear()
            self.early_calls.clear()
            self._recent.clear()
            self.n_refused, self._wait = 0, None

    def arrived(self, call: Call, *, is_limited: bool) -> int | None:
        """Counts a call.

        Returns:
            For how many seconds the rate window wants no other; `None` where there is room for this one.
        """
        now_s = self.clock().timestamp()
        with self._lock:
            self.calls[call] += 1
            if not is_limited:
                return None
            if self._wait is not None and now_s < self._wait.ends_at_s:
                self.early_calls.append(EarlyCall(call, now_s - self._wait.began_at_s, self._wait.is_quota))
            while self._recent and self._recent[0] <= now_s - WINDOW_S:
                self._recent.popleft()
            if self.calls_per_window is None or len(self._recent) < self.calls_per_window:
                self._recent.append(now_s)
                return None
            self.n_refused += 1
            free_at_s = self._recent[len(self._recent) - self.calls_per_window] + WINDOW_S
            return max(1, ceil(free_at_s - now_s))

    def told_to_wait(self, wait_s: float, *, is_quota: bool) -> None:
        """From now on calls are early, for so many seconds; a longer wait that lasts already is not cut short."""
        now_s = self.clock().timestamp()
        with self._lock:
            lasting = self._wait if self._wait is not None and now_s < self._wait.ends_at_s else None
            if lasting is None:
                self._wait = _Wait(now_s, now_s + wait_s, is_quota)
            elif lasting.ends_at_s < now_s + wait_s:
                began_at_s = now_s if is_quota and not lasting.is_quota else lasting.began_at_s
                self._wait = _Wait(began_at_s, now_s + wait_s, is_quota or lasting.is_quota)


class MeteredConnection:
    """ASGI middleware that lets the traffic be counted and limited, and notes the waits that answers order."""

    def __init__(self, app: ASGIApp, traffic: Traffic, number_of: Callable[[str], int]) -> None:
        self._app = app
        self._traffic = traffic
        self._number_of = number_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a call on where there is room for it."""
        if scope["type"] != "http" or not scope["path"].startswith(_COUNTED):
            await self._app(scope, receive, send)
            return
        is_limited = scope["path"].startswith(_LIMITED)
        wait_s = self._traffic.arrived(self._call(scope), is_limited=is_limited)
        noting = _NotingSend(send, self._traffic) if is_limited else send
        if wait_s is None:
            await self._app(scope, receive, noting)
            return
        refusal = error_answer(429, "API rate limit exceeded")
        refusal.headers["retry-after"] = str(wait_s)
        await refusal(scope, receive, noting)

    def _call(self, scope: Scope) -> Call:
        token = bearer_of(Headers(scope=scope).get("authorization", ""))
        path = _ID.sub("{id}", scope["path"].rstrip("/"))
        return Call(self._number_of(token) if token else NOBODY, f"{scope['method']} {path}")


class _NotingSend:
    """Sends an answer on; a 429 is noted before it is sent, so that no client can have called in between."""

    def __init__(self, send: Send, traffic: Traffic) -> None:
        self._send = send
        self._traffic = traffic
        self._start: Message | None = None
        self._wait_s = 0

    async def __call__(self, message: Message) -> None:
        """Holds the start of a 429 back until its body says for which reason it is."""
        if message["type"] == "http.response.start" and message["status"] == 429:
            after = Headers(raw=list(message["headers"])).get("retry-after", "")
            self._start, self._wait_s = message, int(after) if after.isdecimal() else 0
            return
        if self._start is not None:
            is_quota = b'"QUOTA_EXCEEDED"' in message.get("body", b"")
            self._traffic.told_to_wait(self._wait_s, is_quota=is_quota)
            await self._send(self._start)
            self._start = None
        await self._send(message)
