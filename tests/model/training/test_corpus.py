"""Laying tracks out for the network, without a look at the answer."""

import numpy as np
import torch

from cratewise.genres.lexicon import load_lexicon
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.corpus import SOURCES, Corpus, count_labels, prepare, token_sources
from cratewise.model.features import key, tag_hashes
from cratewise.model.targets import ROWS_OF_A_SCRIPT, Leaves, targets_of, with_scripts
from cratewise.model.training import Lessons
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


def test_a_script_is_learnt_from_rows_of_its_own() -> None:
    """Rows that know only a script's mark are appended, with what the lexicon says of it, and the mark is known."""
    lexicon, leaves = load_lexicon(), Leaves(load_taxonomy())
    prepared = prepare(CORPUS, np.arange(4), 8, lexicon.scripts)
    targets = targets_of(CORPUS, ("a", "b"), np.zeros((4, len(leaves.families)), dtype=np.float32), lexicon, leaves)
    lessons = with_scripts(Lessons(prepared.inputs, prepared.sources, targets), prepared, lexicon, leaves)
    n_scripts = len(lexicon.scripts)
    assert len(lessons.sources) == len(lessons.targets.leaves) == 4 + ROWS_OF_A_SCRIPT * n_scripts
    marks = lessons.inputs.names[4 : 4 + n_scripts]
    assert len(set(marks[:, 0].tolist())) == n_scripts
    assert (marks[:, 0] > 0).all()
    assert not marks[:, 1:].any()
    assert torch.isnan(lessons.inputs.numbers[4:]).all()
    assert torch.allclose(lessons.targets.leaves[4:].sum(dim=1), torch.tensor(1.0))


def test_a_label_refines_what_the_tags_say_and_adds_nothing() -> None:
    """A label moves weight among the families of the tags; what else it stands for reaches only tracks without tags."""
    lexicon, leaves = load_lexicon(), Leaves(load_taxonomy())
    assert {"pop", "south-asian"} <= lexicon.label_genres("pop").keys()
    from_tags = np.stack([leaves.share_out({"pop": 0.5, "rock": 0.5}), leaves.share_out({"jazz": 1.0})])
    from_tags = np.concatenate([from_tags, np.zeros_like(from_tags)])
    corpus = Corpus(TRACKS, np.ones((4, 1), dtype=bool), SONGS, {})
    shares = targets_of(corpus, ("pop",), from_tags, lexicon, leaves).leaves.numpy()
    pop, rock, indian, jazz = (
        leaves.share_out({slug: 1.0}) @ shares.T for slug in ("pop", "rock", "south-asian", "jazz")
    )
    assert pop[0] > 0.6 > rock[0] > 0.3
    assert indian[0] == 0
    assert jazz[1] == 1
    assert indian[2] > 0.3
