"""What is taken for what: families by the artists' tags, and labels of the dataset. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cratewise.model.features import FloatArray

FAMILY_SHARE = 0.25
"""A family counts as right when at least so much of the artists' mapped tags name it."""
N_FAMILY_MIX_UPS = 10
N_LABEL_MIX_UPS = 15


@dataclass(frozen=True, slots=True)
class MixUp:
    """One thing taken for another.

    Attributes:
        truth: What it is.
        said: What the network says.
        n_tracks: How often.
        share: That, of all tracks that are `truth`.
        n_both: Of these, the tracks whose artists' tags name `said` too; 0 for labels.
    """

    truth: str
    said: str
    n_tracks: int
    share: float
    n_both: int = 0


@dataclass(frozen=True, slots=True)
class FamilyConfusions:
    """Families as the network says them against the family that most of the artists' tags name.

    Attributes:
        condition: What the network was given, in words.
        families: Names of the f families that are on either side.
        counts: int (f, f), tracks by truth (rows) and answer (columns).
        n_both: int (f, f), those of them where at least a quarter of the tags name the answer.
    """

    condition: str
    families: tuple[str, ...]
    counts: NDArray[np.int64]
    n_both: NDArray[np.int64]

    @property
    def hit_rate(self) -> float:
        """Share of tracks whose answer at least a quarter of the tags name."""
        return float(self.n_both.sum() / self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Share of tracks whose answer is the family that most of the tags name."""
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def f1(self) -> NDArray[np.float64]:
        """F1 of each family, (f,)."""
        said_or_so = self.counts.sum(axis=0) + self.counts.sum(axis=1)
        f1: NDArray[np.float64] = 2 * np.diag(self.counts) / np.maximum(said_or_so, 1)
        return f1

    @property
    def mix_ups(self) -> tuple[MixUp, ...]:
        """The most frequent ones, most frequent first."""
        wrong = self.counts - np.diag(np.diag(self.counts))
        order = np.argsort(-wrong, axis=None, kind="stable")[:N_FAMILY_MIX_UPS]
        return tuple(
            MixUp(
                self.families[row],
                self.families[column],
                int(wrong[row, column]),
                float(wrong[row, column] / self.counts[row].sum()),
                int(self.n_both[row, column]),
            )
            for row, column in zip(*np.unravel_index(order, wrong.shape), strict=True)
            if wrong[row, column]
        )


def family_hit_rate(said: NDArray[np.int64], shares: FloatArray) -> float | None:
    """Share of the tracks with tagged artists whose answer at least a quarter of the tags name.

    Args:
        said: int (n,), the network's first family.
        shares: float (n, f), what the artists' tags come to, zeros where they have none.
    """
    is_tagged = shares.any(axis=1)
    named = shares[np.arange(len(said)), said] >= FAMILY_SHARE
    return float(named[is_tagged].mean()) if is_tagged.any() else None


def family_confusions(
    said: NDArray[np.int64], shares: FloatArray, families: Sequence[str], condition: str
) -> FamilyConfusions | None:
    """Sets answers against tags, on the tracks with tagged artists; `None` where there are none.

    Args:
        said: int (n,), the network's first family.
        shares: float (n, f), what the artists' tags come to, zeros where they have none.
        families: Names of the families.
        condition: What the network was given.
    """
    tagged = np.flatnonzero(shares.any(axis=1))
    if not len(tagged):
        return None
    said, shares = said[tagged], shares[tagged]
    counts, n_both = (np.zeros((len(families), len(families)), dtype=np.int64) for _ in range(2))
    truth = shares.argmax(axis=1)
    np.add.at(counts, (truth, said), 1)
    np.add.at(n_both, (truth, said), shares[np.arange(len(said)), said] >= FAMILY_SHARE)
    kept: list[int] = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1)).tolist()
    square = np.ix_(kept, kept)
    return FamilyConfusions(condition, tuple(families[f] for f in kept), counts[square], n_both[square])


def label_mix_ups(p: FloatArray, y: NDArray[np.bool_], labels: Sequence[str]) -> tuple[MixUp, ...]:
    """The most frequent confusions of labels, of tracks whose first answer is none of their own labels.

    Args:
        p: float (n, l), probabilities.
        y: bool (n, l), labels; a track with several counts under each of them.
        labels: Names of the labels.
    """
    best = p.argmax(axis=1)
    missed = np.flatnonzero(~y[np.arange(len(y)), best])
    pairs = Counter((int(own), int(best[track])) for track in missed for own in np.flatnonzero(y[track]))
    n_tracks = y.sum(axis=0)
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:N_LABEL_MIX_UPS]
    return tuple(MixUp(labels[own], labels[said], n, n / int(n_tracks[own])) for (own, said), n in ranked)
