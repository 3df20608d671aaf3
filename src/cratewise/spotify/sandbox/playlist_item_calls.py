"""What is in a playlist: reading, adding, replacing, reordering and removing items."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from cratewise.spotify.sandbox.authorisation import MAY_MODIFY_PLAYLISTS, Sandbox, allowed
from cratewise.spotify.sandbox.fields import selected
from cratewise.spotify.sandbox.ids import snapshot_id
from cratewise.spotify.sandbox.paging import PageWanted, page_of
from cratewise.spotify.sandbox.refusals import RefusalError
from cratewise.spotify.sandbox.state import (
    Move,
    own_playlist,
    with_items_added,
    with_items_removed,
    with_items_reordered,
    with_items_replaced,
)
from cratewise.spotify.sandbox.values import Account

URIS_MAXIMUM = 100

router = APIRouter(prefix="/playlists/{playlist_id}/items")
UrisInQuery = Annotated[str | None, Query(alias="uris")]


class Addition(BaseModel):
    """Body of the call that adds items."""

    uris: list[str] | None = None
    position: int | None = None


class Update(BaseModel):
    """Body of the call that replaces all items, or moves some; never both."""

    uris: list[str] | None = None
    range_start: int | None = None
    insert_before: int | None = None
    range_length: int = 1
    snapshot_id: str | None = None


class ItemReference(BaseModel):
    """An item to take out; a position beside the uri is ignored."""

    uri: str


class Removal(BaseModel):
    """Body of the call that takes items out."""

    items: list[ItemReference]
    snapshot_id: str | None = None


@router.get("", dependencies=[allowed("playlist-read-private")])
def playlist_items(
    sandbox: Sandbox,
    playlist_id: str,
    window: PageWanted,
    fields: str | None = None,
    additional_types: str = "",
) -> dict[str, Any]:
    """A page of what is in a playlist; only for its owner and collaborators."""
    sandbox.readable_playlist(playlist_id)
    account = sandbox.store.account
    page = page_of(
        own_playlist(account, playlist_id).entries,
        f"{sandbox.shapes.api_url}/playlists/{playlist_id}/items",
        window,
        shape=lambda entry: sandbox.shapes.playlist_entry(account, entry, window.market, additional_types),
        query={"fields": fields, "additional_types": additional_types},
    )
    return selected(page, fields)


@router.post("", status_code=201, dependencies=[MAY_MODIFY_PLAYLISTS])
def add_items(
    sandbox: Sandbox,
    playlist_id: str,
    addition: Addition | list[str] | None = None,
    uris: UrisInQuery = None,
    position: int | None = None,
) -> dict[str, str]:
    """Adds items, those already in it again; a body that is a bare list of uris is taken too, as spotipy sends it."""
    body = Addition(uris=addition) if isinstance(addition, list) else addition or Addition()
    added = _checked(_split(uris) if uris is not None else body.uris)
    place = position if position is not None else body.position
    at = sandbox.clock()
    account = sandbox.store.change_account(lambda account: with_items_added(account, playlist_id, added, place, at))
    return _snapshot(account, playlist_id)


@router.put("", dependencies=[MAY_MODIFY_PLAYLISTS])
def update_items(
    sandbox: Sandbox, playlist_id: str, update: Update | None = None, uris: UrisInQuery = None
) -> dict[str, str]:
    """Replaces everything with at most 100 items, or moves a range of items."""
    body = update or Update()
    wanted = _split(uris) if uris is not None else body.uris
    is_reorder = body.range_start is not None or body.insert_before is not None
    if wanted is not None and is_reorder:
        raise RefusalError(400, "Replace and reorder cannot be applied together")
    if wanted is not None:
        listed = _checked(wanted, least=0)
        at = sandbox.clock()
        account = sandbox.store.change_account(lambda account: with_items_replaced(account, playlist_id, listed, at))
        return _snapshot(account, playlist_id)
    if body.range_start is None or body.insert_before is None:
        raise RefusalError(400, "Missing required field: uris, or range_start and insert_before")
    move = Move(body.range_start, body.range_length, body.insert_before)
    account = sandbox.store.change_account(
        lambda account: with_items_reordered(account, playlist_id, move, body.snapshot_id)
    )
    return _snapshot(account, playlist_id)


@router.delete("", dependencies=[MAY_MODIFY_PLAYLISTS])
def remove_items(sandbox: Sandbox, playlist_id: str, removal: Removal) -> dict[str, str]:
    """Takes out every occurrence of the items named."""
    gone = _checked([item.uri for item in removal.items])
    account = sandbox.store.change_account(
        lambda account: with_items_removed(account, playlist_id, gone, removal.snapshot_id)
    )
    return _snapshot(account, playlist_id)


def _split(uris: str) -> list[str]:
    return [uri.strip() for uri in uris.split(",") if uri.strip()]


def _checked(uris: list[str] | None, *, least: int = 1) -> list[str]:
    if uris is None or len(uris) < least:
        raise RefusalError(400, "No uris provided")
    if len(uris) > URIS_MAXIMUM:
        raise RefusalError(400, f"You can add a maximum of {URIS_MAXIMUM} tracks per request.")
    return uris


def _snapshot(account: Account, playlist_id: str) -> dict[str, str]:
    return {"snapshot_id": snapshot_id(playlist_id, account.playlists[playlist_id].revision)}
