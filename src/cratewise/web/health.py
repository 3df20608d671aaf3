"""What a host's watchman asks: whether the program lives, whether it can answer, and its numbers."""

import math
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from cratewise.errors import CratewiseError
from cratewise.web.desk import AtDesk, workspace_of
from cratewise.web.ownworkspace import OwnWorkspace

PATHS = frozenset({"/health", "/ready", "/metrics"})

router = APIRouter(include_in_schema=False)


@router.get("/health")
def show_health() -> Response:
    """The program lives."""
    return JSONResponse({"status": "alive"})


@router.get("/ready")
def show_readiness(request: Request) -> Response:
    """The library can be read; 503, without saying where it is, while it cannot."""
    try:
        workspace_of(request).app.library.accounts.latest()
    except CratewiseError:
        return JSONResponse({"status": "the library cannot be read"}, status_code=503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics")
def show_metrics(desk: AtDesk, request: Request) -> Response:
    """The numbers, for this machine alone: how many songs somebody has is nobody else's business."""
    is_through_proxy = "x-forwarded-for" in request.headers  # whoever is behind it is somewhere else
    if is_through_proxy or request.client is None or not _is_here(request.client.host):
        return PlainTextResponse("The metrics are for the machine that cratewise runs on.\n", status_code=403)
    return Response(desk.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def watch(workspace: OwnWorkspace) -> None:
    """Adds the numbers of a library and its account to the metrics; what cannot be known now is NaN."""

    def songs() -> float:
        try:
            return float(workspace.library.overview.songs)
        except CratewiseError:
            return math.nan

    def is_working() -> float:
        job = workspace.jobs.latest
        return float(job is not None and job.is_active)

    def calls() -> float:
        try:
            return float(workspace.app.account.budget().used)
        except CratewiseError:
            return math.nan

    add = workspace.metrics.watch
    add("songs", "Liked songs in the library.", songs)
    add("job_running", "Whether a job is under way.", is_working)
    add("streams", "Tabs that are told of changes.", lambda: float(workspace.events.n_streams))
    add("spotify_calls_day", "Calls to Spotify in the last 24 hours.", calls)
    add("spotify_stopped", "Whether Spotify takes no calls now.", lambda: float(bool(workspace.stopped_until)))


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
