"""How sure the classifier is, as people are told it."""

import pytest

from cratewise.classification import percent_of


@pytest.mark.parametrize(
    ("share", "percent"),
    [(0, 0), (0.0001, 1), (0.014, 1), (0.5, 50), (0.994, 99), (0.9993, 99), (9_993 / 10_000, 99), (1, 100)],
)
def test_all_and_nothing_are_said_of_all_and_nothing_alone(share: float, percent: int) -> None:
    """Seven unsure songs of ten thousand leave no 100 percent, and a guess of a thousandth is not none."""
    assert percent_of(share) == percent
