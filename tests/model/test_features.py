"""The one path from a track to arrays."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cratewise.model.features import NUMBERS, TAG_TOKENS, album_key, artist_keys, extract
from cratewise.model.names import NAME_TOKENS, script_token
from cratewise.tracks import AudioStatistics, Track

any_number = st.none() | st.floats() | st.integers(-(10**30), 10**30)
any_text = st.text(max_size=40) | st.just("🎵" * 10_000) | st.just("長い" * 5_000)
any_statistics = st.none() | st.builds(
    AudioStatistics, danceability=any_number, loudness_db=any_number, key=any_number, tempo_bpm=any_number
)
any_track = st.builds(
    Track,
    track_id=st.just("t"),
    title=any_text,
    artists=st.lists(any_text, max_size=5).map(tuple) | st.just(("Various",) * 200),
    album=any_text,
    duration_ms=any_number,
    explicit=st.none() | st.booleans(),
    popularity=any_number,
    statistics=any_statistics,
    artist_tags=st.lists(any_text, max_size=80).map(tuple),
)


@given(st.lists(any_track, max_size=4))
def test_any_track_becomes_arrays_of_one_shape(tracks: list[Track]) -> None:
    """Whatever a track holds, its numbers are finite or absent, and everything has its shape."""
    features = extract(tracks)
    assert features.numbers.shape == (len(tracks), len(NUMBERS))
    assert features.names.shape == (len(tracks), NAME_TOKENS)
    assert features.tags.shape == (len(tracks), TAG_TOKENS)
    assert not np.isinf(features.numbers).any()


def test_what_is_absent_is_told_from_what_is_zero() -> None:
    """An absent statistic is NaN; a statistic of 0 is 0."""
    features = extract([Track("a"), Track("b", statistics=AudioStatistics(energy=0.0))])
    energy = NUMBERS.index("energy")
    assert math.isnan(features.numbers[0, energy])
    assert features.numbers[1, energy] == 0


def test_an_empty_text_is_an_absent_input() -> None:
    """No tokens come of an empty title, album or tag."""
    features = extract([Track("a", title="", album="  ", artist_tags=("", " "))])
    assert not features.names.any()
    assert not features.tags.any()
    assert album_key(Track("a", album=" ")) is None
    assert artist_keys(Track("a", artists=("", " "))) == ()


def test_statistics_that_cannot_be_are_left_out() -> None:
    """A tempo of 0, an energy of 7 and a popularity of -1 count as unknown."""
    impossible = Track("a", popularity=-1, duration_ms=0, statistics=AudioStatistics(tempo_bpm=0.0, energy=7.0))
    assert np.isnan(extract([impossible]).numbers).all()


def test_spelling_does_not_matter() -> None:
    """Case, accents and punctuation of names and tags change nothing."""
    one = Track("a", title="Déjà Vu", artists=("Beyoncé",), album="B'Day", artist_tags=("Hip-Hop",))
    other = Track("b", title="DEJA VU", artists=("BEYONCE",), album="B Day", artist_tags=("hip hop",))
    first, second = extract([one, other]).names
    assert (first == second).all()
    assert artist_keys(one) == artist_keys(other)
    assert (np.diff(extract([one, other]).tags, axis=0) == 0).all()


def test_the_script_of_a_name_is_a_cue() -> None:
    """An artist's name in Hangul leaves a mark of its script, one in Latin letters none."""
    hangul, latin = extract([Track("a", artists=("아이유",)), Track("b", artists=("IU",))]).names
    assert script_token("HANGUL") in hangul
    assert np.count_nonzero(hangul) == np.count_nonzero(latin) + 1


def test_a_word_means_what_it_stands_in() -> None:
    """The same word in an artist's name, a title and an album's title leaves three tokens, pieces of it aside."""
    tracks = [Track("a", artists=("Kids",)), Track("b", title="Kids"), Track("c", album="Kids")]
    artist, title, album = (set(row[row > 0].tolist()) for row in extract(tracks).names)
    assert len(artist) == 1
    assert not artist & (title | album)
    assert len(title - album) == len(album - title) == 1
