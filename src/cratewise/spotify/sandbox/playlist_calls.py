"""Playlists: listing, making and changing them. What is in one is in `playlist_item_calls`."""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, StringConstraints

from cratewise.spotify.sandbox.authorisation import MAY_MODIFY_PLAYLISTS, Caller, Sandbox, allowed, check_scopes
from cratewise.spotify.sandbox.fields import selected
from cratewise.spotify.sandbox.ids import new_id
from cratewise.spotify.sandbox.paging import PageWanted, page_of
from cratewise.spotify.sandbox.refusals import RefusalError
from cratewise.spotify.sandbox.state import with_cover, with_details, with_playlist
from cratewise.spotify.sandbox.values import Playlist

COVER_BYTES_MAXIMUM = 256 * 1024
_JPEG_START = b"\xff\xd8\xff"

router = APIRouter()


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as half:  # kept, half an emoji would break every later answer
        raise ValueError("half a character") from half
    return text


Text = Annotated[str, AfterValidator(_whole)]
Name = Annotated[Text, StringConstraints(min_length=1)]


class NewPlaylist(BaseModel):
    """Body of the call that makes a playlist."""

    name: Name
    description: Text | None = None
    public: bool = True
    collaborative: bool = False


class Details(BaseModel):
    """Body of the call that changes a playlist; what is absent stays."""

    name: Name | None = None
    description: Text | None = None
    public: bool | None = None
    collaborative: bool | None = None


@router.get("/me/playlists", dependencies=[allowed("playlist-read-private")])
def own_playlists(sandbox: Sandbox, grant: Caller, window: PageWanted) -> dict[str, Any]:
    """The playlists in the library, newest first; shared ones only with the scope for them."""
    sees_shared = "playlist-read-collaborative" in grant.scopes
    listed = [
        playlist
        for playlist in reversed(list(sandbox.store.account.playlists.values()))
        if playlist.is_followed and sandbox.can_be_read(playlist) and (sees_shared or not playlist.collaborative)
    ]
    address = f"{sandbox.shapes.api_url}/me/playlists"
    return page_of(listed, address, window, shape=sandbox.shapes.playlist_summary)


@router.post("/me/playlists", status_code=201)
def create_playlist(sandbox: Sandbox, grant: Caller, wanted: NewPlaylist) -> dict[str, Any]:
    """Makes an empty playlist; it comes back as public whatever was asked for, as Spotify was seen to do."""
    check_scopes(grant, "playlist-modify-public" if wanted.public else "playlist-modify-private")
    if wanted.collaborative and wanted.public:
        raise RefusalError(400, "A collaborative playlist cannot be public")
    playlist = Playlist(
        id=new_id(),
        name=wanted.name,
        owner=sandbox.store.account.person,
        description=wanted.description or "",
        collaborative=wanted.collaborative,
        made_at=sandbox.clock(),
    )
    account = sandbox.store.change_account(lambda account: with_playlist(account, playlist))
    return sandbox.shapes.playlist(account, playlist, None)


@router.get("/playlists/{playlist_id}", dependencies=[allowed()])
def playlist(
    sandbox: Sandbox,
    playlist_id: str,
    fields: str | None = None,
    market: str | None = None,
    additional_types: str = "",
) -> dict[str, Any]:
    """A playlist, with its first items where the account owns it."""
    found = sandbox.readable_playlist(playlist_id)
    return selected(sandbox.shapes.playlist(sandbox.store.account, found, market, additional_types), fields)


@router.put("/playlists/{playlist_id}", dependencies=[MAY_MODIFY_PLAYLISTS])
def change_playlist(sandbox: Sandbox, playlist_id: str, details: Details) -> Response:
    """Changes a playlist's name, description, whether it is on the profile, and whether others may change it."""
    changes = details.model_dump(exclude_none=True)
    sandbox.store.change_account(lambda account: with_details(account, playlist_id, changes))
    return Response()


@router.get("/playlists/{playlist_id}/images", dependencies=[allowed()])
def playlist_images(sandbox: Sandbox, playlist_id: str) -> list[dict[str, Any]]:
    """A playlist's cover, as a list of at most one image."""
    images: list[dict[str, Any]] = sandbox.shapes.playlist_summary(sandbox.readable_playlist(playlist_id))["images"]
    return images


@router.put("/playlists/{playlist_id}/images", dependencies=[allowed("ugc-image-upload"), MAY_MODIFY_PLAYLISTS])
async def change_cover(sandbox: Sandbox, playlist_id: str, request: Request) -> Response:
    """Takes a cover: the base64 of a JPEG, at most 256 KB as sent, without a line break at its end."""
    body = await request.body()
    if len(body) > COVER_BYTES_MAXIMUM:
        raise RefusalError(413, "Payload too large")
    try:
        is_jpeg = base64.b64decode(body, validate=True).startswith(_JPEG_START)
    except ValueError:
        is_jpeg = False
    if not is_jpeg:
        raise RefusalError(400, "The body is not a base64 encoded JPEG")
    sandbox.store.change_account(lambda account: with_cover(account, playlist_id, body.decode()))
    return Response(status_code=202)
