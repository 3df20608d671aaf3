"""What a host watches: how long requests take, how jobs end, what calls to Spotify come to; as Prometheus reads it."""

import logging
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cratewise.jobs.state import JobState

logger = logging.getLogger(__name__)

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
STREAM = "/api/events"
NO_ROUTE = "none"
"""What stands for the route where there is none: addresses that strangers try are not kept apart."""

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class Metrics:
    """The numbers of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "cratewise_request_seconds", "How long requests took, streams aside.", ("method", "route", "status"),
            buckets=BUCKETS_S, registry=self._registry,
        )  # fmt: skip
        self._jobs = Counter(
            "cratewise_jobs", "Jobs that came to an end.", ("kind", "status"), registry=self._registry
        )  # fmt: skip

    def watch(self, name: str, what: str, read: Callable[[], float]) -> None:
        """Adds a number that is read whenever somebody asks.

        Args:
            name: What it is called, its unit last.
            what: What it is, in a sentence.
            read: Gives it.
        """
        Gauge(f"cratewise_{name}", what, registry=self._registry).set_function(read)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request, and writes it to the log without what it asked for."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).observe(seconds)
        fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        logger.info("request", extra={"fields": fields})

    def count_job(self, job: JobState) -> None:
        """Counts a job that came to an end, and writes it to the log."""
        self._jobs.labels(job.kind, job.status).inc()
        fields = {"job": job.job_id, "kind": job.kind, "status": job.status, "problem": job.message}
        logger.info("job ended", extra={"fields": fields})

    def text(self) -> bytes:
        """All numbers, in Prometheus' text format."""
        return generate_latest(self._registry)


class Observed:
    """Counts every request to an application, those that are refused included.

    Args:
        app: The application.
        metrics: Where to.
        clock: Seconds from any fixed point.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or scope["path"] == STREAM:
            await self._app(scope, receive, send)
            return
        status = 500
        began_s = self._clock()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            self._metrics.count_request(scope["method"], route, status, self._clock() - began_s)
