"""From Spotify's JSON to values."""

import html
import json
import re
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ValidationError

from cratewise.spotify.schemas import (
    UNKNOWN_TIME,
    RawImage,
    RawItem,
    RawPage,
    RawPlaylist,
    RawPlaylistEntry,
    RawSavedTrack,
    RawSnapshot,
    RawUser,
)
from cratewise.spotify.values import Item, Kind, Page, PlaylistEntry, PlaylistSummary, SavedItem, User
from cratewise.tracks import Track

Raw = TypeVar("Raw", bound=BaseModel)
T = TypeVar("T")
_LONGEST_MS = 2**31
_WEB = ("https://", "http://")


def read_json(body: bytes) -> Any:
    """What a body says, also with a byte order mark or a letter that is none.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_user(body: bytes) -> User:
    """Reads `GET /me`."""
    raw = RawUser.model_validate(read_json(body))
    account_id = raw.account_id or raw.id
    if not account_id or "\ufffd" in account_id:
        raise ValueError("account_id: an account without an id that can be read")
    return User(account_id, raw.id or account_id, raw.display_name or raw.id or account_id)


def read_saved_tracks(body: bytes, offset: int, limit: int) -> Page[SavedItem]:
    """Reads `GET /me/tracks`; entries of which nothing can be understood keep their place."""
    raw = RawPage.model_validate(read_json(body))
    return _page(raw, [_saved_item(entry) for entry in _tolerated(raw, RawSavedTrack)], offset, limit)


def read_playlists(body: bytes, offset: int, limit: int) -> Page[PlaylistSummary]:
    """Reads `GET /me/playlists`; null entries are left out, and one that is not understood is an error.

    A playlist that is not in the list counts as deleted, so none may fall out of it unseen.
    """
    raw = RawPage.model_validate(read_json(body))
    listed = [(place, entry) for place, entry in enumerate(raw.items) if entry is not None]
    return _page(raw, [_playlist(_understood(RawPlaylist, entry, place)) for place, entry in listed], offset, limit)


def read_playlist_items(body: bytes, offset: int, limit: int) -> Page[PlaylistEntry]:
    """Reads `GET /playlists/{id}/items`; entries of which nothing can be understood keep their place."""
    raw = RawPage.model_validate(read_json(body))
    return _page(raw, [_entry(entry) for entry in _tolerated(raw, RawPlaylistEntry)], offset, limit)


def read_playlist(body: bytes) -> PlaylistSummary:
    """Reads `GET /playlists/{id}` and `POST /me/playlists`."""
    return _playlist(RawPlaylist.model_validate(read_json(body)))


def read_snapshot(body: bytes) -> str:
    """Reads the new snapshot's id."""
    return RawSnapshot.model_validate(read_json(body)).snapshot_id


def read_nothing(body: bytes) -> None:
    """Takes any body, since the call gives none that matters."""


def _understood(model: type[Raw], entry: object, place: int) -> Raw:
    try:
        return model.model_validate(entry)
    except ValidationError as failure:
        fault = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in ("items", place, *fault["loc"]))
        raise ValueError(f"{where}: {fault['msg']}") from None  # the cause would show the entry


def _tolerated(raw: RawPage, model: type[Raw]) -> list[Raw | None]:
    """Each entry, `None` for null and for one that is not understood.

    Raises:
        ValueError: There are some that are not understood, and none that is: then it isn't the entries' fault.
    """
    read: list[Raw | None] = []
    fault: ValueError | None = None
    for place, entry in enumerate(raw.items):
        try:
            read.append(None if entry is None else _understood(model, entry, place))
        except ValueError as failure:
            fault = fault or failure
            read.append(None)
    if fault is not None and not any(read):
        raise fault
    return read


def _page(raw: RawPage, items: Sequence[T], offset: int, limit: int) -> Page[T]:
    end = offset + len(raw.items)
    total = end if raw.total is None else max(raw.total, end if raw.items else 0)
    return Page(tuple(items), total, offset, _next_offset(raw, offset, limit, total))


