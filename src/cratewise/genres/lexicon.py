"""What a tag ("southern hip hop", "Hip-Hop/Rap") or a label of the dataset means in the taxonomy.

The knowledge stands in `lexicon.toml`, which says at its top how it is read.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from cratewise.errors import GenresError
from cratewise.genres.taxonomy import Family, Taxonomy, load_taxonomy
from cratewise.tracks import normalised

_LONGEST_PHRASE = 8  # words, counted after folding: "r&b" has three
_NOTHING: Mapping[str, float] = MappingProxyType({})
_CACHED_TAGS = 1 << 16
_Meaning = TypeVar("_Meaning")


def spelled(tag: str) -> str:
    """Folds a tag's case, accents and punctuation: "R&B/Soul" becomes "r and b soul", "rock 'n' roll" "rock n roll"."""
    return normalised(tag.replace("&", " and ").replace("'", "").replace("\u2019", ""))


def _longest_phrase(words: list[str], meanings: Mapping[str, _Meaning]) -> _Meaning | None:
    """Returns the meaning of the longest run of words that has one, of two as long the one further right."""
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        for start in range(len(words) - length, -1, -1):
            found = meanings.get(" ".join(words[start : start + length]))
            if found is not None:
                return found
    return None


class Lexicon:
    """Answers what tags and dataset labels mean; every answer is kept, so asking again costs one look-up."""

    def __init__(self, data: Mapping[str, Any], taxonomy: Taxonomy) -> None:
        """Reads the tables of `lexicon.toml`.

        Args:
            data: The parsed file: `spellings`, `genres`, `facets`, `scripts`, `labels`.
            taxonomy: Where the named slugs must exist.

        Raises:
            GenresError: If a slug is not in the taxonomy, the weights of an entry exceed 1, or a phrase stands twice
                or is too long ever to be found.
        """
        self._taxonomy = taxonomy
        self._spellings = {spelled(phrase): spelled(means) for phrase, means in data["spellings"].items()}
        self._longest_spelling = max((len(phrase.split()) for phrase in self._spellings), default=0)
        self._phrases: dict[str, Mapping[str, float]] = {}
        self._exact: dict[str, Mapping[str, float]] = {}
        self._endings: dict[str, Mapping[str, float]] = {}
        self._last_resorts: dict[str, Mapping[str, float]] = {}
        for meaning, phrases in data["genres"].items():
            weights = self._weights(meaning)
            for phrase in phrases:
                self._add(phrase, weights)
        self._facet_tags: dict[str, str] = {}
        self._facet_words: dict[str, str] = {}
        for facet, entries in data["facets"].items():
            for entry in entries:
                known = self._facet_tags if entry.startswith("=") else self._facet_words
                known[self._plain(entry.removeprefix("="))] = facet
        self._scripts = {script: self._weights(meaning) for script, meaning in data["scripts"].items()}
        self._labels = {label: self._weights(meaning) for label, meaning in data["labels"].items()}
        self._answers: dict[str, tuple[Mapping[str, float], str | None]] = {}

    def _weights(self, meaning: str) -> Mapping[str, float]:
        """Reads "hip-hop 0.6, country 0.4": weights by slug, 1 where none is given, each style's family added."""
        weights: dict[str, float] = {}
        total = 0.0
        for part in filter(None, (part.strip() for part in meaning.split(","))):
            slug, _, number = part.partition(" ")
            weight = float(number or 1)
            family = self._taxonomy.family_of(slug).slug
            weights[family] = round(weights.get(family, 0.0) + weight, 6)
            if slug != family:
                weights[slug] = round(weights.get(slug, 0.0) + weight, 6)
            total += weight
        if total > 1 + 1e-9:
            raise GenresError(f"the weights of {meaning!r} come to {total:g}", hint="They may be 1 at most.")
        return MappingProxyType(weights)

    def _add(self, phrase: str, weights: Mapping[str, float]) -> None:
        tables = {"=": self._exact, "*": self._endings, "~": self._last_resorts}
        table = tables.get(phrase[0], self._phrases)
        text = self._plain(phrase.lstrip("=*~"))
        if text in table:
            raise GenresError(f"{phrase!r} stands twice in the lexicon (as {text!r})", hint="Remove one of them.")
        if len(text.split()) > _LONGEST_PHRASE:
            raise GenresError(f"{phrase!r} has {len(text.split())} words", hint=f"Use at most {_LONGEST_PHRASE}.")
        table[text] = weights

    def _plain(self, tag: str) -> str:
        """Folds a tag and puts the usual spelling for others ("hiphop" for "hip hop"), longest first."""
        words = spelled(tag).split()
        plain: list[str] = []
        at = 0
        while at < len(words):
            for length in range(min(self._longest_spelling, len(words) - at), 0, -1):
                usual = self._spellings.get(" ".join(words[at : at + length]))
                if usual is not None:
                    plain.append(usual)
                    at += length
                    break
            else:
                plain.append(words[at])
                at += 1
        return " ".join(filter(None, plain))

    def _read(self, tag: str) -> tuple[Mapping[str, float], str | None]:
        """Returns what a tag means and, if it is no genre, its facet."""
        plain = self._plain(tag)
        if plain in self._facet_tags:
            return _NOTHING, self._facet_tags[plain]
        words = plain.split()
        found = (
            self._exact.get(plain)
            or _longest_phrase(words, self._phrases)
            or self._by_ending(plain)
            or _longest_phrase(words, self._last_resorts)
        )
        return (found, None) if found else (_NOTHING, _longest_phrase(words, self._facet_words))

    def _by_ending(self, plain: str) -> Mapping[str, float] | None:
        fitting = [ending for ending in self._endings if plain.endswith(ending)]
        return self._endings[max(fitting, key=len)] if fitting else None

    def _answer(self, tag: str) -> tuple[Mapping[str, float], str | None]:
        answer = self._answers.get(tag)
        if answer is None:
            if len(self._answers) >= _CACHED_TAGS:
                self._answers.clear()
            answer = self._answers[tag] = self._read(tag)
        return answer

    def genres(self, tag: str) -> Mapping[str, float]:
        """Returns what a tag says of a genre.

        Args:
            tag: A tag in any usual spelling.

        Returns:
            Weights from 0 to 1 by slug: of families, which sum to at most 1 (less for tags as general as "pop"),
            and of styles, none above its family's. Empty if the tag names no genre.
        """
        return self._answer(tag)[0]

    def facet(self, tag: str) -> str | None:
        """Returns what a tag is about if it names no genre ("mood", "place", "instrument", …), or `None`."""
        return self._answer(tag)[1]

    @property
    def scripts(self) -> Mapping[str, Mapping[str, float]]:
        """What the script of a name alone suggests, as `genres` says it, by the script's name in Unicode ("HEBREW")."""
        return self._scripts

    def label_genres(self, label: str) -> Mapping[str, float]:
        """Returns what a label of the dataset means, as `genres` does; empty where it cannot be trusted."""
        return self._labels.get(label, _NOTHING)

    def read_tags(self, tags: Iterable[str] | Mapping[str, float]) -> dict[str, float]:
        """Weighs the evidence of several tags together.

        Args:
            tags: Tags; a mapping gives how often each was used (its votes), else each counts once.

        Returns:
            Weights by slug: the families' sum to 1, and a style's never exceeds its family's. A specific tag counts
            for more than a general one. Empty if no tag names a genre.
        """
        votes = tags if isinstance(tags, Mapping) else dict.fromkeys(tags, 1.0)
        sums: dict[str, float] = {}
        total = 0.0
        for tag, count in votes.items():
            for slug, weight in self.genres(tag).items():
                sums[slug] = sums.get(slug, 0.0) + weight * count
                if isinstance(self._taxonomy.genre(slug), Family):
                    total += weight * count
        return {slug: weight / total for slug, weight in sums.items()} if total > 0 else {}


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Returns the lexicon that the package ships (`lexicon.toml` beside this file)."""
    text = resources.files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8")
    return Lexicon(tomllib.loads(text), load_taxonomy())
