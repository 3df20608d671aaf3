"""What the report says in words, held against small cases that can be counted by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from cratewise.model.features import NUMBERS
from cratewise.model.report.confusions import family_confusions, family_hit_rate, label_mix_ups
from cratewise.model.report.plots import alike
from cratewise.model.report.sound import SoundProfile, family_sentences, sound_profile, statistic_sentences
from cratewise.model.report.words import telling_words
from cratewise.tracks import Track

FAMILIES = ("Metal", "Folk", "Tango")
N = 40
ENERGY, LOUDNESS, MODE = (NUMBERS.index(name) for name in ("energy", "loudness_db", "mode"))


def profile(energy: np.ndarray, songs: np.ndarray | None = None, artists: np.ndarray | None = None) -> SoundProfile:
    """Of songs that are metal and folk by turns."""
    numbers = np.full((N, len(NUMBERS)), np.nan, dtype=np.float32)
    numbers[:, ENERGY] = energy
    shares = np.zeros((N, len(FAMILIES)), dtype=np.float32)
    shares[np.arange(N), np.arange(N) % 2] = 1
    songs = np.arange(N) if songs is None else songs
    artists = np.arange(N, dtype=np.uint64) if artists is None else artists
    return sound_profile(numbers, shares, songs, artists, FAMILIES)


def test_a_statistic_that_tells_families_apart_is_explained_by_them() -> None:
    """Two values for two families: one deviation up and down, and nothing is left to explain."""
    found = profile(np.where(np.arange(N) % 2 == 0, 0.9, 0.1))
    assert found.families == ("Metal", "Folk")
    assert found.statistics == ("energy",)
    assert found.means[:, 0].tolist() == pytest.approx([1, -1])
    assert found.explained.tolist() == pytest.approx([1])
    assert family_sentences(found) == {"Metal": "much higher energy", "Folk": "much lower energy"}
    assert statistic_sentences(found) == {"energy": "highest in Metal (+1.0); lowest in Folk (\u22121.0)"}


def test_what_is_alike_in_both_families_is_no_difference() -> None:
    """The same values in both: means of 0 and nothing explained, and nothing said."""
    found = profile(np.repeat(np.linspace(0, 1, N // 2), 2))
    assert np.abs(found.means).max() < 1e-6
    assert found.explained[0] < 1e-6
    assert set(family_sentences(found).values()) == {"nothing that stands out"}


def test_an_error_is_that_of_the_mean() -> None:
    """With an artist for each song it is the deviation within the family over the root of its songs."""
    found = profile(np.random.default_rng(1).random(N))
    z = np.random.default_rng(1).random(N)
    z = (z - z.mean()) / z.std()
    assert found.errors[0, 0] == pytest.approx(z[::2].std() / np.sqrt(N / 2), rel=1e-3)
    assert found.n_artists.tolist() == [N / 2, N / 2]


def test_one_artist_is_no_family() -> None:
    """However great the difference, songs of two artists say nothing of a family."""
    found = profile(np.where(np.arange(N) % 2 == 0, 0.9, 0.1), artists=np.arange(N, dtype=np.uint64) % 2)
    assert found.n_artists.tolist() == [1, 1]
    assert set(family_sentences(found).values()) == {"nothing that stands out"}


def test_a_song_with_many_releases_counts_once() -> None:
    """Half of the metal songs are one: they weigh as one."""
    energy = np.where(np.arange(N) < N // 2, 0.0, 1.0)
    songs = np.where((np.arange(N) < N // 2) & (np.arange(N) % 2 == 0), 0, np.arange(N))
    assert profile(energy, songs).n_songs.tolist() == pytest.approx([11, 20])
    assert profile(energy, songs).means[0, 0] > profile(energy).means[0, 0] + 0.5


def test_sentences_go_from_the_strongest_to_the_weakest() -> None:
    """Like comparatives are joined; some statistics have words of their own; a circle has no higher."""
    means = np.array([[1.2, 1.1, -0.6, 0.3, 2.0, 0.1]])
    statistics = ("energy", "loudness_db", "acousticness", "mode", "key", "tempo_bpm")
    tens = np.full(1, 50.0)
    found = SoundProfile(("Metal",), statistics, means, np.full_like(means, 0.01), np.zeros(6), tens, tens)
    sentence = "much higher energy and loudness; lower acousticness; slightly more often in major"
    assert family_sentences(found) == {"Metal": sentence}
    assert statistic_sentences(found)["key"] == "no family stands out"


def test_confusions_of_families_by_hand() -> None:
    """Truth is what most tags name; a family that a quarter of them names is a hit; tracks without are left out."""
    shares = np.array([[0.7, 0.3, 0], [0.7, 0.3, 0], [0.8, 0.2, 0], [0, 1, 0], [0, 0, 0]], dtype=np.float32)
    said = np.array([0, 1, 1, 1, 2])
    found = family_confusions(said, shares, FAMILIES, "no tags")
    assert found is not None
    assert found.families == ("Metal", "Folk")
    assert found.counts.tolist() == [[1, 2], [0, 1]]
    assert (found.accuracy, found.hit_rate) == (0.5, 0.75)
    assert family_hit_rate(said, shares) == 0.75
    assert found.f1.tolist() == pytest.approx(f1_score([0, 0, 0, 1], [0, 1, 1, 1], average=None).tolist())
    (mix_up,) = found.mix_ups
    assert (mix_up.truth, mix_up.said, mix_up.n_tracks, mix_up.n_both) == ("Metal", "Folk", 2, 1)
    assert mix_up.share == pytest.approx(2 / 3)


def test_without_tags_there_is_nothing_to_judge_families_by() -> None:
    """No confusions and no hit rate, instead of zeros."""
    nothing = np.zeros((2, 3), dtype=np.float32)
    assert family_confusions(np.array([0, 1]), nothing, FAMILIES, "no tags") is None
    assert family_hit_rate(np.array([0, 1]), nothing) is None


def test_mix_ups_of_labels_by_hand() -> None:
    """Only tracks whose first label is none of their own count, under each of their labels."""
    y = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 1]], dtype=bool)
    p = np.eye(3, dtype=np.float32)[[2, 2, 0, 2]]
    found = [(m.truth, m.said, m.n_tracks, m.share) for m in label_mix_ups(p, y, ("a", "b", "c"))]
    assert found == [("a", "c", 2, pytest.approx(2 / 3)), ("b", "c", 1, 1.0)]


def test_words_that_tell_a_family_are_counted_by_artist() -> None:
    """A word of many artists of one family tells it; one artist's favourite word does not."""
    tracks = [Track(str(i), "Jah 1" if i % 2 else "Ode", (str(i),), "Hits") for i in range(N)]
    tracks += [Track("x", "Mantra", ("1",))] * N
    artists = np.array([*range(N), *[1] * N], dtype=np.uint64)
    shares = np.zeros((2 * N, 2), dtype=np.float32)
    shares[np.arange(2 * N), (artists % 2).astype(int)] = 1
    tags = {artist: [("ragga" if artist % 2 else "lied", "musicbrainz")] for artist in range(N)}
    other, reggae = telling_words(tracks, artists, shares, tags, ("Other", "Reggae"))
    assert (other.words, reggae.words) == ((("ode", 2.0),), (("jah", 2.0),))
    assert (other.tags, reggae.tags) == ((("lied", 2.0),), (("ragga", 2.0),))


def test_like_rows_stand_together() -> None:
    """Two kinds of rows in turns are put side by side."""
    vectors = np.array([[0.0, 0], [5, 5], [0.1, 0], [5.1, 5]])
    order = alike(vectors)
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}
    assert alike(vectors[:2]) == [0, 1]
