"""No learning but counting: the labels of the artist's other songs, and the labels that go with the tags."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cratewise.model.features import FloatArray
from cratewise.model.peers.evidence import TokenEvidence, label_shares, prior_of, smoothed
from cratewise.model.peers.part import Part, Predictor, Steps

GRID = (0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class ArtistLookup:
    """Label shares of the artists' other songs, smoothed; the prior where the artists are unknown.

    Attributes:
        smoothings: Songs' worth of the prior to choose from, by the validation part's log-loss.
    """

    name: ClassVar[str] = "artist-lookup"
    title: ClassVar[str] = "artist look-up"
    smoothings: tuple[float, ...] = GRID

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Chooses the smoothing; the counts are the training part's."""
        prior = prior_of(train.labels)
        chosen = min(self.smoothings, key=lambda s: log_loss(smoothed(validation.artist, prior, s), validation))
        return lambda part: smoothed(part.artist, prior, chosen)


@dataclass(frozen=True, slots=True)
class TagLookup:
    """Naive Bayes on the tags: the prior times a power of the mean odds of a track's tags; the prior without tags.

    Attributes:
        smoothings: Songs' worth of the prior to choose from, by the validation part's log-loss.
        powers: Exponents of the mean odds to choose from likewise.
    """

    name: ClassVar[str] = "tag-lookup"
    title: ClassVar[str] = "tag look-up"
    smoothings: tuple[float, ...] = GRID
    powers: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Counts the labels under each tag of the training part, and chooses smoothing and power."""
        prior = prior_of(train.labels)
        tables = [TokenEvidence.fitted(train.tags, train.labels, prior, s) for s in self.smoothings]
        seen = [table.of(validation.tags) for table in tables]
        choices = [(place, power) for place in range(len(tables)) for power in self.powers]
        place, power = min(choices, key=lambda c: log_loss(_powered(seen[c[0]], prior, c[1]), validation))
        return lambda part: _powered(tables[place].of(part.tags), prior, power)


def log_loss(p: FloatArray, part: Part) -> float:
    """Mean cross-entropy of probabilities (n, l) against the part's labels, a track's labels sharing its weight."""
    return float(-(label_shares(part.labels) * np.log(np.maximum(p, 1e-9))).sum(axis=1).mean())


def _powered(evidence: FloatArray, prior: FloatArray, power: float) -> FloatArray:
    logits = np.log(prior) + power * evidence
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
