"""The quota stop: once Spotify takes no more calls for a while, nothing is sent until it ends, also after a restart.

It says so with a reason, or only by asking for a wait that nobody sits through.
"""

import json
import math

from cratewise.drawer import Drawer
from cratewise.spotify.answers import complaint_of
from cratewise.spotify.errors import QuotaExceeded
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.retry import LONGEST_WAIT_S, retry_after_s
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.transport import Sender

_UNSAID_STOP_S = 3600.0
_NAME = "spotify-quota.json"
_LONGEST_STOP_S = 7 * 24 * 3600.0  # the quota counts 24 hours; more than a week is a fault, not an order


class KeptQuota:
    """Keeps the end of a quota stop in a drawer, so that it holds after a restart and for other processes."""

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer

    def ends_at_s(self) -> float | None:
        """When the last stop ends; what is absent or damaged counts as no stop."""
        try:
            kept = json.loads(self._drawer.read(_NAME) or b"null")
        except (ValueError, RecursionError):
            return None
        ends_at_s = kept.get("ends_at_s") if isinstance(kept, dict) else None
        if isinstance(ends_at_s, bool) or not isinstance(ends_at_s, int | float) or not math.isfinite(ends_at_s):
            return None
        return float(ends_at_s)

    def keep(self, ends_at_s: float) -> None:
        """Writes the end of the stop, atomically."""
        self._drawer.write(_NAME, json.dumps({"ends_at_s": ends_at_s}).encode())


def stop_ends_at_s(store: KeptQuota, now_s: float) -> float | None:
    """When the stop that lasts now ends, in seconds since 1970; `None` when none does."""
    ends_at_s = store.ends_at_s()
    return ends_at_s if ends_at_s is not None and now_s < ends_at_s <= now_s + _LONGEST_STOP_S else None


class QuotaSender:
    """Sends nothing while a quota stop lasts."""

    def __init__(self, sender: Sender, store: KeptQuota, timing: Timing = SYSTEM_TIME) -> None:
        self._sender = sender
        self._store = store
        self._timing = timing

    def send(self, request: Request) -> Answer:
        """Sends `request` unless a stop lasts.

        Raises:
            QuotaExceeded: The quota is used up; it carries the time when that ends.
        """
        if (ends_at_s := stop_ends_at_s(self._store, self._timing.now_s())) is not None:
            raise QuotaExceeded(ends_at_s)
        answer = self._sender.send(request)
        if answer.status != 429:
            return answer
        now_s = self._timing.now_s()
        wait_s = retry_after_s(answer, now_s)
        if complaint_of(answer).reason == "QUOTA_EXCEEDED" or (wait_s or 0.0) > LONGEST_WAIT_S:
            ends_at_s = now_s + min(_UNSAID_STOP_S if wait_s is None else wait_s, _LONGEST_STOP_S)
            self._store.keep(ends_at_s)
            raise QuotaExceeded(ends_at_s)
        return answer
