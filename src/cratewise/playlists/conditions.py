"""What a person asks of songs beside their genre: "energy over 0.7", "artist is Queen", "year before 1990". Pure."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from cratewise.errors import PlaylistsError
from cratewise.genres.language import LANGUAGES
from cratewise.tracks import normalised

if TYPE_CHECKING:
    from cratewise.playlists.plan import LikedSong

Comparison = Callable[[float, float], bool]

_COMPARISONS: Mapping[str, Comparison] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_WORDS = {"over": ">", "above": ">", "after": ">", "under": "<", "below": "<", "before": "<", "is": "=", "==": "="}
_SOUND = {
    "danceability": "danceability",
    "energy": "energy",
    "loudness": "loudness_db",
    "speechiness": "speechiness",
    "acousticness": "acousticness",
    "instrumentalness": "instrumentalness",
    "liveness": "liveness",
    "valence": "valence",
    "tempo": "tempo_bpm",
}
_TEXTS = ("artist", "language")
_YEARS = (1500, 2100)
_NUMBERS = ("year", *_SOUND)
NAMES = (*_TEXTS, *_NUMBERS, "explicit")
"""What a condition can be about."""

_SHAPE = re.compile(r"\s*(\w+)\s*(<=|>=|==|=|<|>|\b[a-z]+\b)\s*(.*\S)\s*", re.IGNORECASE)
_HINT = "Write one such as 'artist = Queen', 'year < 1990', 'energy > 0.7', 'language = german' or 'explicit'."


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that holds for a song, does not, or cannot be told.

    Attributes:
        name: What it is about, one of `NAMES`.
        sign: "<", "<=", ">", ">=" or "="; only "=" for text and for "explicit".
        text: What it is compared with, as it is shown; "yes" or "no" for "explicit".
    """

    name: str
    sign: str
    text: str

    def __str__(self) -> str:
        if self.name == "explicit":
            return "explicit" if self.text == "yes" else "not explicit"
        return f"{self.name} {self.sign} {self.text}"

    def holds(self, song: "LikedSong") -> bool | None:
        """Whether it holds for a song; `None` when that isn't known."""
        match self.name:
            case "artist":
                return normalised(self.text) in map(normalised, song.artists) if song.artists else None
            case "language":
                return normalised(self.text) in song.languages if song.languages else None
            case "explicit":
                return None if song.explicit is None else song.explicit == (self.text == "yes")
            case "year":
                value: float | None = song.release_year
            case _:
                value = getattr(song.statistics, _SOUND[self.name], None)
        return None if value is None else _COMPARISONS[self.sign](value, float(self.text))


def conditions_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Conditions as a person gives them, to be kept: each once, spelled in one way.

    Raises:
        PlaylistsError: One is none, or holds for no song whatever.
    """
    conditions = [parse(text) for text in texts]
    for condition in conditions:
        _refuse_impossible(condition)
    return tuple(dict.fromkeys(map(str, conditions)))


@lru_cache(maxsize=1024)
def parse(text: str) -> Condition:
    """Reads a condition as a person writes it.

    Raises:
        PlaylistsError: It is none; the message says what is wrong.
    """
    plain = " ".join(text.split())
    if plain.lower() in ("explicit", "not explicit"):
        return Condition("explicit", "=", "no" if plain.lower().startswith("not") else "yes")
    found = _SHAPE.fullmatch(plain)
    if found is None:
        raise PlaylistsError(f"{text!r} is no condition.", hint=_HINT)
    name, sign, value = found[1].lower(), _WORDS.get(found[2].lower(), found[2]), found[3]
    if name not in NAMES or name == "explicit":
        near = get_close_matches(name, NAMES, 1)
        nearest = f" Did you mean {near[0]!r}?" if near else ""
        raise PlaylistsError(f"{text!r}: nothing is known of a song's {name!r}.{nearest}", hint=_HINT)
    if sign not in _COMPARISONS or (name in _TEXTS and sign != "="):
        meant = "=" if name in _TEXTS else ", ".join(_COMPARISONS)
        raise PlaylistsError(f"{text!r}: {found[2]!r} cannot stand there; {name} is compared by {meant}.", hint=_HINT)
    if name in _NUMBERS and not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", value):
        raise PlaylistsError(f"{text!r}: {value!r} is no number.", hint=_HINT)
    return Condition(name, sign, value)


def _refuse_impossible(condition: Condition) -> None:
    """Refuses what would never hold for any song: nobody means that."""
    name, text = condition.name, condition.text
    if name in _TEXTS and re.match(r"not\b", text, re.IGNORECASE):
        hint = f"Ask for no songs for which '{name} = {text[4:]}'."
        raise PlaylistsError(f"'{condition}': a condition says what is so, not what isn't.", hint=hint)
    if name == "language" and normalised(text) not in LANGUAGES:
        near = get_close_matches(normalised(text), LANGUAGES, 1)
        nearest = f" Did you mean {near[0]!r}?" if near else ""
        raise PlaylistsError(
            f"'{condition}': {text!r} is no language that can be told.{nearest}",
            hint=f"There are {', '.join(sorted(LANGUAGES))}. English is told by nothing.",
        )
    if name == "year" and not _YEARS[0] <= float(text) <= _YEARS[1]:
        raise PlaylistsError(f"'{condition}': {text} is no year.", hint=f"Give one from {_YEARS[0]} to {_YEARS[1]}.")
