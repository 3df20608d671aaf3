"""Each figure against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from cratewise.model.evaluation import best_thresholds, calibration_error, figures, share_sorted

P = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.1, 0.4]], dtype=np.float32)
Y = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=bool)


def test_hit_rates_by_hand() -> None:
    """One of three tracks has its own label on top, all have one among three; pairs are counted one by one."""
    found = figures(P, Y, np.full(3, 0.5, dtype=np.float32))
    assert found.top_1 == pytest.approx(1 / 3)
    assert found.top_3 == 1
    assert found.row_accuracy == pytest.approx(1 / 4)
    assert found.n_tracks == 3


def test_calibration_error_by_hand() -> None:
    """Two tracks at 0.9 of which one is right are 0.4 off."""
    confidence = np.array([0.9, 0.9], dtype=np.float32)
    assert calibration_error(confidence, np.array([True, False])) == pytest.approx(0.4)


def test_the_share_that_can_be_sorted_by_hand() -> None:
    """The surest two of four are right, the third is not: half can be sorted without error."""
    confidence = np.array([0.9, 0.8, 0.7, 0.6], dtype=np.float32)
    assert share_sorted(confidence, np.array([True, True, False, True]), 1.0) == 0.5
    assert share_sorted(confidence, np.array([False] * 4), 0.95) == 0


def test_tracks_of_one_confidence_are_sorted_together_or_not_at_all() -> None:
    """No confidence parts equals, so their order among each other must not count."""
    confidence = np.array([0.9, 0.8, 0.8], dtype=np.float32)
    for hits in ([True, True, False], [True, False, True]):
        assert share_sorted(confidence, np.array(hits), 0.95) == pytest.approx(1 / 3)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=30))
def test_a_threshold_lies_midway_between_the_best_here_and_half_the_best_f1(cases: list[tuple[int, bool]]) -> None:
    """What the one is taken from the other is a cut between two probabilities that no other cut is better than."""
    p = np.array([[step / 20] for step, _ in cases], dtype=np.float32)
    y = np.array([[hit] for _, hit in cases])

    def f1(threshold: float) -> float:
        return float(f1_score(y[:, 0], p[:, 0] > threshold, zero_division=0))

    best = max(f1(step / 20 - 0.025) for step in range(21))
    if y.any():
        assert f1(2 * float(best_thresholds(p, y)[0]) - best / 2) == pytest.approx(best)


def test_thresholds_hold_on_other_tracks() -> None:
    """Of chances that are what they say, few tracks give thresholds that do better elsewhere than their own best."""
    chance = np.random.default_rng(0)

    def drawn() -> tuple[np.ndarray, np.ndarray]:
        p = chance.beta(0.3, 3, size=(300, 200)).astype(np.float32)
        return p, chance.random(p.shape) < p

    (p, y), (other, truth) = drawn(), drawn()
    ours = best_thresholds(p, y)
    order = np.argsort(-p, axis=0)
    f1 = 2 * np.take_along_axis(y, order, 0).cumsum(axis=0) / (np.arange(1, 301)[:, None] + y.sum(axis=0))
    own = np.take_along_axis(p, np.take_along_axis(order, f1.argmax(axis=0)[None], 0), 0)
    there, theirs = (f1_score(truth, other >= t, average="macro") for t in (ours, own))
    assert there > theirs + 0.005