def _next_offset(raw: RawPage, offset: int, limit: int, total: int) -> int | None:
    following = offset + (len(raw.items) or limit)
    is_last = not raw.next and "next" in raw.model_fields_set
    if is_last or following >= total:
        return None
    named = re.fullmatch(r"[0-9]{1,9}", _offset_in(raw.next))
    return int(named[0]) if raw.items and named and following < int(named[0]) <= offset + limit else following


def _offset_in(url: str) -> str:
    try:
        return parse_qs(urlsplit(url).query).get("offset", [""])[0]
    except ValueError:
        return ""


def _saved_item(raw: RawSavedTrack | None) -> SavedItem:
    return SavedItem(raw.added_at, _item(raw.track or raw.item)) if raw else SavedItem(UNKNOWN_TIME, None)


def _entry(raw: RawPlaylistEntry | None) -> PlaylistEntry:
    item = _item((raw.item or raw.track) if raw else None, is_local=bool(raw and raw.is_local))
    return PlaylistEntry(item.uri if item else None, item)


def _item(raw: RawItem | None, *, is_local: bool = False) -> Item | None:
    if raw is None or not (raw.uri or raw.id):
        return None
    kind = _kind(raw, is_local)
    uri = raw.uri or f"spotify:{raw.type or 'track'}:{raw.id}"
    show = raw.show.name if raw.show else ""
    names = tuple(artist.name for artist in raw.artists if artist.name)
    released = raw.album.release_date if raw.album else raw.release_date
    track = Track(
        track_id=raw.id or uri,
        title=raw.name,
        artists=names or ((show,) if show else ()),
        album=raw.album.name if raw.album else show,
        duration_ms=raw.duration_ms if raw.duration_ms and 0 < raw.duration_ms < _LONGEST_MS else None,
        explicit=raw.explicit,
        release_year=_year(released),
        isrc=raw.external_ids.isrc.replace("-", "").strip().upper() if raw.external_ids else "",
    )
    return Item(
        track=track,
        uri=uri,
        kind=kind,
        available=_is_available(raw),
        artist_ids=tuple(artist.id for artist in raw.artists if artist.name),
        cover_url=_cover_url(raw),
    )


def _kind(raw: RawItem, is_local: bool) -> Kind:
    if is_local or raw.is_local or raw.uri.startswith("spotify:local:"):
        return "local"
    named = raw.type or (raw.uri.split(":") + [""] * 2)[1] or "track"
    return "track" if named == "track" else "episode"


def _is_available(raw: RawItem) -> bool:
    """Spotify says it in several ways; a track that was taken down may also come with an empty name."""
    taken_down = raw.is_playable is False or bool(raw.restrictions) or raw.available_markets == []
    return not taken_down and bool(raw.name)


def _cover_url(raw: RawItem) -> str:
    images = (raw.album.images if raw.album else ()) or raw.images or (raw.show.images if raw.show else ())
    shown = [image for image in images if image.url.startswith(_WEB)]
    return min(shown, key=_distance_from_300).url if shown else ""


def _distance_from_300(image: RawImage) -> int:
    return abs((image.width or 0) - 300)


def _year(release_date: str) -> int | None:
    found = re.match(r"[0-9]{4}", release_date)
    return int(found[0]) or None if found else None  # "0000" stands where Spotify does not know


def _playlist(raw: RawPlaylist) -> PlaylistSummary:
    count = raw.items or raw.tracks
    url = raw.external_urls.spotify if raw.external_urls else ""
    return PlaylistSummary(
        id=raw.id,
        name=raw.name,
        description=html.unescape(raw.description),  # Spotify gives "R&amp;B" for "R&B"
        owner_id=raw.owner.id if raw.owner else "",
        snapshot_id=raw.snapshot_id,
        public=raw.public,
        total=(count.total or 0) if count else 0,
        url=url if url.startswith(_WEB) else f"https://open.spotify.com/playlist/{raw.id}",
        collaborative=bool(raw.collaborative),
    )
