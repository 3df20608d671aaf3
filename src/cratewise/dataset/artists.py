"""Deals artists out to parts so that few songs are shared between parts, and every label is shared alike. Pure.

Almost half of the dataset hangs together through featured artists, so that no three parts are free of each other:
songs whose artists end up in different parts must be left out. Three steps keep them few: artists who record together
are clustered, clusters are dealt out by label, and artists then move while that leaves out less or evens out more. On
the real file 13,000 of 89,741 tracks are left out when artists are dealt out one by one, 3,600 with clusters, and some
3,000, evenly over the labels, after the moves.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from cratewise.dataset.groups import Groups
from cratewise.dataset.stratify import deal_out

NO_PART = -1
_LARGEST_CLUSTER = 60  # tracks of one label; more leaves fewer songs out but labels uneven (measured: 30, 60, 100)
_N_ROUNDS = 4  # by the fourth, hardly an artist still moves
_UNEVENNESS = 20.0  # how much an uneven label counts against a track left out


@dataclass(frozen=True, slots=True)
class Repertoire:
    """Who plays what.

    Attributes:
        artists: For each song its artists, as ascending numbers from 0, at least one.
        counts: How many tracks of each song have each label, shape `(n_songs, n_labels)`.
        sizes: How many tracks each song has, shape `(n_songs,)`.
        n_artists: How many artists there are.
    """

    artists: Sequence[tuple[int, ...]]
    counts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    n_artists: int


def deal_out_artists(repertoire: Repertoire, shares: Sequence[float], order: Sequence[int]) -> npt.NDArray[np.int64]:
    """Gives each song the part that all its artists are in, or `NO_PART`.

    Args:
        repertoire: Who plays what.
        shares: The share of each part, summing to 1.
        order: The artists in the order in which equals are dealt.

    Returns:
        The part of each song, shape `(n_songs,)`.
    """
    cluster_of = np.asarray(_clusters(repertoire), dtype=np.int64)
    leaders, cluster_of = np.unique(cluster_of, return_inverse=True)
    place = {int(leader): index for index, leader in enumerate(leaders)}
    cluster_order = [place[artist] for artist in order if artist in place]
    counts = np.zeros((len(leaders), repertoire.counts.shape[1]), dtype=np.int64)
    sizes = np.zeros(len(leaders), dtype=np.int64)
    cluster_of_song = cluster_of[[artists[0] for artists in repertoire.artists]]
    np.add.at(counts, cluster_of_song, repertoire.counts)
    np.add.at(sizes, cluster_of_song, repertoire.sizes)
    part_of = deal_out(counts, sizes, shares, cluster_order)[cluster_of].tolist()
    return _Placement(repertoire, shares, part_of).improved(order)


def _clusters(repertoire: Repertoire) -> list[int]:
    """The leader of each artist's cluster: those who share most tracks are joined first, up to a size."""
    shared: Counter[tuple[int, int]] = Counter()
    n_tracks = np.zeros((repertoire.n_artists, repertoire.counts.shape[1]), dtype=np.int64)
    for artists, counts, size in zip(repertoire.artists, repertoire.counts, repertoire.sizes.tolist(), strict=True):
        n_tracks[artists[0]] += counts
        for pair in combinations(artists, 2):
            shared[pair] += size
    groups = Groups(repertoire.n_artists)
    for (first, second), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        one, other = groups.leader(first), groups.leader(second)
        if one != other:
            together = n_tracks[one] + n_tracks[other]
            if together.max() <= _LARGEST_CLUSTER:
                groups.join(one, other)
                n_tracks[groups.leader(one)] = together
    return [groups.leader(artist) for artist in range(repertoire.n_artists)]


