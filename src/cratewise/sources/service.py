"""A web service asked politely: no faster than it allows, saying who asks, again after what passes, within bounds."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

import httpx
from pydantic import SecretStr

from cratewise import __version__
from cratewise.errors import SourceError
from cratewise.sources.answers import Answer, Model, Verdict, by_status, read, retry_after_s
from cratewise.sources.secrets import keep_out_of_logs
from cratewise.sources.throttle import Throttle
from cratewise.sources.timing import SYSTEM_TIME, Timing

logger = logging.getLogger(__name__)

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_LATER = "Try again later; what was found so far is kept, and everything else goes on without it."
_CHANGED = "Try again later; if it stays, the service has changed and cratewise needs an update."


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often to try, and how much to take.

    Attributes:
        attempts: How often a request is sent at most.
        first_wait_s: Wait before the second attempt; it doubles each time, less a random half.
        longest_wait_s: A `Retry-After` above this is not waited for: the source counts as down for that time.
        longest_answer_s: An answer that trickles in for longer is given up.
        largest_answer: Bytes above which an answer is not read to its end; 100 artists with tags are below 0.5 MB.
    """

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    longest_answer_s: float = 60.0
    largest_answer: int = 8_000_000


class NotThere(SourceError):  # noqa: N818 - it says what happened, as those of HTTP do
    """The service has nothing under the address (404)."""


def user_agent(contact: str) -> str:
    """What a source is told of who asks: the program, its version, and where its user can be reached."""
    return f"cratewise/{__version__} ( {contact} )" if contact else f"cratewise/{__version__}"


class Service:
    """One web service; may be used by several threads. Redirections are not followed: they are for no call here."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        interval_s: float,
        contact: str = "",
        key: tuple[str, SecretStr] | None = None,
        verdict: Callable[[Answer], Verdict] = by_status,
        timing: Timing = SYSTEM_TIME,
        limits: Limits | None = None,
        timeout: httpx.Timeout = _TIMEOUT,
    ) -> None:
        """Opens nothing yet.

        Args:
            name: What the service is called in messages.
            url: Where the paths of requests start.
            interval_s: Least time from one request to the next.
            contact: Address or page of whoever uses the program, for the service's `User-Agent` rule.
            key: Name and value of a part of every query that nobody may see.
            verdict: What to do with an answer.
            timing: The clock and the pause.
            limits: How long and how often to try, and how much to take.
            timeout: How long to wait for a connection and for each part of an answer.
        """
        self._name = name
        self._url = url.rstrip("/")
        self._key = key
        self._verdict = verdict
        self._timing = timing
        self._limits = limits or Limits()
        self._throttle = Throttle(interval_s, timing)
        self._closed_until_s = float("-inf")
        if key:
            keep_out_of_logs(*key)
        on_this_machine = urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
        self._http = httpx.Client(
            timeout=timeout,
            headers={"User-Agent": user_agent(contact), "Accept": "application/json"},
            trust_env=not on_this_machine,  # a proxy cannot reach a stand-in
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(self, path: str, query: Sequence[tuple[str, str]], model: type[Model]) -> Model:
        """Asks, again if need be, and understands the answer.

        Raises:
            NotThere: There is nothing under the address.
            SourceError: No answer came, the service refuses, or the answer cannot be understood.
        """
        answer = self._answered(path, query)
        if self._verdict(answer) is not Verdict.READ:
            kind = NotThere if answer.status == 404 else SourceError
            raise kind(self._name, f"GET {path}", f"it refuses the call ({answer.status})", hint=_CHANGED)
        try:
            return read(answer.body, model)
        except ValueError as failure:
            message = f"the answer is not understood ({failure})"
            raise SourceError(self._name, f"GET {path}", message, hint=_CHANGED) from None

    def _answered(self, path: str, query: Sequence[tuple[str, str]]) -> Answer:
        """The first answer that isn't a passing failure."""
        for attempt in range(1, self._limits.attempts + 1):
            self._check_open(path)
            self._throttle.wait()
            answer = self._sent(path, query)
            if isinstance(answer, Answer) and self._verdict(answer) is not Verdict.ASK_AGAIN:
                return answer
            asked_s = retry_after_s(answer) if isinstance(answer, Answer) else None
            if asked_s is not None and asked_s > self._limits.longest_wait_s:
                self._closed_until_s = self._timing.now_s() + asked_s
            else:
                self._throttle.hold(self._backoff_s(attempt) if asked_s is None else asked_s + self._timing.jitter())
        self._check_open(path)
        why = f"it failed ({answer.status})" if isinstance(answer, Answer) else answer
        raise SourceError(self._name, f"GET {path}", f"{why}, {self._limits.attempts} times", hint=_LATER)

    def _check_open(self, path: str) -> None:
        """Asks nothing of a service that has said how long it wants to be left alone."""
        wait_s = self._closed_until_s - self._timing.now_s()
        if wait_s > 0:
            message = f"it wants to be left alone for another {wait_s:,.0f} s"
            raise SourceError(self._name, f"GET {path}", message, hint=_LATER)

    def _backoff_s(self, attempt: int) -> float:
        longest: float = self._limits.first_wait_s * 2 ** (attempt - 1)
        return longest * (1 - self._timing.jitter() / 2)

    def _sent(self, path: str, query: Sequence[tuple[str, str]]) -> Answer | str:
        """The answer to sending once, or why there is none, in words that hold nothing of the query."""
        parts = [*query, (self._key[0], self._key[1].get_secret_value())] if self._key else query
        # ":" and "/" need no escape in a query; with one, 100 addresses come near the 8 KB that servers take
        text = urlencode(parts, safe=":/", errors="replace")
        began_s = self._timing.now_s()
        answer: Answer | str
        try:
            with self._http.stream("GET", f"{self._url}{path}?{text}") as response:
                answer = self._received(path, response, began_s)
        except httpx.TimeoutException:
            answer = "it did not answer in time"
        except httpx.DecodingError:
            answer = "the answer cannot be decoded"
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            answer = f"{self._url} cannot be reached ({type(failure).__name__})"
        outcome = answer.status if isinstance(answer, Answer) else answer
        logger.debug("%s GET %s -> %s in %.2f s", self._name, path, outcome, self._timing.now_s() - began_s)
        return answer

    def _received(self, path: str, response: httpx.Response, began_s: float) -> Answer | str:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self._limits.largest_answer:
                message = f"the answer is longer than {self._limits.largest_answer:,} bytes"
                raise SourceError(self._name, f"GET {path}", message, hint=_CHANGED)
            if self._timing.now_s() - began_s > self._limits.longest_answer_s:
                return "it did not finish its answer in time"
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, bytes(body))
