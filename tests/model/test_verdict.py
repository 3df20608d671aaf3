"""From probabilities to what a person reads."""

import numpy as np

from cratewise.classification import Classification
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.verdict import verdicts
from cratewise.tracks import AudioStatistics, Track

TAXONOMY = load_taxonomy()
FAMILIES = [family.slug for family in TAXONOMY.families]
STYLES = [style.slug for style in TAXONOMY.styles]
HEARD = Track("a", statistics=AudioStatistics(energy=0.5))


def said(
    families: dict[str, float],
    styles: dict[str, float],
    pulls: list[float],
    track: Track = HEARD,
    least_confidence: float = 0.4,
) -> Classification:
    """The verdict where only the named genres have a probability and pulls are towards the first family."""
    p_families, p_styles = np.zeros(len(FAMILIES), dtype=np.float32), np.zeros(len(STYLES), dtype=np.float32)
    for slug, p in families.items():
        p_families[FAMILIES.index(slug)] = p
    for slug, p in styles.items():
        p_styles[STYLES.index(slug)] = p
    towards = np.zeros((4, len(FAMILIES)), dtype=np.float32)
    towards[:, p_families.argmax()] = pulls
    arrays = (p_families[None], p_styles[None], towards[None])
    return verdicts(TAXONOMY, [track], *arrays, least_confidence)[0]


def style_of(family: str) -> str:
    """The first style of a family."""
    return TAXONOMY.family_of(family).styles[0].slug


def test_a_style_that_stands_out_is_named() -> None:
    """A style with most of its family's probability is the genre."""
    found = said({"jazz": 0.8, "blues": 0.2}, {style_of("jazz"): 0.6}, [2, 0, 0, 0])
    assert (found.genre, found.family, found.runner_up) == (style_of("jazz"), "jazz", "blues")
    assert not found.is_unsure


def test_a_family_is_named_where_no_style_stands_out() -> None:
    """With little of the family's probability a style isn't named."""
    assert said({"jazz": 0.8, "blues": 0.2}, {style_of("jazz"): 0.1}, [2, 0, 0, 0]).genre == "jazz"


def test_little_confidence_is_a_value_with_its_best_guesses() -> None:
    """Under the asked-for confidence the track is unsure, and the reason names both guesses."""
    found = said({"jazz": 0.35, "blues": 0.3}, {}, [0, 2, 0, 0])
    assert found.is_unsure
    assert found.genre == "jazz"
    assert "Jazz" in found.reason
    assert "Blues" in found.reason


def test_the_reason_names_the_input_that_pulled() -> None:
    """The strongest expert is named; absent statistics are said."""
    assert "tags" in said({"jazz": 0.9}, {}, [3, 1, 0, 0]).reason
    assert said({"jazz": 0.9}, {}, [0, 3, 0, 0]).reason == "By its sound."
    assert "no audio statistics" in said({"jazz": 0.9}, {}, [3, 0, 0, 0], Track("a")).reason


def test_knowing_nothing_is_said() -> None:
    """Where no input speaks, the reason says so."""
    found = said({"pop": 0.1}, {}, [0, 0, 0, 0], Track("a"))
    assert found.reason == "Nothing is known of it that tells a genre; no audio statistics."


def test_the_reason_names_only_what_is_there() -> None:
    """Of title, album and artist those are named that the track has."""
    for track, words in (
        (Track("a", "One", ("Somebody",), "Two"), "By its title, album and artist's name;"),
        (Track("a", "One", album="Two"), "By its title and album;"),
        (Track("a", "One"), "By its title;"),
        (Track("a", artists=("זמר",)), "By its artist's name;"),
    ):
        assert said({"jazz": 0.8}, {}, [0, 0, 2, 0], track).reason.startswith(words)
