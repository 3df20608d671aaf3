"""OAuth 2 authorisation code with PKCE (RFC 7636, S256) and `state`; no client secret.

https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cratewise.spotify.answers import complaint_of, understood
from cratewise.spotify.clock import clock_remark
from cratewise.spotify.errors import LOG_IN_AGAIN, LoginExpired, LoginFailed
from cratewise.spotify.request import Answer, Call, Request
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.tokens import Tokens
from cratewise.spotify.transport import Sender


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that was begun, and waits for the person to come back from Spotify.

    Attributes:
        client_id: The app the person logs in to.
        redirect_uri: Where Spotify sends the person back to, exactly as it stands in Spotify's dashboard.
        scopes: What the person is asked to allow.
        state: Comes back with the answer, and shows that it belongs to this login.
        verifier: Shows the token endpoint that the code is used by who asked for it.
    """

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    def is_answered_by(self, query: Mapping[str, str]) -> bool:
        """Whether a browser's return belongs to this login."""
        return secrets.compare_digest(query.get("state", "").encode(), self.state.encode())

    def authorise_url(self, accounts_url: str) -> str:
        """The address at which the person is asked."""
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": self.state,
            "code_challenge_method": "S256",
            "code_challenge": challenge_of(self.verifier),
        }
        return f"{accounts_url.rstrip('/')}/authorize?{urlencode(query)}"


# what may stand in an HTTP header
_Token = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$")]


class _TokenAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: _Token
    expires_in: Annotated[float, Field(gt=0, lt=1e9)] = 3600.0
    refresh_token: _Token | None = None
    scope: str | None = None


class Authoriser:
    """Speaks with the token endpoint."""

    def __init__(self, sender: Sender, timing: Timing = SYSTEM_TIME) -> None:
        """Sends nothing yet.

        Args:
            sender: Sends to Spotify's accounts service, not to the Web API.
            timing: The clock.
        """
        self._sender = sender
        self._timing = timing

    def exchange(self, pending: PendingLogin, code: str) -> Tokens:
        """Turns the code that the person came back with into tokens.

        Raises:
            LoginFailed: Spotify does not accept the code.
            SpotifyError: The call failed for another reason.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect_uri,
            "client_id": pending.client_id,
            "code_verifier": pending.verifier,
        }
        now_s = self._timing.now_s()
        answer = self._ask(form)
        if _grant_is_refused(answer):
            raise LoginFailed(
                f"Spotify does not accept the code it sent you back with ({complaint_of(answer).message})",
                hint="A code works once and for a few minutes: log in again, and do not reload the page at the end."
                + clock_remark(answer, self._timing.now_s()),
            )
        return _first_tokens(self._understood(answer), pending.client_id, pending.scopes, now_s)

    def refresh(self, tokens: Tokens) -> Tokens:
        """Fetches the next access token; the refresh token stays the same where the answer names no other.

        Raises:
            LoginExpired: The refresh token has come to its end.
            SpotifyError: The call failed for another reason.
        """
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh_token,
            "client_id": tokens.client_id,
        }
        now_s = self._timing.now_s()
        answer = self._ask(form)
        if _grant_is_refused(answer):
            remark = clock_remark(answer, self._timing.now_s())
            raise LoginExpired(
                f"The login at Spotify has ended ({complaint_of(answer).message})", hint=LOG_IN_AGAIN + remark
            )
        given = self._understood(answer)
        return replace(
            tokens,
            access_token=given.access_token,
            refresh_token=given.refresh_token or tokens.refresh_token,
            expires_at_s=now_s + given.expires_in,
            scopes=_scopes(given, tokens.scopes),
        )

    def _ask(self, form: dict[str, str]) -> Answer:
        answer = self._sender.send(replace(_TOKEN_CALL.request, form=form))
        if complaint_of(answer).reason in {"invalid_client", "unauthorized_client"}:
            raise LoginFailed(
                f"Spotify does not know the app with the client id {form['client_id']!r}",
                hint="Copy the Client ID from your app's page on https://developer.spotify.com/dashboard once more.",
            )
        return answer

    def _understood(self, answer: Answer) -> _TokenAnswer:
        return understood(_TOKEN_CALL, answer, self._timing)


def tokens_from(answer: Mapping[str, object], client_id: str, timing: Timing = SYSTEM_TIME) -> Tokens:
    """Tokens from an answer of the token endpoint that was not asked for here, such as the sandbox's.

    Raises:
        LoginFailed: The answer holds no tokens that can be used.
    """
    try:
        given = _TokenAnswer.model_validate(answer)
    except ValidationError:
        raise LoginFailed("this is no answer of a token endpoint", hint="Log in again.") from None
    return _first_tokens(given, client_id, (), timing.now_s())


def _first_tokens(given: _TokenAnswer, client_id: str, asked: tuple[str, ...], now_s: float) -> Tokens:
    if given.refresh_token is None:
        raise LoginFailed("Spotify gave no refresh token", hint="Log in again.")
    return Tokens(
        access_token=given.access_token,
        refresh_token=given.refresh_token,
        expires_at_s=now_s + given.expires_in,
        scopes=_scopes(given, asked),
        client_id=client_id,
        authorised_at_s=now_s,
    )


# repeatable: when an answer is lost there is nothing else to send than the same code or token once more
_TOKEN_CALL = Call(Request("POST", "/api/token", repeatable=True), _TokenAnswer.model_validate_json)


def _grant_is_refused(answer: Answer) -> bool:
    return answer.status in {400, 401} and complaint_of(answer).reason == "invalid_grant"


def _scopes(given: _TokenAnswer, asked: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(given.scope.split()) if given.scope else asked  # RFC 6749, 5.1: absent means as asked
