"""Whose of a search's answers is whose."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.sources.musicbrainz_names import Found, best_of_name, groups_of, name_query, same_name

QUEEN, LATIFAH = Found("Queen", 70, {"rock": 9}), Found("Queen Latifah", 60, {"hip hop": 3})
OTHERS = Found("Eddy Current Suppression Ring", 100, {})


def test_each_of_many_names_gets_its_own_best() -> None:
    """The score 100 is another name's; the best of those that have the word is what counts."""
    found = [OTHERS, QUEEN, LATIFAH]
    assert best_of_name("queen", found, least_score=0) is QUEEN
    assert best_of_name("Queen Latifah", found, least_score=0) is LATIFAH
    assert best_of_name("Eddy Current", found, least_score=0) is None


@pytest.mark.parametrize(
    "found",
    [
        [Found("Queen", 99, {})],
        [Found("Queens", 100, {})],
        [Found("Queen Latifah", 100, {}), Found("Queen", 90, {})],
        [Found("Queen", 100, {"rock": 1}), Found("Queen", 100, {"techno": 1})],
        [],
    ],
)
def test_a_doubtful_match_is_none(found: list[Found]) -> None:
    """Below 100 for a name alone, another name, a better match of another name, or two of one name."""
    assert best_of_name("Queen", found, least_score=100) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Guns N\u2019 Roses", "guns n' roses", True),
        ("Jay\u2010Z", "JAY-Z", True),
        ("Beyoncé", "Beyoncé", True),
        ("Mo", "Mø", False),
        ("Heroes", "Héroes", False),
        ("!!!", "???", False),
    ],
)
def test_names_are_the_same_but_for_typography(one: str, other: str, same: bool) -> None:
    """Capitals, quotes, hyphens and the way an accent is written don't count; the accent does."""
    assert same_name(one, other) is same


def test_names_are_quoted() -> None:
    """What the search takes for its own language is a name's."""
    assert name_query(['AC/DC OR "x"', "a\\b"]) == 'artist:("AC/DC OR \\"x\\"" OR "a\\\\b")'


def test_a_better_match_of_another_name_leaves_doubt() -> None:
    """Also among many names: where the search prefers a longer name, the shorter one isn't certain."""
    assert best_of_name("Queen", [Found("Queen Latifah", 60, {}), Found("Queen", 50, {})], least_score=0) is None


def test_long_names_are_searched_for_by_their_beginning() -> None:
    """Where they would be more than a call can be, by as many words as fit; short names stay whole."""
    names = ["Queen", *(f"{number} " + "\uac00\ub098 " * 30 + "\ub2e4" for number in range(49))]
    query = name_query(names)
    assert query.startswith('artist:("Queen" OR "0 \uac00\ub098 \uac00\ub098')
    assert "\ub2e4" not in query
    assert "\uac00 " not in query
    assert '\uac00"' not in query
    assert name_query(names[:3]).count("\ub2e4") == 2


@given(st.lists(st.text(min_size=1, max_size=300), unique=True, max_size=100), st.integers(0, 3))
def test_every_name_is_asked_for_in_calls_of_a_bearable_length(names: list[str], count: int) -> None:
    """No name is lost or asked twice, no call more is made, and no query is longer than a server takes."""
    groups = list(groups_of(names, count))
    assert sorted(name for group in groups for name in group) == (sorted(names) if count else [])
    assert len(groups) <= count
    assert all(len(quote_plus(name_query(group), errors="replace")) < 7000 for group in groups)
