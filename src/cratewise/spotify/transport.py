"""How requests leave this machine. Senders wrap each other: what to do about a failure stays out of the endpoints."""

import ssl
import time
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from cratewise import __version__
from cratewise.spotify.clock import CHECK_THE_CLOCK, is_untimely_certificate
from cratewise.spotify.errors import BadAnswer, ClockOff, Unreachable
from cratewise.spotify.request import Answer, Request

_LARGEST_ANSWER = 16 * 2**20  # bytes, unpacked; a page of 50 songs has some 200,000
_LONGEST_ANSWER_S = 120.0
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_CHECK_CONNECTION = "Check the connection to the internet and try again; what was done so far is kept."
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Sender(Protocol):
    """Sends a request and gives the answer, whatever its status."""

    def send(self, request: Request) -> Answer:
        """Sends `request`.

        Raises:
            SpotifyError: No answer came, or the sender's policy forbids sending.
        """


class HttpSender:
    """Sends over HTTP, once; may be used by several threads."""

    def __init__(
        self,
        base_url: str,
        timeout: httpx.Timeout = _TIMEOUT,
        *,
        longest_answer_s: float = _LONGEST_ANSWER_S,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        """Opens nothing yet.

        Args:
            base_url: Where the paths of requests start, as "https://api.spotify.com/v1".
            timeout: How long to wait for a connection and for each part of an answer.
            longest_answer_s: How long an answer may take from its beginning to its end.
            certificates: Whose certificates are trusted; `None` means those that httpx brings.
        """
        self._base_url = base_url.rstrip("/")
        self._longest_answer_s = longest_answer_s
        on_this_machine = urlsplit(base_url).hostname in {"127.0.0.1", "::1", "localhost"}
        self._http = httpx.Client(
            timeout=timeout,
            verify=certificates or True,
            headers={"User-Agent": f"cratewise/{__version__}", "Accept": "application/json"},
            trust_env=not on_this_machine,  # a proxy cannot reach the sandbox
        )

    def send(self, request: Request) -> Answer:
        """Sends `request` once.

        Raises:
            ClockOff: By this machine's clock the certificate there is not valid.
            Unreachable: No answer came; it says whether the request may have been carried out.
            BadAnswer: The answer's encoding is broken, or it is larger than any of Spotify's.
        """
        headers = {"Authorization": f"Bearer {request.bearer}"} if request.bearer else {}
        if request.jpeg is not None:
            headers["Content-Type"] = "image/jpeg"
        try:
            with self._http.stream(
                request.method,
                self._base_url + request.path,
                params=dict(request.params) or None,
                json=request.json,
                data=request.form,
                content=request.jpeg,
                headers=headers,
            ) as response:
                return Answer(response.status_code, dict(response.headers), self._body(request, response))
        except _NEVER_SENT as failure:
            if is_untimely_certificate(failure):
                raise ClockOff(
                    request.call,
                    f"the certificate of {self._base_url} is not valid by this machine's clock",
                    hint=f"{CHECK_THE_CLOCK} If it is right, something between here and Spotify (a proxy, a virus "
                    "scanner, a hotel's network) changes the connection.",
                ) from failure
            raise Unreachable(
                request.call, f"{self._base_url} cannot be reached ({_named(failure)})", hint=_CHECK_CONNECTION
            ) from failure
        except httpx.DecodingError as failure:
            raise BadAnswer(
                request.call, "the answer cannot be decoded", maybe_carried_out=not request.repeatable
            ) from failure
        except httpx.TimeoutException as failure:
            raise Unreachable(
                request.call,
                f"{self._base_url} did not answer in time",
                hint=_CHECK_CONNECTION,
                maybe_carried_out=True,
            ) from failure
        except httpx.HTTPError as failure:
            raise Unreachable(
                request.call,
                f"the connection to {self._base_url} broke ({_named(failure)})",
                hint=_CHECK_CONNECTION,
                maybe_carried_out=True,
            ) from failure

    def _body(self, request: Request, response: httpx.Response) -> bytes:
        ends_at_s = time.monotonic() + self._longest_answer_s
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > _LARGEST_ANSWER:
                raise BadAnswer(
                    request.call,
                    f"the answer is larger than {_LARGEST_ANSWER:,} bytes",
                    hint="Try again; something between here and Spotify may have changed it.",
                    maybe_carried_out=not request.repeatable,
                )
            if time.monotonic() > ends_at_s:
                raise httpx.ReadTimeout("the answer does not end")
        return bytes(body)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


def _named(failure: httpx.HTTPError) -> str:
    return str(failure) or type(failure).__name__
