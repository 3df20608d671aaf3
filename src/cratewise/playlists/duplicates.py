"""Which liked songs are the same song under several ids."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from cratewise.playlists.plan import LikedSong
from cratewise.tracks import normalised

SAME_DURATION_MS = 2_000


def same_songs(songs: Iterable[LikedSong]) -> list[tuple[LikedSong, ...]]:
    """Puts the releases of one song together: equal ISRC, else equal artists and title and about equal duration.

    Two durations are about equal within 2 s, or when one is unknown.

    Returns:
        One tuple for each song, newest liked first, and its releases newest liked first; whatever the order given.
    """
    ordered = sorted(songs, key=newest_first)
    parent = list(range(len(ordered)))
    for members in _by_isrc(ordered).values():
        for index in members[1:]:
            _join(parent, members[0], index)
    for members in _by_name(ordered).values():
        _join_by_duration(parent, ordered, members)
    groups: dict[int, list[LikedSong]] = defaultdict(list)
    for index, song in enumerate(ordered):
        groups[_root(parent, index)].append(song)
    return [tuple(group) for group in groups.values()]


def newest_first(song: LikedSong) -> tuple[float, str]:
    """Sorts the newest liked song first; songs liked at the same moment by their URI."""
    return (-song.added_at.timestamp(), song.uri)


def _by_isrc(songs: Sequence[LikedSong]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, song in enumerate(songs):
        if song.isrc:
            found[song.isrc.upper()].append(index)
    return found


def _by_name(songs: Sequence[LikedSong]) -> dict[tuple[tuple[str, ...], str], list[int]]:
    found: dict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
    for index, song in enumerate(songs):
        if song.title and song.artists:
            key = (tuple(sorted({normalised(artist) for artist in song.artists})), normalised(song.title))
            found[key].append(index)
    return found


def _join_by_duration(parent: list[int], songs: Sequence[LikedSong], members: list[int]) -> None:
    known = sorted((songs[index].duration_ms or 0, index) for index in members if songs[index].duration_ms)
    for (shorter_ms, one), (longer_ms, other) in pairwise(known):
        if longer_ms - shorter_ms <= SAME_DURATION_MS:
            _join(parent, one, other)
    first = known[0][1] if known else members[0]
    for index in members:
        if not songs[index].duration_ms:
            _join(parent, first, index)


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _join(parent: list[int], one: int, other: int) -> None:
    one, other = sorted((_root(parent, one), _root(parent, other)))
    parent[other] = one
