"""Deals groups of tracks out to parts so that every label is shared alike (iterative stratification). Pure."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def shuffled(keys: Sequence[str], seed: int) -> list[int]:
    """The places of `keys` in an order that depends on the seed and each key alone, not on how they stand."""
    return sorted(
        range(len(keys)),
        key=lambda index: hashlib.blake2b(f"{seed}:{keys[index]}".encode(), digest_size=8).digest(),
    )


def deal_out(
    counts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], shares: Sequence[float], order: Sequence[int]
) -> npt.NDArray[np.int64]:
    """Gives each group a part, so that each part gets its share of every label and of the whole.

    The rarest label is dealt out first; a group goes where that label is wanted most, then where tracks are. After
    Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data" (2011), with groups in the place of
    examples: those with most tracks go first, so that small ones even out what large ones leave.

    Args:
        counts: How many tracks of each group have each label, shape `(n_groups, n_labels)`.
        sizes: How many tracks each group has, shape `(n_groups,)`.
        shares: The share of each part, summing to 1.
        order: The groups in the order in which equals are dealt.

    Returns:
        The part of each group, shape `(n_groups,)`.
    """
    n_groups, n_labels = counts.shape
    wanted = [[share * float(total) for share in shares] for total in counts.sum(axis=0)]
    wanted_tracks = [share * float(sizes.sum()) for share in shares]
    ranked = np.asarray(order, dtype=np.int64)
    ranked = ranked[np.argsort(-sizes[ranked], kind="stable")]
    waiting = [ranked[counts[ranked, label] > 0].tolist() for label in range(n_labels)]
    held = [
        [(int(label), int(counts[group, label])) for label in np.flatnonzero(counts[group])]
        for group in range(n_groups)
    ]
    n_waiting = (counts > 0).sum(axis=0).tolist()
    part_of = np.full(n_groups, -1, dtype=np.int64)
    dealt = [False] * n_groups
    open_labels = {label for label in range(n_labels) if n_waiting[label]}

    def deal(group: int, part: int) -> None:
        dealt[group] = True
        part_of[group] = part
        wanted_tracks[part] -= float(sizes[group])
        for label, n_tracks in held[group]:
            wanted[label][part] -= n_tracks
            n_waiting[label] -= 1

    parts = range(len(shares))
    while open_labels:
        rarest = min(open_labels, key=lambda label: (n_waiting[label], label))
        for group in waiting[rarest]:
            if not dealt[group]:
                deal(group, max(parts, key=lambda part: (wanted[rarest][part], wanted_tracks[part], -part)))
        open_labels = {label for label in open_labels if n_waiting[label]}
    for group in ranked.tolist():
        if not dealt[group]:
            deal(group, max(parts, key=lambda part: (wanted_tracks[part], -part)))
    return part_of
