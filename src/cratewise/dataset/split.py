"""Splits the dataset into a training, a validation and a test part that share no song (or no artist). Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cratewise.dataset.clean import Dataset
from cratewise.dataset.stratify import deal_out, shuffled

SHARES = (0.6, 0.2, 0.2)
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Which tracks stand in which part, as ascending indices into `Dataset.tracks`.

    Attributes:
        train: What is learnt from, about 60 %.
        validation: What choices are made on, about 20 %.
        test: What is looked at last, about 20 %.
    """

    train: Indices
    validation: Indices
    test: Indices


def split(dataset: Dataset, by: Literal["song", "artist"], seed: int) -> Split:
    """Splits 60/20/20, every label alike; the same for a seed whatever the order of the file was.

    Args:
        dataset: What to split.
        by: `"song"`: no song stands in two parts.
        seed: Any number; another one gives another split.
    """
    groups = dataset.songs
    labels = dataset.label_matrix.astype(np.int64)
    n_groups = int(groups.max(initial=-1)) + 1
    counts = np.zeros((n_groups, labels.shape[1]), dtype=np.int64)
    np.add.at(counts, groups, labels)
    sizes = np.bincount(groups, minlength=n_groups)
    keys = [""] * n_groups
    for entry in reversed(dataset.tracks):
        keys[entry.song] = entry.track.track_id
    part_of = deal_out(counts, sizes, SHARES, shuffled(keys, seed))[groups]
    train, validation, test = (np.flatnonzero(part_of == part) for part in range(len(SHARES)))
    return Split(train, validation, test)
