"""What is missing in the tracks of a file, counted, and said in sentences."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from cratewise.tracks import Track


class LeftOut(NamedTuple):
    """Values of one column that cannot be: how many, and where the first was ("line 7")."""

    n_values: int
    first: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """What n tracks lack.

    Attributes:
        n_tracks: Tracks looked at.
        n_silent: Those without audio statistics.
        n_nameless: Those with neither title nor artists.
        left_out: The values left out, by the column's name.
    """

    n_tracks: int = 0
    n_silent: int = 0
    n_nameless: int = 0
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)

    @classmethod
    def of(cls, tracks: Iterable[Track], left_out: Mapping[str, LeftOut]) -> Self:
        """Counts what the tracks lack."""
        n_tracks = n_silent = n_nameless = 0
        for track in tracks:
            n_tracks += 1
            n_silent += track.statistics is None
            n_nameless += not track.title and not track.artists
        return cls(n_tracks, n_silent, n_nameless, left_out)

    @classmethod
    def from_plain(cls, found: Mapping[str, Any]) -> Self:
        """Made of its fields (`plain`), after a way through JSON."""
        left_out = {name: LeftOut(*values) for name, values in found["left_out"].items()}
        return cls(found["n_tracks"], found["n_silent"], found["n_nameless"], left_out)

    def __add__(self, later: "Gaps") -> "Gaps":
        """Both together; `later` stands behind this in the file."""
        left_out = dict(self.left_out)
        for name, (count, first) in later.left_out.items():
            before = left_out.get(name, LeftOut(0, first))
            left_out[name] = LeftOut(before.n_values + count, before.first)
        return Gaps(
            self.n_tracks + later.n_tracks,
            self.n_silent + later.n_silent,
            self.n_nameless + later.n_nameless,
            left_out,
        )

    def notes(self) -> Iterator[str]:
        """What a person should know of it, each as a sentence."""
        if self.n_tracks == 0:
            yield "There are no tracks in it, only the columns' names."
        if self.n_silent:
            yield f"{self.n_silent:,} of {self.n_tracks:,} tracks have no audio statistics."
        if self.n_nameless:
            yield f"{self.n_nameless:,} of {self.n_tracks:,} tracks have neither title nor artists."
        for column, (count, first) in sorted(self.left_out.items()):
            if count == 1:
                yield f"{column}: an impossible value left out, in {first}."
            else:
                yield f"{column}: {count:,} impossible values left out, the first in {first}."
