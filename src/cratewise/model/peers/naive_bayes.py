"""All log-odds that a row allows as one weighted sum, so that nobody needs a column for each source and label."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from cratewise.model.features import FloatArray

N_FITTED = 10_000
"""Tracks that the weights are fitted to: there are eleven of them."""
N_STEPS = 40

Evidence = tuple[FloatArray, FloatArray]
"""Log-odds from one source (n, l), and the logarithm of how much was counted or read there (n, 1)."""


@dataclass(frozen=True, slots=True)
class WeightedNaiveBayes:
    """Naive Bayes with a weight for each source: log prior + sum of (weight + slope * amount) * log-odds.

    Attributes:
        log_prior: float32 (l,).
        weights: float32 (s + 1,), one a source, and that of the prior.
        slopes: float32 (s,), what each weight gains with the logarithm of the amount.
    """

    log_prior: FloatArray
    weights: FloatArray
    slopes: FloatArray

    @classmethod
    def fitted(cls, sources: Sequence[Evidence], shares: FloatArray, prior: FloatArray, seed: int) -> Self:
        """Fits the weights by L-BFGS to cross-entropy against the training part's label shares (n, l).

        The evidence must have been counted without the track itself, or its weights come out too high.
        """
        rows = np.random.default_rng(seed).permutation(len(shares))[:N_FITTED]
        log_prior, wanted = np.log(prior), torch.from_numpy(shares[rows])
        some = [tuple(torch.from_numpy(values[rows]) for values in source) for source in sources]
        weights = torch.ones(len(sources) + 1, requires_grad=True)
        slopes = torch.zeros(len(sources), requires_grad=True)
        optimizer = torch.optim.LBFGS([weights, slopes], max_iter=N_STEPS, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimizer.zero_grad()
            logits = weights[-1] * torch.from_numpy(log_prior)
            for place, (evidence, amount) in enumerate(some):
                logits = logits + (weights[place] + slopes[place] * amount) * evidence
            found = torch.nn.functional.cross_entropy(logits.expand(len(rows), -1), wanted)
            found.backward()
            return found

        optimizer.step(loss)
        return cls(log_prior, weights.detach().numpy(), slopes.detach().numpy())

    def logits(self, sources: Sequence[Evidence]) -> FloatArray:
        """Logits of some tracks: float32 (n, l)."""
        logits = np.tile(self.weights[-1] * self.log_prior, (len(sources[0][0]), 1))
        for (evidence, amount), weight, slope in zip(sources, self.weights[:-1], self.slopes, strict=True):
            logits += (weight + slope * amount) * evidence
        return logits.astype(np.float32)
