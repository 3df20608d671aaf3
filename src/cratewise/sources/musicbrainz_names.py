"""Finding artists at MusicBrainz by name: many names in one search, and whose of the answers is whose.

A search gives its best match the score 100 and the others less, also where it asks for many names; then 100 says
nothing of the other names. What holds for one name holds for each of many: the best of the answers that the name itself
found must bear that name, and no other answer may do so as well.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from cratewise.tracks import normalised

_LONGEST_QUERY = 6000  # characters, escaped: servers take 8 KB for a whole address
_LONGEST_NAME = 300
# MusicBrainz writes names with a typographer's quotes and hyphens, Spotify mostly with a keyboard's.
_KEYBOARD = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"'}
    | {"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2026": "..."}
)


@dataclass(frozen=True, slots=True)
class Found:
    """An artist that a search gave.

    Attributes:
        name: Name there.
        score: How well it matches, 0 to 100 for the best of the search.
        tags: Tags with their votes.
    """

    name: str
    score: float
    tags: Mapping[str, float]


def name_query(names: Sequence[str]) -> str:
    """A search for any of the names; of long ones, where they would be more than a call can be, for the beginning."""
    longest = _share([_length(name) for name in names])
    return f"artist:({' OR '.join(_quoted(_beginning(name, longest)) for name in names)})"


def groups_of(names: Sequence[str], count: int) -> Iterator[list[str]]:
    """Deals names into at most so many groups, one for each call."""
    bearable = [name for name in names if len(name) <= _LONGEST_NAME]
    for start in range(min(count, len(bearable))):
        yield bearable[start::count]


def best_of_name(name: str, matches: Sequence[Found], *, least_score: float) -> Found | None:
    """The artist of that name.

    Args:
        name: The name that was searched for, perhaps among others.
        matches: What the search gave.
        least_score: The score an answer must have.

    Returns:
        The best of the answers that the name found, if it bears the very name and no other does so equally well.
    """
    words = f" {normalised(name)} "
    own = [match for match in matches if same_name(match.name, name) or words in f" {normalised(match.name)} "]
    best_score = max((match.score for match in own), default=0)
    best = [match for match in own if match.score == best_score and same_name(match.name, name)]
    return best[0] if len(best) == 1 and best_score >= least_score else None


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals and the kind of quotes and hyphens; accents count."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name.translate(_KEYBOARD)).casefold().split())


def _length(name: str) -> int:
    """What a name takes of a query; nine characters for one of Han or Hangul."""
    return len(quote_plus(f" OR {_quoted(name)}", errors="replace"))


def _share(lengths: Sequence[int]) -> int:
    """What each name may take so that all fit: short ones leave the rest to those that are longer."""
    left = _LONGEST_QUERY
    for place, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - place)
        if length > share:
            return share
        left -= length
    return _LONGEST_QUERY


def _beginning(name: str, longest: int) -> str:
    """The name, or as many of its words as fit; of one word in a script without spaces, as many letters."""
    while _length(name) > longest:
        name = name.rpartition(" ")[0].rstrip() or name[: len(name) * 9 // 10]
    return name


def _quoted(name: str) -> str:
    """A name as a phrase of the search's language."""
    printable = re.sub(r"[\x00-\x1f\x7f]", " ", name)
    return '"' + re.sub(r'(["\\])', r"\\\1", printable) + '"'
