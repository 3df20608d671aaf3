"""The consent page an app sends people to, and the token endpoint it calls afterwards."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel
from starlette.datastructures import QueryParams

from cratewise.spotify.sandbox.accounts import (
    SCOPES,
    Accounts,
    GrantRefusedError,
    LoginRequest,
    Tokens,
)
from cratewise.spotify.sandbox.crowd import Crowd, Everyone
from cratewise.spotify.sandbox.html import rendered

router = APIRouter()


@router.get("/authorize")
def consent_page(request: Request, crowd: Everyone) -> Response:
    """Asks the person whether the app may do what it asks for, and where there are several, who they are."""
    wanted = _login_request(request.query_params, crowd.logins)
    if isinstance(wanted, Response):
        return wanted
    number = _number_in(request.query_params, crowd)
    if number is None:
        return _who_page(request.query_params, crowd)
    parts = crowd.parts[number - 1]
    redirect = urlsplit(wanted.redirect_uri)
    return rendered(
        "consent.html",
        form_targets=f"{redirect.scheme}://{redirect.netloc}",
        account=parts.store.account,
        root=parts.root,
        client_id=wanted.client_id,
        redirect_host=redirect.netloc,
        permissions=[SCOPES[scope] for scope in wanted.scopes],
        query=request.url.query,
    )


@router.post("/authorize")
def decide(request: Request, crowd: Everyone, decision: Annotated[str, Form()]) -> Response:
    """Sends the person back to the app, with a code or with their no."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return PlainTextResponse("This form can only be sent from its own page", 403)
    wanted = _login_request(request.query_params, crowd.logins)
    if isinstance(wanted, Response):
        return wanted
    number = _number_in(request.query_params, crowd)
    if number is None:
        return _who_page(request.query_params, crowd)
    if decision != "approve":
        return _back(wanted.redirect_uri, wanted.state, error="access_denied")
    return _back(wanted.redirect_uri, wanted.state, code=crowd.logins.issue_code(wanted, number))


class TokenForm(BaseModel):
    """What an app sends to the token endpoint, form-encoded; which of it must be there depends on the grant type."""

    grant_type: str = ""
    client_id: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""
    refresh_token: str = ""


@router.post("/api/token")
def token(crowd: Everyone, form: Annotated[TokenForm, Form()]) -> Response:
    """Exchanges a code, or a refresh token, for tokens."""
    try:
        tokens = _granted(crowd.logins, form)
    except GrantRefusedError as refused:
        return JSONResponse({"error": refused.code, "error_description": refused.description}, 400)
    return JSONResponse(tokens, headers={"cache-control": "no-store"})


def _granted(accounts: Accounts, form: TokenForm) -> Tokens:
    if not accounts.knows_app(form.client_id):
        raise GrantRefusedError("invalid_client", "Invalid client")
    if form.grant_type == "authorization_code":
        if not form.code:
            raise GrantRefusedError("invalid_request", "code must be supplied")
        return accounts.exchange_code(
            form.code, client_id=form.client_id, redirect_uri=form.redirect_uri, verifier=form.code_verifier
        )
    if form.grant_type == "refresh_token":
        if not form.refresh_token:
            raise GrantRefusedError("invalid_request", "refresh_token must be supplied")
        return accounts.refresh(form.refresh_token, client_id=form.client_id)
    raise GrantRefusedError(
        "unsupported_grant_type", "grant_type must be client_credentials, authorization_code or refresh_token"
    )


def _number_in(query: QueryParams, crowd: Crowd) -> int | None:
    """The number of the account of the person whom the address names; `None` where it names nobody there is."""
    if crowd.alone is not None:
        return 1
    place = crowd.places.get(query.get("person", ""))
    return None if place is None else place + 1


def _who_page(query: QueryParams, crowd: Crowd) -> Response:
    """Asks whose account it is; each answer leads to the same address, with the person in it."""
    asked = [(name, value) for name, value in query.multi_items() if name != "person"]
    people = [
        (account, f"/authorize?{urlencode([*asked, ('person', account.person.id)])}") for account in crowd.everyone
    ]
    return rendered("people.html", title="Who are you?", account=None, root="", people=people)


def _login_request(query: QueryParams, accounts: Accounts) -> LoginRequest | Response:
    """What the app asks for, or the answer to what cannot be asked for.

    As long as it is not sure where the person may be sent back to, the answer is a page here.
    """
    client_id, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
    if not accounts.knows_app(client_id):
        return PlainTextResponse("INVALID_CLIENT: Invalid client", 400)
    if not accounts.takes_redirect(redirect_uri):
        return PlainTextResponse("INVALID_CLIENT: Invalid redirect URI", 400)
    state = query.get("state")
    if query.get("response_type") != "code":
        return _back(redirect_uri, state, error="unsupported_response_type")
    challenge = query.get("code_challenge", "")
    if not challenge or query.get("code_challenge_method") != "S256":
        return _back(redirect_uri, state, error="invalid_request")
    scopes = tuple(dict.fromkeys(query.get("scope", "").split()))
    if not set(scopes) <= set(SCOPES):
        return _back(redirect_uri, state, error="invalid_scope")
    return LoginRequest(client_id, redirect_uri, scopes, state, challenge)


def _back(redirect_uri: str, state: str | None, **answer: str) -> Response:
    if state is not None:
        answer["state"] = state
    separator = "&" if urlsplit(redirect_uri).query else "?"
    return RedirectResponse(f"{redirect_uri}{separator}{urlencode(answer)}", 303)
