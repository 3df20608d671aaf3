"""`GET /search`: tracks by words and by the filters `track:`, `artist:`, `album:`, `year:` and `isrc:`."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from cratewise.spotify.sandbox.authorisation import Sandbox, allowed
from cratewise.spotify.sandbox.paging import Window, page_of
from cratewise.spotify.sandbox.refusals import RefusalError
from cratewise.spotify.sandbox.values import Item
from cratewise.tracks import normalised

_TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
_FILTER = re.compile(r'\b(track|artist|album|year|isrc):(?:"([^"]*)"|(\S+))', re.IGNORECASE)

router = APIRouter()


@dataclass(frozen=True, slots=True)
class SearchWindow(Window):
    """Pages of search hits are shorter than others, and end sooner."""

    limit: Annotated[int, Query(ge=1, le=10)] = 5
    offset: Annotated[int, Query(ge=0, le=1000)] = 0


@router.get("/search", dependencies=[allowed()])
def search(
    sandbox: Sandbox,
    q: str,
    type_: Annotated[str, Query(alias="type")],
    window: Annotated[SearchWindow, Depends()],
) -> dict[str, Any]:
    """A page of hits for each type asked for; this server knows tracks, so the other types find nothing."""
    types = [name.strip() for name in type_.split(",")]
    if not q.strip():
        raise RefusalError(400, "No search query")
    if unknown := [name for name in types if name not in _TYPES]:
        raise RefusalError(400, f"Bad search type field {unknown[0]}")
    found = [item for item in sandbox.store.account.items.values() if item.kind == "track" and _matches(item, q)]
    return {
        f"{name}s": page_of(
            found if name == "track" else [],
            f"{sandbox.shapes.api_url}/search",
            window,
            shape=lambda item: sandbox.shapes.item(item, window.market),
            query={"q": q, "type": name},
        )
        for name in types
    }


def _matches(item: Item, query: str) -> bool:
    artists = " ".join(artist.name for artist in item.artists)
    album = item.album.name if item.album else ""
    texts = {"track": item.name, "artist": artists, "album": album}
    for name, quoted, bare in _FILTER.findall(query):
        wanted = quoted or bare
        match name.lower():
            case "isrc":
                fits = item.isrc.casefold() == wanted.casefold()
            case "year":
                fits = item.album is not None and _is_year(item.album.year, wanted)
            case field:
                fits = normalised(wanted) in normalised(texts[field])
        if not fits:
            return False
    words = normalised(_FILTER.sub(" ", query)).split()
    everything = normalised(f"{item.name} {artists} {album}")
    return all(word in everything for word in words)


def _is_year(year: int | None, wanted: str) -> bool:
    first, _, last = wanted.partition("-")
    if year is None or not first.isdecimal() or not (last or first).isdecimal():
        return False
    return int(first) <= year <= int(last or first)
