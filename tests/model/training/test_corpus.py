"""Laying tracks out for the network, without a look at the answer."""

import numpy as np

from cratewise.model.corpus import SOURCES, Corpus, count_labels, prepare, token_sources
from cratewise.model.features import key, tag_hashes
from cratewise.tracks import Track

LABELS = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
TRACKS = (
    Track("a", "One", ("Nas",), "Illmatic"),
    Track("b", "One (Remastered)", ("Nas",), "Best of"),
    Track("c", "Two", ("Nas", "ABBA"), "Illmatic"),
    Track("d", "Three", ("ABBA",), "Arrival"),
)
SONGS = np.array([0, 0, 1, 2])
CORPUS = Corpus(TRACKS, LABELS, SONGS, {key("Nas"): [("hip hop", "musicbrainz"), ("hip hop", "billboard")]})


def test_a_song_counts_once_however_many_releases_it_has() -> None:
    """Two ids of one song under one artist are one."""
    counts = count_labels([[5], [5], [5]], np.array([0, 0, 1]), np.eye(2, dtype=np.float32)[[0, 0, 1]])
    assert counts.counts.tolist() == [[1, 1]]


def test_no_track_sees_its_own_song() -> None:
    """What an artist's other songs say is seen; the song itself, under any of its ids, is not."""
    inputs = prepare(CORPUS, np.arange(4), 8).inputs
    assert inputs.artist.tolist() == [[0, 1], [0, 1], [1, 0], [0, 1]]
    assert inputs.collaborators.tolist() == [[0, 0], [0, 0], [0, 1], [0, 0]]
    assert inputs.album.tolist() == [[0, 1], [0, 0], [1, 0], [0, 0]]


def test_only_fitted_rows_are_counted() -> None:
    """Labels of rows that aren't fitted leave no trace in any input."""
    fitted = np.array([0, 1])
    flipped = LABELS.copy()
    flipped[2:] = ~flipped[2:]
    other = Corpus(TRACKS, flipped, SONGS, CORPUS.tags)
    for ours, theirs in zip(prepare(CORPUS, fitted, 8).inputs, prepare(other, fitted, 8).inputs, strict=True):
        assert np.array_equal(ours.numpy(), theirs.numpy(), equal_nan=True)


def test_tokens_know_their_sources() -> None:
    """A tag that two sources name carries both bits."""
    bits = token_sources([("soul", "musicbrainz"), ("soul", "billboard")])
    assert bits == {tag_hashes("soul")[0]: 1 << SOURCES.index("musicbrainz") | 1 << SOURCES.index("billboard")}