class _Placement:
    """Which part each artist is in, and what follows from it for songs and labels."""

    def __init__(self, repertoire: Repertoire, shares: Sequence[float], part_of: list[int]) -> None:
        self._artists = repertoire.artists
        self._sizes: list[int] = repertoire.sizes.tolist()
        self._shares = shares
        self._part_of = part_of
        self._totals: list[int] = np.maximum(repertoire.counts.sum(axis=0), 1).tolist()
        self._labels: list[list[tuple[int, int]]] = [
            [(label, int(counts[label])) for label in np.flatnonzero(counts).tolist()] for counts in repertoire.counts
        ]
        self._songs_of: dict[int, list[int]] = defaultdict(list)
        self._present = [[0] * len(shares) for _ in self._artists]  # of each song: how many artists are in each part
        self._kept = [[0] * len(shares) for _ in self._totals]  # of each label: how many tracks are in each part
        for song, artists in enumerate(self._artists):
            for artist in artists:
                self._songs_of[artist].append(song)
                self._present[song][part_of[artist]] += 1
            part = part_of[artists[0]]
            if self._present[song][part] == len(artists):
                for label, n_tracks in self._labels[song]:
                    self._kept[label][part] += n_tracks

    def improved(self, order: Sequence[int]) -> npt.NDArray[np.int64]:
        """Moves artists one by one where that makes things better, and returns the part of each song."""
        unsettled = set(order)
        for _ in range(_N_ROUNDS):
            moved = [artist for artist in order if artist in unsettled and self._move_where_best(artist)]
            unsettled = {who for artist in moved for song in self._songs_of[artist] for who in self._artists[song]}
        part_of_song = np.full(len(self._artists), NO_PART, dtype=np.int64)
        for song, artists in enumerate(self._artists):
            part = self._part_of[artists[0]]
            if self._present[song][part] == len(artists):
                part_of_song[song] = part
        return part_of_song

    def _move_where_best(self, artist: int) -> bool:
        here = self._part_of[artist]
        lost = [song for song in self._songs_of[artist] if self._present[song][here] == len(self._artists[song])]
        best, best_part, best_gained = -1e-9, here, lost
        for part in range(len(self._shares)):
            if part != here:
                gained = [song for song in self._songs_of[artist] if self._waits_for(song, here, part)]
                change = self._change(lost, here, gained, part)
                if change < best:
                    best, best_part, best_gained = change, part, gained
        if best_part != here:
            self._count(lost, here, -1)
            self._count(best_gained, best_part, 1)
            for song in self._songs_of[artist]:
                self._present[song][here] -= 1
                self._present[song][best_part] += 1
            self._part_of[artist] = best_part
        return best_part != here

    def _waits_for(self, song: int, here: int, part: int) -> bool:
        """Whether all artists of the song would be in `part` if its one artist `here` moved there."""
        present = self._present[song]
        return present[here] == 1 and present[part] == len(self._artists[song]) - 1

    def _change(self, lost: Iterable[int], here: int, gained: Iterable[int], part: int) -> float:
        """By how much it gets worse if `lost` songs leave the part `here` and `gained` ones join `part`."""
        n_left_out = 0
        changes: dict[int, list[int]] = {}
        for songs, place, sign in ((lost, here, -1), (gained, part, 1)):
            for song in songs:
                n_left_out -= sign * self._sizes[song]
                for label, n_tracks in self._labels[song]:
                    changes.setdefault(label, [0] * len(self._shares))[place] += sign * n_tracks
        uneven = 0.0
        for label, by_part in changes.items():
            kept = self._kept[label]
            n_kept, n_more = sum(kept), sum(by_part)
            for share, before, more in zip(self._shares, kept, by_part, strict=True):
                excess, step = before - share * n_kept, more - share * n_more
                uneven += step * (2 * excess + step) / self._totals[label]  # the square of the excess grows by this
        return n_left_out + _UNEVENNESS * uneven

    def _count(self, songs: Iterable[int], part: int, sign: int) -> None:
        for song in songs:
            for label, n_tracks in self._labels[song]:
                self._kept[label][part] += sign * n_tracks
