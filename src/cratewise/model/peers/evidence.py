"""What counts say of a track's labels, as log-odds against how common each label is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from cratewise.model.features import FloatArray

SMOOTHING = 1.0
"""Songs' worth of the prior that every count starts from."""


def label_shares(labels: NDArray[np.bool_]) -> FloatArray:
    """Each track's labels with equal weights: float32 (n, l), rows sum to 1."""
    return (labels / np.maximum(labels.sum(axis=1, keepdims=True), 1)).astype(np.float32)


def prior_of(labels: NDArray[np.bool_]) -> FloatArray:
    """How common each label is: float32 (l,), above 0, sums to 1."""
    shares = label_shares(labels).sum(axis=0) + 0.5
    return (shares / shares.sum()).astype(np.float32)


def smoothed(counts: FloatArray, prior: FloatArray, smoothing: float) -> FloatArray:
    """Shares of counts (n, l) that start from the prior: the prior itself where nothing was counted."""
    return (counts + smoothing * prior) / (counts.sum(axis=1, keepdims=True) + smoothing)


def log_odds(counts: FloatArray, prior: FloatArray, smoothing: float = SMOOTHING) -> FloatArray:
    """Logarithm of smoothed shares over the prior: float32 (n, l), 0 where nothing was counted."""
    return np.log(smoothed(counts, prior, smoothing) / prior)


def bag(tokens: NDArray[np.int32], weights: FloatArray | None, n_tokens: int) -> csr_matrix:
    """Token lists (n, t), 0 for none, as a sparse matrix (n, n_tokens) of their weights."""
    rows, columns = np.nonzero(tokens)
    values = np.ones(len(rows), dtype=np.float32) if weights is None else weights[rows, columns]
    return csr_matrix((values, (rows, tokens[rows, columns])), shape=(len(tokens), n_tokens), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class TokenEvidence:
    """What each token says of the labels, as naive Bayes counts it.

    Attributes:
        table: float32 (v, l), log-odds of each token.
    """

    table: FloatArray

    @classmethod
    def fitted(
        cls, tokens: csr_matrix, labels: NDArray[np.bool_], prior: FloatArray, smoothing: float = SMOOTHING
    ) -> Self:
        """Counts the labels of the tracks (n, v) that carry each token."""
        counts = np.asarray((tokens > 0).T.astype(np.float32) @ label_shares(labels), dtype=np.float32)
        return cls(log_odds(counts, prior, smoothing))

    def of(self, tokens: csr_matrix) -> FloatArray:
        """Mean log-odds of each track's tokens by their weights: float32 (n, l), 0 where there is none."""
        total = np.asarray(tokens.sum(axis=1), dtype=np.float32).reshape(-1, 1)
        return np.asarray(tokens @ self.table / np.maximum(total, 1e-9), dtype=np.float32)


def out_of_fold(
    tokens: csr_matrix, labels: NDArray[np.bool_], prior: FloatArray, folds: NDArray[np.int64]
) -> FloatArray:
    """Evidence for the very tracks that were counted, each by a table that left its fold out: float32 (n, l)."""
    found = np.zeros(labels.shape, dtype=np.float32)
    for fold in np.unique(folds):
        inside = folds == fold
        found[inside] = TokenEvidence.fitted(tokens[~inside], labels[~inside], prior).of(tokens[inside])
    return found
