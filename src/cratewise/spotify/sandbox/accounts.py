"""The login: what Spotify's accounts service checks and hands out (authorisation code with PKCE).

Where a server has several accounts, what it hands out for the second is called "2.…", so that a token says whose it is
without anything being looked up; the first one's tokens have no number before them.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypedDict
from urllib.parse import urlsplit

from cratewise.spotify.sandbox.store import Store
from cratewise.spotify.sandbox.values import Clock, Grant

ACCESS_LIFE = timedelta(hours=1)
CODE_LIFE = timedelta(minutes=10)
NOT_ON_THE_LIST = "User not registered in the Developer Dashboard"
NO_PREMIUM = "Active premium subscription required for the owner of the app."
_DIGITS_MAXIMUM = 6  # of an account's number: what is longer was not handed out here
REFRESH_LIFE = timedelta(days=182)  # six months from the authorisation, which refreshing does not extend

SCOPES: Mapping[str, str] = {
    "user-read-private": "See what kind of subscription you have",
    "user-read-email": "See your e-mail address",
    "user-library-read": "See the songs you like",
    "user-library-modify": "Change what is in your library",
    "user-follow-read": "See whom you follow",
    "user-follow-modify": "Change whom and what you follow",
    "user-top-read": "See what you listen to most",
    "playlist-read-private": "See your playlists, private ones too",
    "playlist-read-collaborative": "See playlists you share with others",
    "playlist-modify-private": "Make and change your private playlists",
    "playlist-modify-public": "Make and change your public playlists",
    "ugc-image-upload": "Give your playlists covers",
}


class Tokens(TypedDict):
    """What the token endpoint answers; `refresh_token` may be absent after a refresh."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str


