"""How requests leave this machine. Senders wrap each other: what to do about a failure stays out of the endpoints."""

import ssl
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from cratewise import __version__
from cratewise.spotify.clock import CHECK_THE_CLOCK, is_untimely_certificate
from cratewise.spotify.errors import BadAnswer, ClockOff, Unreachable
from cratewise.spotify.request import Answer, Request

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
        self, base_url: str, timeout: httpx.Timeout = _TIMEOUT, *, certificates: ssl.SSLContext | None = None
    ) -> None:
        """Opens nothing yet.

        Args:
            base_url: Where the paths of requests start, as "https://api.spotify.com/v1".
            timeout: How long to wait for a connection and for each part of an answer.
            certificates: Whose certificates are trusted; `None` means those that httpx brings.
        """
        self._base_url = base_url.rstrip("/")
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
            BadAnswer: The answer's encoding is broken.
        """
        headers = {"Authorization": f"Bearer {request.bearer}"} if request.bearer else {}
        try:
            response = self._http.request(
                request.method,
                self._base_url + request.path,
                params=dict(request.params) or None,
                json=request.json,
                data=request.form,
                headers=headers,
            )
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
        return Answer(response.status_code, dict(response.headers), response.content)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


def _named(failure: httpx.HTTPError) -> str:
    return str(failure) or type(failure).__name__
