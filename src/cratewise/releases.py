"""When two tracks are releases of one song: the single, the album and the compilation have ids of their own. No I/O."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cratewise.tracks import normalised, short_key

SAME_DURATION_MS = 2_000
"""Two releases of one song are about as long as each other."""


@dataclass(frozen=True, slots=True)
class Release:
    """What tells which song a track is.

    Attributes:
        isrc: International Standard Recording Code, empty when unknown.
        name: The same text for equal artists and title (`release_name`), empty when either is unknown.
        duration_ms: Length in milliseconds, `None` when unknown.
        song: Releases that share it are known to be one song; `None` where nothing is known.
    """

    isrc: str
    name: str
    duration_ms: int | None
    song: Hashable | None = None


def release_name(artists: Iterable[str], title: str) -> str:
    """The same for every spelling and order of the artists, and every spelling of the title; empty without either."""
    names = sorted({normalised(artist) for artist in artists})
    return short_key("\n".join([*names, normalised(title)])) if title and names else ""


def same_songs(releases: Sequence[Release], go_on: Callable[[], None] = lambda: None) -> list[list[int]]:
    """Puts the releases of one song together: equal ISRC, else equal artists and title and about equal duration.

    Two durations are about equal within 2 s, or when one is unknown.

    Args:
        releases: The releases.
        go_on: Called now and then; what it raises ends the work.

    Returns:
        The indices of each song's releases, ascending, in the order of their first ones.
    """
    sets = _DisjointSets(len(releases))
    for key in (lambda one: one.song, lambda one: one.isrc.upper()):
        go_on()
        for members in _grouped(releases, key):
            for index in members[1:]:
                sets.join(members[0], index)
    go_on()
    for members in _grouped(releases, lambda one: one.name):
        _join_by_duration(sets, releases, members)
    go_on()
    groups: dict[int, list[int]] = defaultdict(list)
    for index in range(len(releases)):
        groups[sets.root(index)].append(index)
    return list(groups.values())


def _grouped(releases: Sequence[Release], key: Callable[[Release], Hashable]) -> Iterable[list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index, release in enumerate(releases):
        if key(release):
            found[key(release)].append(index)
    return found.values()


def _join_by_duration(sets: "_DisjointSets", releases: Sequence[Release], members: list[int]) -> None:
    known = sorted((releases[index].duration_ms or 0, index) for index in members if releases[index].duration_ms)
    for (shorter_ms, one), (longer_ms, other) in pairwise(known):
        if longer_ms - shorter_ms <= SAME_DURATION_MS:
            sets.join(one, other)
    first = known[0][1] if known else members[0]
    for index in members:
        if not releases[index].duration_ms:
            sets.join(first, index)


class _DisjointSets:
    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def join(self, one: int, other: int) -> None:
        one, other = sorted((self.root(one), self.root(other)))
        self._parent[other] = one