class GrantRefusedError(Exception):
    """The token endpoint's way to say no: a code and a description, with HTTP 400."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What an app asks for when it sends somebody to the consent page."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str


@dataclass(frozen=True, slots=True)
class _IssuedCode:
    request: LoginRequest
    number: int
    expires_at: datetime


@dataclass(slots=True)
class Accounts:
    """Hands out codes and tokens, and knows which are good. There is one for all accounts of a server, as at Spotify.

    Attributes:
        stores: The accounts, the one with the number 1 first.
        rotates_refresh_tokens: Whether a refresh answers with a new refresh token and ends the old one, as Spotify
            does for PKCE apps; otherwise the answer has none and the old one stays good.
        client_ids: The apps there are; `None` knows every one.
        redirect_uris: What their owner entered in the dashboard; `None` stands for whatever Spotify takes.
        refusal: What every call of the Web API is refused with (403), as for an account that is not on the app's list;
            empty refuses none.
    """

    stores: Sequence[Store]
    clock: Clock
    rotates_refresh_tokens: bool = True
    client_ids: frozenset[str] | None = None
    redirect_uris: frozenset[str] | None = None
    refusal: str = ""
    _codes: dict[str, _IssuedCode] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def knows_app(self, client_id: str) -> bool:
        """Whether there is such an app."""
        return bool(client_id) and (self.client_ids is None or client_id in self.client_ids)

    def forget_apps(self) -> None:
        """From now on there is no app, as when a client id is mistyped."""
        self.client_ids = frozenset()

    def forget_redirects(self) -> None:
        """From now on no redirect URI is entered in the dashboard."""
        self.redirect_uris = frozenset()

    def know_all(self) -> None:
        """From now on every app and every redirect URI that Spotify takes is known."""
        self.client_ids = self.redirect_uris = None

    def takes_redirect(self, uri: str) -> bool:
        """Whether a login may lead back there: to the letter, save that a loopback address without a port fits any."""
        if not is_allowed_redirect(uri):
            return False
        return self.redirect_uris is None or bool({uri, _without_port(uri)} & self.redirect_uris)

    def store_of(self, token: str) -> Store:
        """The account that a token is for, if it is good at all."""
        return self.stores[self.number_of(token) - 1]

    def number_of(self, token: str) -> int:
        """The number of the account that an access or a refresh token is for, if it is good at all."""
        number, dot, _ = token.partition(".")
        if not dot or not number.isascii() or not number.isdecimal() or len(number) > _DIGITS_MAXIMUM:
            return 1
        return int(number) if 1 <= int(number) <= len(self.stores) else 1

    def issue_code(self, request: LoginRequest, number: int = 1) -> str:
        """A code to be exchanged once, within ten minutes, by the app that asked, for the account with that number."""
        code = secrets.token_urlsafe(48)
        with self._lock:
            self._codes[code] = _IssuedCode(request, number, self.clock() + CODE_LIFE)
        return code

    def exchange_code(self, code: str, *, client_id: str, redirect_uri: str, verifier: str) -> Tokens:
        """Tokens for a code.

        Raises:
            GrantRefusedError: The code is unknown, used, too old or another app's, or the verifier is not the one.
        """
        with self._lock:
            issued = self._codes.pop(code, None)
        if issued is None or issued.request.client_id != client_id:
            raise GrantRefusedError("invalid_grant", "Invalid authorization code")
        if issued.expires_at <= self.clock():
            raise GrantRefusedError("invalid_grant", "Authorization code expired")
        if issued.request.redirect_uri != redirect_uri:
            raise GrantRefusedError("invalid_grant", "Invalid redirect URI")
        if not secrets.compare_digest(challenge_of(verifier), issued.request.challenge):
            raise GrantRefusedError("invalid_grant", "code_verifier was incorrect")
        return self.issue_tokens(client_id, issued.request.scopes, issued.number)

    def issue_tokens(self, client_id: str, scopes: tuple[str, ...], number: int = 1) -> Tokens:
        """Tokens as after a login to the account with that number, without one."""
        now = self.clock()
        grant = Grant(client_id, scopes, now, _new_token(number), _new_token(number), now + ACCESS_LIFE)
        self.stores[number - 1].change_grants(lambda grants: (*grants, grant))
        return _tokens(grant)

    def refresh(self, refresh_token: str, *, client_id: str) -> Tokens:
        """A new access token for a refresh token.

        Raises:
            GrantRefusedError: The refresh token is unknown, another app's, revoked, or older than six months.
        """
        now = self.clock()
        number = self.number_of(refresh_token)
        store = self.stores[number - 1]
        old = next((grant for grant in store.grants if grant.refresh_token == refresh_token), None)
        if old is None or old.client_id != client_id:
            raise GrantRefusedError("invalid_grant", "Invalid refresh token")
        if old.is_revoked:
            raise GrantRefusedError("invalid_grant", "Refresh token revoked")
        if old.authorised_at + REFRESH_LIFE <= now:
            raise GrantRefusedError("invalid_grant", "Refresh token expired")
        fresh = replace(old, access_token=_new_token(number), access_expires_at=now + ACCESS_LIFE)
        if self.rotates_refresh_tokens:
            fresh = replace(fresh, refresh_token=_new_token(number))
            store.change_grants(lambda grants: (*_revoked(grants, old), fresh))
            return _tokens(fresh)
        store.change_grants(lambda grants: tuple(fresh if grant is old else grant for grant in grants))
        answer = _tokens(fresh)
        del answer["refresh_token"]  # type: ignore[misc] # may be absent after a refresh
        return answer

    def grant_of(self, access_token: str) -> Grant | None:
        """What an access token allows, `None` when nobody was ever given it or it was taken back."""
        grants = self.store_of(access_token).grants
        return next((grant for grant in grants if grant.access_token == access_token and not grant.is_revoked), None)

    def revoke_all(self) -> None:
        """What happens when a person removes the app from their account, for every account."""
        for store in self.stores:
            store.change_grants(lambda grants: tuple(replace(grant, is_revoked=True) for grant in grants))

    def expire_access_tokens(self) -> None:
        """Ends every access token now, so that the next call meets a 401."""
        now = self.clock()
        for store in self.stores:
            store.change_grants(lambda grants: tuple(replace(grant, access_expires_at=now) for grant in grants))


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_allowed_redirect(uri: str) -> bool:
    """Spotify's rule since 2025: https, or a loopback address written as numbers; never `localhost`."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    return (parts.scheme == "https" and bool(host)) or (parts.scheme == "http" and host in ("127.0.0.1", "::1"))


def _without_port(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme != "http":
        return uri
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return parts._replace(netloc=host).geturl()


def _new_token(number: int) -> str:
    token = secrets.token_urlsafe(96)  # in which there is no dot
    return token if number == 1 else f"{number}.{token}"


def _tokens(grant: Grant) -> Tokens:
    return Tokens(
        access_token=grant.access_token,
        token_type="Bearer",  # noqa: S106 - the name of a kind of token
        expires_in=int(ACCESS_LIFE.total_seconds()),
        scope=" ".join(grant.scopes),
        refresh_token=grant.refresh_token,
    )


def _revoked(grants: tuple[Grant, ...], old: Grant) -> tuple[Grant, ...]:
    return tuple(replace(grant, is_revoked=True) if grant is old else grant for grant in grants)
