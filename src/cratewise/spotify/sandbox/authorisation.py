"""Who calls, and what they may: the bearer token and its scopes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from cratewise.spotify.sandbox.accounts import Accounts
from cratewise.spotify.sandbox.faults import Faults
from cratewise.spotify.sandbox.refusals import RefusalError
from cratewise.spotify.sandbox.shapes import Shapes
from cratewise.spotify.sandbox.state import playlist_of
from cratewise.spotify.sandbox.store import Store
from cratewise.spotify.sandbox.values import Clock, Grant, Playlist


@dataclass(frozen=True, slots=True)
class Parts:
    """What the calls for one account work with; all but the first three are the same for every account of a server.

    Attributes:
        root: What the addresses of the account's pages begin with; empty where there is no other account.
        faults: What shall go wrong.
        lag: How long a new playlist can be written to, but not read.
    """

    store: Store
    shapes: Shapes
    root: str
    accounts: Accounts
    clock: Clock
    faults: Faults
    lag: timedelta

    def can_be_read(self, playlist: Playlist) -> bool:
        """Whether reading has caught up with the playlist's making."""
        return playlist.made_at is None or self.clock() - playlist.made_at >= self.lag

    def readable_playlist(self, playlist_id: str) -> Playlist:
        """The playlist with that id.

        Raises:
            RefusalError: 404, there is none, or it was made a moment ago.
        """
        playlist = playlist_of(self.store.account, playlist_id)
        if not self.can_be_read(playlist):
            raise RefusalError(404, "Resource not found")
        return playlist


def parts_of(request: Request) -> Parts:
    """The parts that the application gave a request.

    Raises:
        RefusalError: 404, there are several accounts, and the address is for none of them.
    """
    parts = request.state.parts
    if parts is None:
        raise RefusalError(404, "Service not found")
    assert isinstance(parts, Parts)  # noqa: S101 - the application puts nothing else there
    return parts


Sandbox = Annotated[Parts, Depends(parts_of)]


def bearer_of(authorization: str) -> str:
    """The token in an `Authorization` header; empty where it has none of the kind that is taken."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def caller(request: Request, sandbox: Sandbox) -> Grant:
    """What the caller's token allows.

    Raises:
        RefusalError: 401, there is no token, or it is not good any more; 400, it is not a bearer token; 403, the app
            may not serve this account.
    """
    header = request.headers.get("authorization", "")
    if not header:
        raise RefusalError(401, "No token provided")
    token = bearer_of(header)
    if not token:
        raise RefusalError(400, "Only valid bearer authentication supported")
    grant = sandbox.accounts.grant_of(token)
    if grant is None or sandbox.accounts.store_of(token) is not sandbox.store:
        raise RefusalError(401, "Invalid access token")
    if grant.access_expires_at <= sandbox.clock():
        raise RefusalError(401, "The access token expired")
    if sandbox.accounts.refusal:
        raise RefusalError(403, sandbox.accounts.refusal)
    return grant


Caller = Annotated[Grant, Depends(caller)]


def check_scopes(grant: Grant, *needed: str) -> None:
    """Refuses (403) a token that lacks one of these scopes."""
    if not set(needed) <= set(grant.scopes):
        raise RefusalError(403, "Insufficient client scope")


def allowed(*needed: str) -> Dependency:
    """A route's dependency: a good token that has all these scopes."""

    def check(grant: Caller) -> None:
        check_scopes(grant, *needed)

    dependency: Dependency = Depends(check)
    return dependency


def _may_modify_playlists(grant: Caller) -> None:
    if not {"playlist-modify-private", "playlist-modify-public"} & set(grant.scopes):
        raise RefusalError(403, "Insufficient client scope")


MAY_MODIFY_PLAYLISTS: Dependency = Depends(_may_modify_playlists)
