"""Every method on every row of the table, and none of them sees what it will be judged on."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from cratewise.model.conditions import CONDITIONS
from cratewise.model.corpus import Corpus
from cratewise.model.evaluation import calibration_error
from cratewise.model.peers.comparison import PEERS, best_temperature, heated
from cratewise.model.peers.encoding import Encoder
from cratewise.model.peers.networks import Perceptron, TabM
from cratewise.model.peers.part import Classes, Part, Peer
from cratewise.model.peers.trees import CatBoost, LightGBM, RandomForest

from .conftest import Sample

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # on import of pytabkit
NAMES = tuple(peer.name for peer in PEERS)


def nothing(done: int, total: int | None) -> None:
    """Isn't interested."""


@pytest.fixture(scope="session")
def encoded(sample: Sample) -> dict[str, tuple[Part, Part]]:
    """The training and the validation part of every row."""
    found = {}
    for by, conditions in CONDITIONS.items():
        tracks, parts = sample.laid_out(by), sample.parts[by]
        for condition in conditions:
            encoder = Encoder.fitted(tracks, condition, parts.train, 0)
            found[condition.row] = (encoder.train, encoder.encode(condition.judged(tracks.known, parts.validation)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_peer_answers_in_every_row(
    name: str, encoded: dict[str, tuple[Part, Part]], small_peers: tuple[Peer, ...]
) -> None:
    """Whatever a row hides, each track gets probabilities that are finite and sum to 1."""
    peer = next(peer for peer in small_peers if peer.name == name)
    for train, validation in encoded.values():
        p = peer.fit(train, validation, 0, nothing)(validation)
        assert p.shape == validation.labels.shape
        assert np.isfinite(p).all()
        assert (p >= 0).all()
        assert np.allclose(p.sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("name", ["artist-lookup", "tag-lookup", "random-forest"])
def test_a_peer_learns(name: str, encoded: dict[str, tuple[Part, Part]], small_peers: tuple[Peer, ...]) -> None:
    """With everything known, labels as far apart as opera and black metal are told from each other."""
    train, validation = encoded["1-everything"]
    p = next(peer for peer in small_peers if peer.name == name).fit(train, validation, 0, nothing)(validation)
    assert validation.labels[np.arange(len(p)), p.argmax(axis=1)].mean() > 0.6


def toy_part(seed: int) -> Part:
    """Tracks that lie around the corner of their label, of which the third never occurs; no log-odds, no tags."""
    chance = np.random.default_rng(seed)
    labels = chance.choice([0, 1, 3, 4], size=1500)
    corners = np.array([[0, 0], [0, 3], [9, 9], [3, 0], [3, 3]], dtype=np.float32)
    columns = (corners[labels] + chance.normal(scale=0.3, size=(1500, 2))).astype(np.float32)
    blank = np.zeros((1500, 5), dtype=np.float32)
    return Part(columns, blank, blank, csr_matrix((1500, 3), dtype=np.float32), np.eye(5, dtype=bool)[labels])


@pytest.mark.parametrize(
    "peer",
    [
        RandomForest(n_trees=10),
        LightGBM(n_rounds=10),
        CatBoost(n_rounds=10),
        Perceptron(n_epochs=10, width=32),
        TabM(n_epochs=20, n_members=2, width=32, batch_size=64),
    ],
    ids=lambda peer: peer.name,
)
def test_a_peer_names_the_labels_it_learnt(peer: Peer) -> None:
    """Each label is told by the columns, also where one of them is missing from the training part."""
    train, validation, test = map(toy_part, range(3))
    p = peer.fit(train, validation, 0, nothing)(test)
    assert test.labels[np.arange(len(p)), p.argmax(axis=1)].mean() > 0.95  # chance is 0.25


def scrambled(corpus: Corpus, rows: np.ndarray) -> Corpus:
    """The corpus with the labels of some rows turned round, and their titles, albums and statistics exchanged."""
    order = np.random.default_rng(0).permutation(rows)
    labels, tracks = corpus.labels.copy(), list(corpus.tracks)
    labels[rows] = ~corpus.labels[rows]
    for row, other in zip(rows, order, strict=True):
        source = corpus.tracks[other]
        tracks[row] = replace(tracks[row], title=source.title, album=source.album, statistics=source.statistics)
    return replace(corpus, labels=labels, tracks=tuple(tracks))


@pytest.mark.parametrize("by", ["song", "artist"])
def test_the_encoding_saw_nothing_but_the_training_part(by: str, sample: Sample) -> None:
    """Other labels, titles and statistics of all other tracks change no bit of the training part's encoding."""
    parts = sample.parts[by]
    others = np.concatenate([parts.validation, parts.test, parts.left_out])
    changed = sample.laid_out(by, scrambled(sample.corpus, others))
    for condition in CONDITIONS[by]:
        ours = Encoder.fitted(sample.laid_out(by), condition, parts.train, 0)
        theirs = Encoder.fitted(changed, condition, parts.train, 0)
        assert np.array_equal(ours.train.dense, theirs.train.dense, equal_nan=True)
        assert np.array_equal(ours.tags.evidence.table, theirs.tags.evidence.table)
        assert np.array_equal(ours.names.evidence.table, theirs.names.evidence.table)


@pytest.mark.parametrize("name", NAMES)
def test_no_peer_sees_the_labels_it_is_judged_by(
    name: str, sample: Sample, encoded: dict[str, tuple[Part, Part]], small_peers: tuple[Peer, ...]
) -> None:
    """With other labels on the test part, every prediction for it stays the same."""
    peer = next(peer for peer in small_peers if peer.name == name)
    parts, condition = sample.parts["song"], CONDITIONS["song"][0]
    labels = sample.corpus.labels.copy()
    labels[parts.test] = ~labels[parts.test]
    answers = []
    for corpus in (sample.corpus, replace(sample.corpus, labels=labels)):
        encoder = Encoder.fitted(sample.laid_out("song", corpus), condition, parts.train, 0)
        predictor = peer.fit(encoder.train, encoder.encode(parts.validation), 0, nothing)
        answers.append(predictor(encoder.encode(parts.test)))
    assert np.array_equal(answers[0], answers[1])


def test_a_track_stands_there_once_for_each_of_its_labels() -> None:
    """Cases of one track weigh 1 together; a label that the training part lacks is nobody's."""
    blank = np.zeros((2, 0), dtype=np.float32)
    train = Part(blank, blank, blank, None, np.array([[1, 0, 1, 0], [0, 0, 1, 0]], dtype=bool))  # type: ignore[arg-type]
    seen = replace(train, labels=np.array([[1, 1, 1, 0], [0, 1, 0, 0]], dtype=bool))
    classes = Classes.of(train)
    cases = classes.cases(seen)
    assert cases.rows.tolist() == [0, 0]
    assert cases.classes.tolist() == [0, 1]
    assert cases.weights.tolist() == [0.5, 0.5]
    assert classes.spread(np.array([[0.25, 0.75]])).tolist() == [[0.25, 0, 0.75, 0]]


def test_one_temperature_brings_confidence_and_hits_together() -> None:
    """Answers that are far too sure are cooled down until they are right as often as they say."""
    chance = np.random.default_rng(0)
    right = heated(chance.random((4000, 5)).astype(np.float32), 0.3)
    y = np.cumsum(right, axis=1) > chance.random((4000, 1))
    y &= np.cumsum(y, axis=1) == 1
    sure = heated(right, 0.2)
    hits = y[np.arange(4000), sure.argmax(axis=1)]
    temperature = best_temperature(sure, y)
    assert temperature == pytest.approx(5, rel=0.15)
    assert calibration_error(sure.max(axis=1), hits) > 0.2
    assert calibration_error(heated(sure, temperature).max(axis=1), hits) < 0.03
