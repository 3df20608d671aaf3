"""Counting labels, by hand."""

import numpy as np
import pytest

from cratewise.model.corpus import Corpus, prepare
from cratewise.model.features import key
from cratewise.model.peers.encoding import lay_out
from cratewise.model.peers.evidence import TokenEvidence, bag, log_odds, out_of_fold, prior_of
from cratewise.model.peers.lookups import ArtistLookup, TagLookup
from cratewise.model.peers.naive_bayes import WeightedNaiveBayes
from cratewise.model.peers.part import Part
from cratewise.tracks import Track

LABELS = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
TOKENS = np.array([[1, 2], [1, 0], [2, 0], [0, 0]], dtype=np.int32)
EVEN = np.array([0.5, 0.5], dtype=np.float32)


def part_of(artist: list[list[float]]) -> Part:
    """Four tracks with these label counts of their artists."""
    counts, blank = np.array(artist, dtype=np.float32), np.zeros((4, 0), dtype=np.float32)
    return Part(blank, np.zeros((4, 2), dtype=np.float32), counts, bag(TOKENS, None, 3), LABELS)


def nothing(done: int, total: int | None) -> None:
    """Isn't interested."""


def test_the_artist_lookup_by_hand() -> None:
    """Three songs of one label against one song's worth of an even prior; the prior where nobody is known."""
    part = part_of([[3, 0], [0, 0], [0, 3], [1, 1]])
    p = ArtistLookup(smoothings=(1.0,)).fit(part, part, 0, nothing)(part)
    assert p.tolist() == [[0.875, 0.125], [0.5, 0.5], [0.125, 0.875], [0.5, 0.5]]


def test_the_smoothing_is_chosen_on_the_validation_part() -> None:
    """Where counts mislead there, the prior gets the greatest weight there is, however well they fit the training."""
    right, wrong = part_of([[3, 0], [3, 0], [0, 3], [0, 3]]), part_of([[0, 3], [0, 3], [3, 0], [3, 0]])
    p = ArtistLookup(smoothings=(1.0, 97.0)).fit(right, wrong, 0, nothing)(wrong)
    assert p[0].tolist() == pytest.approx([0.485, 0.515])


def test_the_tag_lookup_by_hand() -> None:
    """A tag that two songs of the first label carry speaks for it, one of both labels for neither."""
    part = part_of([[0, 0]] * 4)
    p = TagLookup(smoothings=(1.0,), powers=(1.0,)).fit(part, part, 0, nothing)(part)
    five = 5 / 6  # (2 + 0.5) / (2 + 1)
    both = np.sqrt([five, 1 - five])  # the mean of the log-odds of a tag that says this and one that says nothing
    assert p[1].tolist() == pytest.approx([five, 1 - five])
    assert p[0].tolist() == pytest.approx((both / both.sum()).tolist())
    assert p[2].tolist() == pytest.approx([0.5, 0.5])
    assert p[3].tolist() == pytest.approx([0.5, 0.5])


def test_what_is_not_counted_says_nothing() -> None:
    """Without a song, or without a token, the odds are those of the prior."""
    prior = prior_of(LABELS[:3])
    assert prior.tolist() == pytest.approx([0.625, 0.375])
    assert not log_odds(np.zeros((1, 2), dtype=np.float32), prior).any()
    assert not TokenEvidence.fitted(bag(TOKENS, None, 3), LABELS, EVEN).of(bag(TOKENS, None, 3))[3].any()


def test_tokens_weigh_by_their_votes() -> None:
    """A token that three sources give counts three times in the mean."""
    evidence = TokenEvidence(np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32))
    votes = np.array([[3, 1]], dtype=np.float32)
    assert evidence.of(bag(TOKENS[:1], votes, 3)).tolist() == [[0.75, 0.25]]


def test_no_track_speaks_for_itself() -> None:
    """Out of fold, a token that only one fold carries says nothing there."""
    tokens = bag(np.array([[1], [1], [2], [2]], dtype=np.int32), None, 3)
    apart = out_of_fold(tokens, LABELS, EVEN, np.array([0, 1, 2, 2]))
    assert apart[0, 0] > 0
    assert not apart[2:].any()


def test_a_stranger_leaves_no_counts_behind() -> None:
    """Split by artist, nobody is told of artists, and an album counts the songs of others alone."""
    tracks = (
        Track("a", "One", ("Nas",), "Hits"),
        Track("b", "Two", ("Nas", "ABBA"), "Hits"),
        Track("c", "Three", ("ABBA",), "Hits"),
        Track("d", "Four", ("Björk",), "Hits"),
    )
    corpus = Corpus(tracks, LABELS, np.arange(4), {key("Nas"): [("hip hop", "musicbrainz")]})
    fitted = np.arange(3)
    known = lay_out(corpus, prepare(corpus, fitted, 1), fitted, strangers=True).known
    assert not known.inputs.artist.any()
    assert not known.inputs.collaborators.any()
    assert known.inputs.album.tolist() == [[0, 1], [0, 0], [1, 0], [2, 1]]
    assert known.has_tag_vector[:, 0].tolist() == [1, 1, 0, 0]


def test_sources_weigh_as_much_as_they_are_worth() -> None:
    """What a hundred counted songs say weighs 1, what a single one says half of that, and noise nothing."""
    chance = np.random.default_rng(0)
    evidence, noise = chance.normal(size=(2, 20_000, 3)).astype(np.float32)
    amount = np.log1p(chance.choice([1, 100], size=(20_000, 1))).astype(np.float32)
    prior = np.array([0.5, 0.3, 0.2], dtype=np.float32)
    odds = prior * np.exp(np.where(amount > 1, 1.0, 0.5) * evidence)
    drawn = (odds.cumsum(axis=1) / odds.sum(axis=1, keepdims=True) < chance.random((20_000, 1))).sum(axis=1)
    fitted = WeightedNaiveBayes.fitted(
        [(evidence, amount), (noise, np.zeros_like(amount))], np.eye(3, dtype=np.float32)[drawn], prior, 0
    )
    for counted, worth in ((1, 0.5), (100, 1.0)):
        assert fitted.weights[0] + fitted.slopes[0] * np.log1p(counted) == pytest.approx(worth, abs=0.1)
    assert fitted.weights[1:] == pytest.approx([0, 1], abs=0.1)
