"""Which tags say something."""

import pytest

from cratewise.sources.noise import summed, without_noise


def test_weights_of_one_tag_are_added() -> None:
    """Capitals and spaces don't make another tag; what nobody gave, or nobody can weigh, is none."""
    odd = [("a", 0), ("b", -3), ("c", float("nan")), ("d", float("inf")), (" ", 4)]
    assert summed([("Hip  Hop", 2), ("hip hop ", 3), *odd]) == {"hip hop": 5}


@pytest.mark.parametrize("tag", ["seen live", "Seen-Live", "favourites", "1994", "the beatles", "2024"])
def test_noise_is_dropped(tag: str) -> None:
    """However it is written."""
    assert without_noise({tag: 1.0}, ["The Beatles"]) == {}


@pytest.mark.parametrize("tag", ["90s", "1990s", "beatlesque", "love songs", "2 tone", "rock", "1312"])
def test_what_says_something_is_kept(tag: str) -> None:
    """Decades, and words that only look like noise."""
    assert without_noise({tag: 1.0}, ["The Beatles"]) == {tag: 1.0}
