"""What a peer is given, and what it has to be able to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from cratewise.model.features import FloatArray


@dataclass(frozen=True, slots=True)
class Part:
    """Tracks of one part under one condition, as peers read them.

    Attributes:
        columns: float32 (n, d), everything the condition allows but log-odds; NaN where a number is absent.
        logits: float32 (n, l), the weighted sum of all log-odds.
        artist: float32 (n, l), label counts of the artists over other songs.
        tags: (n, v), tokens of the tags by how many sources give them.
        labels: bool (n, l), dataset labels.
    """

    columns: FloatArray
    logits: FloatArray
    artist: FloatArray
    tags: csr_matrix
    labels: NDArray[np.bool_]

    @property
    def dense(self) -> FloatArray:
        """All columns and logits: float32 (n, d + l)."""
        return np.concatenate([self.columns, self.logits], axis=1)


Predictor = Callable[[Part], FloatArray]
"""From a part (its labels unseen) to probabilities, float32 (n, l), rows sum to 1."""
Steps = Callable[[int, int | None], None]
"""Told how many steps of a fit are done, and of how many."""


class Peer(Protocol):
    """A method, with all that decides it as fields of a dataclass.

    Attributes:
        name: What it is called on the command line.
        title: What it is called in the report.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Fits to the training part, choosing by the validation part alone."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Tracks for those who learn one label each: a track stands there once for each of its labels.

    Attributes:
        rows: int (m,), which track.
        classes: int (m,), which of the labels that the training part has, 0 to `n_classes - 1`.
        weights: float32 (m,), a track's cases weigh 1 together.
    """

    rows: NDArray[np.int64]
    classes: NDArray[np.int64]
    weights: FloatArray


@dataclass(frozen=True, slots=True)
class Classes:
    """The labels that occur in a training part: those who learn one label each cannot learn others.

    Attributes:
        labels: int (c,), ascending.
        n_labels: How many labels there are in all.
    """

    labels: NDArray[np.int64]
    n_labels: int

    @classmethod
    def of(cls, train: Part) -> "Classes":
        """The labels of a training part."""
        return cls(np.flatnonzero(train.labels.any(axis=0)), train.labels.shape[1])

    def __len__(self) -> int:
        return len(self.labels)

    def cases(self, part: Part) -> Cases:
        """A case for every (track, label) pair; labels that the training part lacks are left out."""
        known = part.labels[:, self.labels]
        rows, classes = np.nonzero(known)
        return Cases(rows, classes, (1 / known.sum(axis=1)[rows]).astype(np.float32))

    def logits(self, part: Part) -> FloatArray:
        """The logits of these labels alone: float32 (n, c)."""
        return part.logits[:, self.labels]

    def spread(self, p: NDArray[np.floating]) -> FloatArray:
        """Probabilities of the classes (n, c) as probabilities of all labels (n, l)."""
        full = np.zeros((len(p), self.n_labels), dtype=np.float32)
        full[:, self.labels] = p
        return full
