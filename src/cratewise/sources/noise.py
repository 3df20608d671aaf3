"""Tags that say nothing of how music sounds: what the listener did or thought, a year, the artist's own name."""

import re
from collections.abc import Iterable, Mapping

from cratewise.tracks import normalised

_NOISE = frozenset(
    {
        "albums i own",
        "all",
        "amazing",
        "artist",
        "artists",
        "awesome",
        "band",
        "bands",
        "beautiful",
        "best",
        "cool",
        "fav",
        "favorite",
        "favorite artist",
        "favorite artists",
        "favorite band",
        "favorite bands",
        "favorites",
        "favourite",
        "favourite artist",
        "favourite artists",
        "favourite band",
        "favourite bands",
        "favourites",
        "favs",
        "good",
        "great",
        "heard on pandora",
        "i love",
        "love",
        "loved",
        "music",
        "my favorites",
        "my favourites",
        "my music",
        "new",
        "radio",
        "seen live",
        "special purpose artist",
        "spotify",
        "to listen",
        "under 2000 listeners",
        "want to see live",
        "wishlist",
        "youtube",
    }
)
_YEAR = re.compile(r"(1[89]|20)[0-9]{2}")  # "1994"; a decade ("90s", "1990s") does say how music sounds


def without_noise(tags: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """The tags that say something.

    Args:
        tags: Tags with their weight.
        names: The artist's own names.
    """
    own = {normalised(name) for name in names}
    return {tag: weight for tag, weight in tags.items() if not _is_noise(normalised(tag), own)}


def summed(tags: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Tags in small letters with the sum of their weights; those that nobody, or more against than for, gave left out.

    `NaN` and infinity are no weights.
    """
    weights: dict[str, float] = {}
    for name, weight in tags:
        tag = " ".join(name.split()).casefold()
        if tag and 0 < weight < float("inf"):
            weights[tag] = weights.get(tag, 0.0) + weight
    return weights


def _is_noise(tag: str, own_names: set[str]) -> bool:
    return not tag or tag in _NOISE or tag in own_names or bool(_YEAR.fullmatch(tag))
