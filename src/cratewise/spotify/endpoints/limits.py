"""How much fits into one call."""

from collections.abc import Sequence

from cratewise.errors import SpotifyError

PAGE = 50
ITEMS = 100


def page_query(offset: int, limit: int) -> dict[str, str | int]:
    """The query for a part of a list.

    Raises:
        SpotifyError: Spotify would not give such a part.
    """
    if offset < 0 or not 1 <= limit <= PAGE:
        raise SpotifyError(f"a page of {limit} from {offset} cannot be asked for; Spotify gives 1 to {PAGE} from 0 on")
    return {"limit": limit, "offset": offset}


def uris_that_fit(uris: Sequence[str], at_least: int = 1) -> list[str]:
    """The URIs, when one call takes so many.

    Raises:
        SpotifyError: They are too many, or none, or one of them cannot be sent.
    """
    for uri in uris:
        if not uri.isascii():
            raise SpotifyError(f"{uri!a} is no Spotify URI: those are written in ASCII")
    if not at_least <= len(uris) <= ITEMS:
        raise SpotifyError(f"{len(uris)} items cannot go into one call; Spotify takes {at_least} to {ITEMS}")
    return list(uris)
