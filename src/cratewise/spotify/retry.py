"""Sending again: reads after any passing failure, writes only when they were certainly not carried out."""

import email.utils
import re
import threading
from dataclasses import dataclass

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


class RetrySender:
    """Sends again what failed for a passing reason; a wait that Spotify asks of one caller holds for all of them."""

    def __init__(self, sender: Sender, timing: Timing = SYSTEM_TIME, policy: RetryPolicy | None = None) -> None:
        self._sender = sender
        self._timing = timing
        self._policy = policy or RetryPolicy()
        self._lock = threading.Lock()
        self._not_before_s = 0.0

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
                self._hold(wait_s + self._timing.jitter())
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

    def _hold(self, wait_s: float) -> None:
        with self._lock:
            self._not_before_s = max(self._not_before_s, self._timing.now_s() + wait_s)

    def _wait_for_turn(self) -> None:
        with self._lock:
            wait_s = self._not_before_s - self._timing.now_s()
        if wait_s > 0:
            # a clock set back while waiting must not hold callers for longer than was ever asked
            self._timing.sleep(min(wait_s, self._policy.longest_wait_s + 1))
            with self._lock:
                self._not_before_s = min(self._not_before_s, self._timing.now_s())


def retry_after_s(answer: Answer, now_s: float) -> float | None:
    """Seconds to wait, from `Retry-After` as a number or as a date; `None` when it is absent or makes no sense."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), _FOR_EVER_S)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
