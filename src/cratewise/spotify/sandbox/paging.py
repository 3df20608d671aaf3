"""Pages of a list, with links to the ones beside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """The parameters that every call with pages takes."""

    limit: Annotated[int, Query(ge=1, le=50)] = 20
    offset: Annotated[int, Query(ge=0)] = 0
    market: str | None = None


PageWanted = Annotated[Window, Depends()]


def page_of(
    everything: Sequence[T],
    address: str,
    window: Window,
    *,
    shape: Callable[[T], dict[str, Any]],
    query: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """One page in Spotify's shape; an offset behind the end gives an empty page, not an error.

    Args:
        everything: The whole list.
        address: The list's address, without a query.
        window: Which part of it.
        shape: Makes an item's JSON.
        query: What else the links carry, where it is not empty.
    """
    kept = {name: value for name, value in {**(query or {}), "market": window.market}.items() if value}

    def link(start: int) -> str:
        return f"{address}?{urlencode({**kept, 'offset': start, 'limit': window.limit})}"

    end = window.offset + window.limit
    return {
        "href": link(window.offset),
        "items": [shape(item) for item in everything[window.offset : end]],
        "limit": window.limit,
        "next": link(end) if end < len(everything) else None,
        "offset": window.offset,
        "previous": link(max(0, window.offset - window.limit)) if window.offset > 0 else None,
        "total": len(everything),
    }
