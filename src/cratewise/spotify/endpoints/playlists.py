"""Playlists: reading, making and changing them."""

import base64
from collections.abc import Sequence
from urllib.parse import quote

from cratewise.spotify.endpoints.limits import PAGE, page_query, uris_that_fit
from cratewise.spotify.reading import (
    read_nothing,
    read_playlist,
    read_playlist_items,
    read_playlists,
    read_snapshot,
)
from cratewise.spotify.request import Call, Request
from cratewise.spotify.scopes import COVER_WRITING, PLAYLIST_READING, PLAYLIST_WRITING
from cratewise.spotify.values import Page, PlaylistEntry, PlaylistSummary

_LARGEST_COVER = 256 * 1024
# the contents (a hundred items) stay out: they are read in pages of their own
_SUMMARY_FIELDS = (
    "id,name,description,public,collaborative,snapshot_id,owner(id),external_urls(spotify),items(total),tracks(total)"
)


def playlists(offset: int = 0, limit: int = PAGE) -> Call[Page[PlaylistSummary]]:
    """The playlists the person owns or follows."""
    request = Request(
        "GET", "/me/playlists", params=page_query(offset, limit), scopes=PLAYLIST_READING, repeatable=True
    )
    return Call(request, lambda body: read_playlists(body, offset, limit))


def playlist(playlist_id: str) -> Call[PlaylistSummary]:
    """One playlist without its contents."""
    request = Request(
        "GET", _path(playlist_id), params={"fields": _SUMMARY_FIELDS}, scopes=PLAYLIST_READING, repeatable=True
    )
    return Call(request, read_playlist)


def playlist_items(playlist_id: str, offset: int = 0, limit: int = PAGE) -> Call[Page[PlaylistEntry]]:
    """A part of a playlist's contents; only its owner and its collaborators may see them."""
    # without additional_types an episode comes in the shape of a track
    params = page_query(offset, limit) | {"additional_types": "track,episode"}
    request = Request("GET", f"{_path(playlist_id)}/items", params=params, scopes=PLAYLIST_READING, repeatable=True)
    return Call(request, lambda body: read_playlist_items(body, offset, limit))


def create_playlist(name: str, description: str, public: bool) -> Call[PlaylistSummary]:
    """Makes an empty playlist."""
    # `public` is always sent, since it is true when left out
    body = {"name": _whole(name), "description": _one_line(description), "public": public}
    return Call(Request("POST", "/me/playlists", json=body, scopes=PLAYLIST_WRITING), read_playlist)


def change_playlist(
    playlist_id: str, name: str | None = None, description: str | None = None, public: bool | None = None
) -> Call[None]:
    """Changes what is given; `None` leaves it as it is."""
    given = {
        "name": None if name is None else _whole(name),
        "description": None if description is None else _one_line(description),
        "public": public,
    }
    body = {field: value for field, value in given.items() if value is not None}
    return Call(Request("PUT", _path(playlist_id), json=body, scopes=PLAYLIST_WRITING), read_nothing)


def add_items(playlist_id: str, uris: Sequence[str], position: int | None = None) -> Call[str]:
    """Puts items in at `position`, or at the end. Spotify adds again what is already there."""
    body: dict[str, object] = {"uris": uris_that_fit(uris)}
    if position is not None:
        body["position"] = position
    return Call(Request("POST", f"{_path(playlist_id)}/items", json=body, scopes=PLAYLIST_WRITING), read_snapshot)


def replace_items(playlist_id: str, uris: Sequence[str]) -> Call[str]:
    """Puts these items in place of all there were; none empties the playlist."""
    body = {"uris": uris_that_fit(uris, at_least=0)}
    return Call(Request("PUT", f"{_path(playlist_id)}/items", json=body, scopes=PLAYLIST_WRITING), read_snapshot)


def remove_items(playlist_id: str, uris: Sequence[str], snapshot_id: str | None = None) -> Call[str]:
    """Takes every occurrence of these items out."""
    body: dict[str, object] = {"items": [{"uri": uri} for uri in uris_that_fit(uris)]}
    if snapshot_id is not None:
        body["snapshot_id"] = snapshot_id
    return Call(Request("DELETE", f"{_path(playlist_id)}/items", json=body, scopes=PLAYLIST_WRITING), read_snapshot)


def change_cover(playlist_id: str, jpeg: bytes) -> Call[None]:
    """Gives a playlist a cover: a JPEG of at most 192 KB, as Spotify takes 256 KB in base64."""
    body = base64.b64encode(jpeg)
    if len(body) > _LARGEST_COVER:
        raise ValueError(f"a cover of {len(body):,} bytes as sent, and Spotify takes {_LARGEST_COVER:,}")
    scopes = COVER_WRITING + PLAYLIST_WRITING
    request = Request("PUT", f"{_path(playlist_id)}/images", jpeg=body, scopes=scopes, repeatable=True)
    return Call(request, read_nothing)


def _path(playlist_id: str) -> str:
    return f"/playlists/{quote(playlist_id, safe='', errors='replace')}"


def _one_line(text: str) -> str:
    """Spotify takes no line breaks in a description."""
    return _whole(" ".join(text.split()))


def _whole(text: str) -> str:
    """Halves of characters, which cannot be sent (a command line or a page can give them), become question marks."""
    return text.encode("utf-8", "replace").decode()
