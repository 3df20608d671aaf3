"""What came of many tracks, in a few counts that can be added up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from cratewise.classification import Classification


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of tracks by genre.

    Attributes:
        n_tracks: All of them.
        n_unknown: Those with hardly a guess.
        genres: Sure ones by slug of the genre, which is a style or a family.
    """

    n_tracks: int = 0
    n_unknown: int = 0
    genres: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, verdicts: Iterable[Classification]) -> Self:
        """Counts what was said of some tracks."""
        n_tracks = n_unknown = 0
        genres: Counter[str] = Counter()
        for verdict in verdicts:
            n_tracks += 1
            n_unknown += verdict.is_unknown
            if not verdict.is_unsure:
                genres[verdict.genre] += 1
        return cls(n_tracks, n_unknown, genres)

    @classmethod
    def from_plain(cls, found: Mapping[str, Any]) -> Self:
        """Made of its fields (`plain`), after a way through JSON."""
        return cls(found["n_tracks"], found["n_unknown"], Counter(found["genres"]))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.n_tracks + other.n_tracks, self.n_unknown + other.n_unknown, self.genres + other.genres)

    @property
    def n_sure(self) -> int:
        """Tracks that have a genre."""
        return self.genres.total()

    @property
    def n_unsure(self) -> int:
        """Tracks with only a best guess."""
        return self.n_tracks - self.n_sure - self.n_unknown
