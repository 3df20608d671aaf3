"""A page on which a person chooses what shall go wrong next: faults on demand, without writing a program."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel, Field

from cratewise.spotify.sandbox.accounts import Accounts
from cratewise.spotify.sandbox.crowd import Everyone
from cratewise.spotify.sandbox.faults import (
    Fault,
    connection_reset,
    no_premium,
    not_registered,
    not_there_yet,
    server_error,
    silence,
    too_many_requests,
)
from cratewise.spotify.sandbox.html import rendered

_QUOTA_S = 48_925  # as it was seen

FAULTS: Mapping[str, tuple[str, Callable[..., Fault]]] = {
    "rate-limit": ("429: too many calls in 30 seconds, wait 3", lambda **only: too_many_requests(3, **only)),
    "quota": (
        "429: the day's quota is used up, wait 13.6 hours",
        lambda **only: too_many_requests(_QUOTA_S, reason="QUOTA_EXCEEDED", **only),
    ),
    "500": ("500 with a page that is not JSON", lambda **only: server_error(500, **only)),
    "502": ("502 before the call was carried out", lambda **only: server_error(502, **only)),
    "502-after": ("502 after the call was carried out", lambda **only: server_error(502, when="after", **only)),
    "503": ("503 with a page that is not JSON", lambda **only: server_error(503, **only)),
    "timeout": ("No answer, until the client gives up", silence),
    "timeout-after": (
        "No answer, though the call was carried out",
        lambda **only: silence(when="after", **only),
    ),
    "reset": ("The connection breaks before the call was carried out", connection_reset),
    "reset-after": (
        "The connection breaks after the call was carried out",
        lambda **only: connection_reset(when="after", **only),
    ),
    "not-registered": ("403: the account is not on the app's user list", not_registered),
    "no-premium": ("403: the app's owner has no Premium", no_premium),
    "not-there-yet": ("404: reading lags behind writing", not_there_yet),
}
LOGIN_FAULTS: Mapping[str, tuple[str, Callable[[Accounts], None]]] = {
    "expired": ("Every access token expires now", Accounts.expire_access_tokens),
    "revoked": (
        "The person takes all permissions back; a login that is six months old ends in the same way",
        Accounts.revoke_all,
    ),
    "wrong-redirect": (
        "The redirect URI is not entered in the dashboard: the login's page says so",
        Accounts.forget_redirects,
    ),
    "wrong-client": (
        "There is no app with that client id: the login's page says so",
        Accounts.forget_apps,
    ),
}

router = APIRouter()


class FaultForm(BaseModel):
    """What shall go wrong, and at which of the next calls."""

    kind: str
    method: Literal["", "GET", "POST", "PUT", "DELETE"] = ""
    path: Annotated[str, Field(pattern="^/(v1|api)(/|$)")] = "/v1/"  # these pages are never hit
    times: Annotated[int, Field(ge=1, le=100)] = 1


@router.get("/faults")
def faults_page(crowd: Everyone) -> Response:
    """What can go wrong, and what is waiting to."""
    labels = {name: label for name, (label, _) in (*FAULTS.items(), *LOGIN_FAULTS.items())}
    account = None if crowd.alone is None else crowd.alone.store.account
    return rendered("faults.html", account=account, root="", kinds=labels, waiting=crowd.faults.waiting)


@router.post("/faults")
def add_fault(request: Request, crowd: Everyone, form: Annotated[FaultForm, Form()]) -> Response:
    """Lets it happen at the next calls it is meant for; what befalls logins happens at once."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return PlainTextResponse("This form can only be sent from its own page", 403)
    if form.kind in LOGIN_FAULTS:
        LOGIN_FAULTS[form.kind][1](crowd.logins)
    elif form.kind in FAULTS:
        fault = FAULTS[form.kind][1](method=form.method, path=form.path)
        crowd.faults.add(*[fault] * form.times)
    elif form.kind == "none":
        crowd.faults.clear()
        crowd.logins.know_all()
    else:
        known = ", ".join([*FAULTS, *LOGIN_FAULTS, "none"])
        return PlainTextResponse(f"There is no fault {form.kind!r}; choose one of {known}", 400)
    return RedirectResponse("/faults", 303)
