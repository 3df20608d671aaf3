"""`/me`, the liked songs, and what is in the library."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from cratewise.spotify.sandbox.authorisation import Sandbox, allowed
from cratewise.spotify.sandbox.paging import PageWanted, page_of
from cratewise.spotify.sandbox.refusals import RefusalError
from cratewise.spotify.sandbox.state import with_library_items, without_library_items

LIBRARY_URIS_MAXIMUM = 40
_MODIFY_SCOPES = ("user-library-modify", "user-follow-modify", "playlist-modify-public")

router = APIRouter()


@router.get("/me", dependencies=[allowed()])
def current_user(sandbox: Sandbox) -> dict[str, Any]:
    """Whose account it is."""
    return sandbox.shapes.profile(sandbox.store.account)


@router.get("/me/tracks", dependencies=[allowed("user-library-read")])
def saved_tracks(sandbox: Sandbox, window: PageWanted) -> dict[str, Any]:
    """The liked songs, newest first."""
    account = sandbox.store.account
    return page_of(
        account.saved,
        f"{sandbox.shapes.api_url}/me/tracks",
        window,
        shape=lambda saved: sandbox.shapes.saved_track(account, saved, window.market),
    )


@router.put("/me/library", dependencies=[allowed(*_MODIFY_SCOPES)])
def save_to_library(sandbox: Sandbox, uris: Annotated[str, Query()]) -> Response:
    """Likes songs and follows playlists."""
    at = sandbox.clock()
    listed = _uris(uris)
    sandbox.store.change_account(lambda account: with_library_items(account, listed, at))
    return Response()


@router.delete("/me/library", dependencies=[allowed(*_MODIFY_SCOPES)])
def remove_from_library(sandbox: Sandbox, uris: Annotated[str, Query()]) -> Response:
    """Unlikes songs and unfollows playlists, which is what "deleting" a playlist means."""
    listed = _uris(uris)
    sandbox.store.change_account(lambda account: without_library_items(account, listed))
    return Response()


def _uris(text: str) -> list[str]:
    uris = [uri.strip() for uri in text.split(",") if uri.strip()]
    if not uris:
        raise RefusalError(400, "Missing required field: uris")
    if len(uris) > LIBRARY_URIS_MAXIMUM:
        raise RefusalError(400, f"Too many uris requested: {len(uris)}, at most {LIBRARY_URIS_MAXIMUM}")
    return uris
