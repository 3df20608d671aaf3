"""Figures of a set of predictions, each by its usual definition. Arrays are numpy: `p` probabilities, `y` truth."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

Probabilities = NDArray[np.float32]
Truth = NDArray[np.bool_]

N_BINS = 15


@dataclass(frozen=True, slots=True)
class Figures:
    """What is reported of one row of the table.

    Attributes:
        n_tracks: Tracks judged.
        top_1: Share whose most probable label is one of their own.
        top_3: Share with one of their own among the three most probable.
        top_5: Likewise among five.
        mean_average_precision: Mean over labels of the average precision.
        macro_f1: Multi-label F1, mean over labels, thresholds from the validation part.
        row_accuracy: Accuracy when every (track, label) pair is a case of its own, as published figures count.
        row_macro_f1: Single-label macro-F1 over the same cases.
        calibration_error: Expected calibration error of the most probable label, 15 equal bins.
        sorted_at_95: Greatest share of tracks, surest first, whose precision is still 95 %.
        sorted_at_99: The same for 99 %.
    """

    n_tracks: int
    top_1: float
    top_3: float
    top_5: float
    mean_average_precision: float
    macro_f1: float
    row_accuracy: float
    row_macro_f1: float
    calibration_error: float
    sorted_at_95: float
    sorted_at_99: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name, rounded to four digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def figures(p: Probabilities, y: Truth, thresholds: NDArray[np.float32]) -> Figures:
    """All figures of n tracks.

    Args:
        p: float (n, l), the chance of each label that it is one of the track's own; rows need not sum to 1.
        y: bool (n, l).
        thresholds: float (l,), above which a label counts as given.
    """
    order = np.argsort(-p, axis=1, kind="stable")
    ranked = np.take_along_axis(y, order[:, :5], axis=1)
    best = order[:, 0]
    hits, confidence = ranked[:, 0], p.max(axis=1)
    rows, labels = np.nonzero(y)
    present = y.any(axis=0)
    return Figures(
        n_tracks=len(y),
        top_1=float(hits.mean()),
        top_3=float(ranked[:, :3].any(axis=1).mean()),
        top_5=float(ranked.any(axis=1).mean()),
        mean_average_precision=float(average_precision_score(y[:, present], p[:, present], average="macro")),
        macro_f1=float(f1_score(y, p > thresholds, average="macro", zero_division=0)),
        row_accuracy=float((best[rows] == labels).mean()),
        row_macro_f1=float(f1_score(labels, best[rows], average="macro", zero_division=0)),
        calibration_error=calibration_error(confidence, hits),
        sorted_at_95=share_sorted(confidence, hits, 0.95),
        sorted_at_99=share_sorted(confidence, hits, 0.99),
    )


def best_thresholds(p: Probabilities, y: Truth) -> NDArray[np.float32]:
    """For each label a threshold for the best F1 elsewhere: float32 (l,).

    Of chances that are what they say it would be half the best F1 (Lipton et al. 2014), and few tracks cannot bend
    that; the one that is best on these very tracks mends what chances get wrong. Taken is what lies midway.
    """
    thresholds = np.empty(y.shape[1], dtype=np.float32)
    for label in range(y.shape[1]):
        order = np.argsort(-p[:, label], kind="stable")
        ranked = p[order, label]
        hits = np.cumsum(y[order, label])
        f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(int(y[:, label].sum()), 1))
        last = int(np.where(_may_end(ranked), f1, -1).argmax())
        following = ranked[last + 1] if last + 1 < len(order) else np.float32(-1)
        thresholds[label] = ((ranked[last] + following) / 2 + f1[last] / 2) / 2
    return thresholds


def _may_end(ranked: Probabilities) -> Truth:
    """After which of n falling values a list may be cut: no threshold parts equals."""
    return np.append(ranked[1:] < ranked[:-1], True)


def f1_by_label(p: Probabilities, y: Truth, thresholds: NDArray[np.float32]) -> tuple[float, ...]:
    """F1 of each label; their mean is `Figures.macro_f1`."""
    return tuple(float(value) for value in f1_score(y, p > thresholds, average=None, zero_division=0))


def reliability(confidence: Probabilities, hits: Truth) -> list[tuple[float, float, int]]:
    """Mean confidence, share of hits and number of tracks in each of the bins that hold any."""
    bins = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    return [
        (float(confidence[inside].mean()), float(hits[inside].mean()), int(inside.sum()))
        for b in range(N_BINS)
        if (inside := bins == b).any()
    ]


def calibration_error(confidence: Probabilities, hits: Truth) -> float:
    """Expected calibration error (Naeini et al. 2015)."""
    return sum(abs(mean - share) * n for mean, share, n in reliability(confidence, hits)) / len(hits)


def share_sorted(confidence: Probabilities, hits: Truth, precision: float) -> float:
    """Greatest share of tracks that can be sorted, surest first, at a precision: all those above some confidence."""
    order = np.argsort(-confidence, kind="stable")
    precise = np.cumsum(hits[order]) / np.arange(1, len(order) + 1) >= precision
    reached = np.flatnonzero(precise & _may_end(confidence[order]))
    return float(reached[-1] + 1) / len(order) if len(reached) else 0.0
