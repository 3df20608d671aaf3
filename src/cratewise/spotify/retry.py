"""Sending again: reads after any passing failure, writes only when they were certainly not carried out."""

import email.utils
import re
import threading
from dataclasses import dataclass
from typing import Protocol

from cratewise.spotify.errors import Unreachable
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.transport import Sender

LONGEST_WAIT_S = 60.0
"""A `Retry-After` up to this is sat through; above it, it is a stop."""

_FOR_EVER_S = 1e9  # a number of any length is a number, and one nobody waits for
_PASSING_STATUSES = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to try.

    Attributes:
        attempts: How often a request is sent at most.
        first_wait_s: Wait before the second attempt; it doubles each time, less a random half.
        longest_wait_s: A `Retry-After` above this is not waited for; the answer is given to the caller.
    """

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = LONGEST_WAIT_S


class Hold(Protocol):
    """Until when nobody sends, since Spotify asked for a wait."""

    def ends_at_s(self) -> float:
        """The end, in seconds since 1970; in the past where nobody has to wait."""

    def extend(self, ends_at_s: float) -> None:
        """Makes everybody wait until then, if they don't longer already."""

    def waited(self, ends_at_s: float, now_s: float) -> None:
        """Somebody has waited as long as was asked for with that end: whatever the clock says, it is over."""


class OwnHold:
    """The hold of one client and its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends_at_s = 0.0

    def ends_at_s(self) -> float:
        """The end."""
        with self._lock:
            return self._ends_at_s

    def extend(self, ends_at_s: float) -> None:
        """Makes every thread wait until then."""
        with self._lock:
            self._ends_at_s = max(self._ends_at_s, ends_at_s)

    def waited(self, ends_at_s: float, now_s: float) -> None:
        """Ends it, where the clock was set back meanwhile; a longer one that was asked for since stays."""
        with self._lock:
            if self._ends_at_s == ends_at_s:
                self._ends_at_s = min(self._ends_at_s, now_s)


class RetrySender:
    """Sends again what failed for a passing reason; a wait that Spotify asks of one caller holds for all of them.

    Args:
        sender: Sends.
        timing: The clock.
        policy: How often and how long to try.
        hold: Until when all who share it wait; that of this sender alone by default.
    """

    def __init__(
        self,
        sender: Sender,
        timing: Timing = SYSTEM_TIME,
        policy: RetryPolicy | None = None,
        hold: Hold | None = None,
    ) -> None:
        self._sender = sender
        self._timing = timing
        self._policy = policy or RetryPolicy()
        self._hold = hold or OwnHold()

    def send(self, request: Request) -> Answer:
        """Sends `request`, again if need be; gives the last answer."""
        attempt = 0
        while True:
            attempt += 1
            is_last = attempt == self._policy.attempts
            self._wait_for_turn()
            try:
                answer = self._sender.send(request)
            except Unreachable as failure:
                if is_last or (failure.maybe_carried_out and not request.repeatable):
                    raise
                self._timing.sleep(self._backoff_s(attempt))
                continue
            if answer.status == 429:
                wait_s = self._asked_wait_s(answer, attempt)
                if wait_s > self._policy.longest_wait_s:
                    return answer
                self._hold.extend(self._timing.now_s() + wait_s + self._timing.jitter())
            elif answer.status not in _PASSING_STATUSES or not request.repeatable:
                return answer
            elif not is_last:
                self._timing.sleep(self._backoff_s(attempt))
            if is_last:
                return answer

    def _asked_wait_s(self, answer: Answer, attempt: int) -> float:
        asked = retry_after_s(answer, self._timing.now_s())
        return self._backoff_s(attempt) if asked is None else asked

    def _backoff_s(self, attempt: int) -> float:
        longest: float = self._policy.first_wait_s * 2 ** (attempt - 1)
        return longest * (1 - self._timing.jitter() / 2)

    def _wait_for_turn(self) -> None:
        ends_at_s = self._hold.ends_at_s()
        while (wait_s := ends_at_s - self._timing.now_s()) > 0:
            # a clock set back while waiting must not hold callers for longer than was ever asked
            self._timing.sleep(min(wait_s, self._policy.longest_wait_s + 1))
            self._hold.waited(ends_at_s, self._timing.now_s())
            if (now_ends_at_s := self._hold.ends_at_s()) == ends_at_s:
                return
            ends_at_s = now_ends_at_s  # somebody was asked for a longer wait meanwhile


def retry_after_s(answer: Answer, now_s: float) -> float | None:
    """Seconds to wait, from `Retry-After` as a number or as a date; `None` when it is absent or makes no sense."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), _FOR_EVER_S)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
