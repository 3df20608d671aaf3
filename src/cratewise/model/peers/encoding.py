"""The dense encoding of everything a row of the table allows, for those who cannot read tokens and counts.

Columns, as far as the row allows them: the numbers as they are; the logarithm of how many songs of the artists, the
other artists and the album were counted, and of how many tokens the names and tags have; the leading components of the
bags of tokens (truncated SVD). Beside them one logit a label: the weighted sum of the log-odds that the artists, the
other artists and the album have over other songs, and that the tokens of names and tags have (target encoding; of the
fitted tracks out of fold). All that is counted or fitted comes from the training part.

As columns of their own those log-odds would be 570 more, and a fit would take most of an hour for some.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from cratewise.model.conditions import Condition, Known
from cratewise.model.corpus import Corpus, Prepared, count_labels, song_labels
from cratewise.model.features import FloatArray, album_key
from cratewise.model.knowledge import sum_rows
from cratewise.model.network import Inputs
from cratewise.model.peers.evidence import TokenEvidence, bag, label_shares, log_odds, out_of_fold, prior_of
from cratewise.model.peers.naive_bayes import Evidence, WeightedNaiveBayes
from cratewise.model.peers.part import Part

N_FOLDS = 5
N_COMPONENTS = 32
"""Components of the bag of names, and of the bag of tags."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """All tracks of a corpus, and what decides how they are encoded.

    Attributes:
        known: What is known of each track. Peers keep no tag vectors: they remember the tags word for word.
        labels: bool (n, l).
        folds: int (n,), the fold of each track: releases of one song, or songs of one first artist, share theirs.
        n_names: Rows of a table of name tokens.
        n_tags: Rows of a table of tag tokens.
    """

    known: Known
    labels: NDArray[np.bool_]
    folds: NDArray[np.int64]
    n_names: int
    n_tags: int


def lay_out(corpus: Corpus, prepared: Prepared, fitted: NDArray[np.int64], *, strangers: bool) -> Tracks:
    """Takes what the network reads, and keeps what a peer can make the same use of in every part.

    Args:
        corpus: All tracks.
        prepared: The same, laid out for the network with the `fitted` rows counted.
        fitted: Rows of the training part.
        strangers: No artist stands in two parts. Then counts of artists are given to nobody, as no track that is
            judged has any, and albums count the songs of other artists alone: what a peer learnt of them on the
            training part would not hold for the others.
    """
    inputs = prepared.inputs
    if strangers:
        inputs = inputs._replace(
            artist=torch.zeros_like(inputs.artist),
            collaborators=torch.zeros_like(inputs.collaborators),
            album=torch.from_numpy(_albums_of_others(corpus, prepared, fitted)),
        )
    tagged = [[any(artist in corpus.tags for artist in keys)] for keys in prepared.artist_keys]
    has_tags = torch.tensor(tagged, dtype=torch.float32)
    known = Known(inputs, prepared.sources, torch.zeros(len(corpus), inputs.tag_vector.shape[1]), has_tags)
    owners = [keys[0] if keys else row for row, keys in enumerate(prepared.artist_keys)] if strangers else corpus.songs
    folds = np.array([int(owner) % N_FOLDS for owner in owners], dtype=np.int64)
    return Tracks(known, corpus.labels, folds, prepared.names.n_rows, prepared.tags.n_rows)


def _albums_of_others(corpus: Corpus, prepared: Prepared, fitted: NDArray[np.int64]) -> FloatArray:
    """Label counts of each track's album, without songs that share an artist with it: float32 (n, l)."""
    albums = [album_key(track) for track in corpus.tracks]
    own = [[] if a is None else [a ^ key for key in keys] for a, keys in zip(albums, prepared.artist_keys, strict=True)]
    songs = corpus.songs[fitted]
    shared = count_labels([own[row] for row in fitted], songs, song_labels(songs, corpus.labels[fitted]))
    under_album, _ = sum_rows(
        prepared.albums.keys, prepared.albums.counts, [() if album is None else (album,) for album in albums]
    )
    of_own, _ = sum_rows(shared.keys, shared.counts, own)
    return np.maximum(under_album - of_own, 0)


@dataclass(frozen=True, slots=True)
class Field:
    """How the tokens of names, or of tags, become columns.

    Attributes:
        evidence: Log-odds of the tokens.
        components: float32 (v, k), directions of the truncated SVD, scaled by the tokens' rarity; `None` without
            tokens.
    """

    evidence: TokenEvidence
    components: FloatArray | None

    @classmethod
    def fitted(cls, tokens: csr_matrix, labels: NDArray[np.bool_], prior: FloatArray, seed: int) -> "Field":
        """Counts labels and finds the components of the training part's tokens (n, v)."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.preprocessing import normalize

        used = np.asarray((tokens > 0).sum(axis=0)).ravel()
        n_components = min(N_COMPONENTS, int((used > 0).sum()) - 1, tokens.shape[0] - 1)
        components = None
        if n_components > 0:
            rarity = np.log((1 + tokens.shape[0]) / (1 + used)).astype(np.float32)
            svd = TruncatedSVD(n_components, random_state=seed).fit(normalize(tokens.multiply(rarity).tocsr()))
            components = (svd.components_.T * rarity[:, None]).astype(np.float32)
        return cls(TokenEvidence.fitted(tokens, labels, prior), components)

    def place(self, tokens: csr_matrix) -> list[FloatArray]:
        """Where some tracks lie along the components; nothing without any."""
        return [] if self.components is None else [_unit(np.asarray(tokens @ self.components, dtype=np.float32))]


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes tracks under one condition.

    Attributes:
        tracks: All tracks.
        condition: What may be read.
        prior: float32 (l,), how common each label is in the training part.
        names: Columns of the names.
        tags: Columns of the tags.
        summed: The weighted sum of the log-odds.
        varying: bool (d,), columns that differ within the training part; the others say nothing and are dropped.
        train: The training part, encoded out of fold.
    """

    tracks: Tracks
    condition: Condition
    prior: FloatArray
    names: Field
    tags: Field
    summed: WeightedNaiveBayes
    varying: NDArray[np.bool_]
    train: Part

    @classmethod
    def fitted(cls, tracks: Tracks, condition: Condition, rows: NDArray[np.int64], seed: int) -> "Encoder":
        """Fits everything to the training part's `rows`, and encodes them."""
        inputs, names, tags = _read(tracks, condition, rows)
        labels, folds = tracks.labels[rows], tracks.folds[rows]
        prior = prior_of(labels)
        of_names, of_tags = (Field.fitted(tokens, labels, prior, seed) for tokens in (names, tags))
        counted = [out_of_fold(tokens, labels, prior, folds) for tokens in (names, tags)]
        sources = _sources(inputs, prior, names, tags, counted)
        summed = WeightedNaiveBayes.fitted(sources, label_shares(labels), prior, seed)
        columns = _columns(inputs, sources, [*of_names.place(names), *of_tags.place(tags)])
        varying = np.array([len(np.unique(column[~np.isnan(column)])) > 1 for column in columns.T])
        part = Part(columns[:, varying], summed.logits(sources), _artists(inputs), tags, labels)
        return cls(tracks, condition, prior, of_names, of_tags, summed, varying, part)

    def encode(self, rows: NDArray[np.int64]) -> Part:
        """Encodes tracks that aren't of the training part."""
        inputs, names, tags = _read(self.tracks, self.condition, rows)
        counted = [self.names.evidence.of(names), self.tags.evidence.of(tags)]
        sources = _sources(inputs, self.prior, names, tags, counted)
        columns = _columns(inputs, sources, [*self.names.place(names), *self.tags.place(tags)])
        labels = self.tracks.labels[rows]
        return Part(columns[:, self.varying], self.summed.logits(sources), _artists(inputs), tags, labels)


def _read(tracks: Tracks, condition: Condition, rows: NDArray[np.int64]) -> tuple[Inputs, csr_matrix, csr_matrix]:
    """What the condition shows of some rows, and the bags of their name and tag tokens.

    Where the network has its memory of an artist's tags, a peer has the tags themselves.
    """
    known = tracks.known.rows(torch.from_numpy(rows))
    inputs = condition.inputs(known)
    shown = torch.where(inputs.has_tag_vector > 0, known.inputs.tags, inputs.tags).numpy()
    names = bag(inputs.names.numpy(), None, tracks.n_names)
    return inputs, names, bag(shown, inputs.tag_votes.numpy(), tracks.n_tags)


def _sources(
    inputs: Inputs, prior: FloatArray, names: csr_matrix, tags: csr_matrix, of_tokens: Sequence[FloatArray]
) -> list[Evidence]:
    """Log-odds and amounts of the artists, the other artists, the album, the names and the tags."""
    counts = [array.numpy() for array in (inputs.artist, inputs.collaborators, inputs.album)]
    n_tokens = [np.asarray((tokens > 0).sum(axis=1), dtype=np.float32).reshape(-1, 1) for tokens in (names, tags)]
    return [
        *((log_odds(songs, prior), np.log1p(songs.sum(axis=1, keepdims=True))) for songs in counts),
        *((evidence, np.log1p(n)) for evidence, n in zip(of_tokens, n_tokens, strict=True)),
    ]


def _columns(inputs: Inputs, sources: Sequence[Evidence], placed: Sequence[FloatArray]) -> FloatArray:
    """Everything but log-odds."""
    return np.concatenate([inputs.numbers.numpy(), *(amount for _, amount in sources), *placed], axis=1)


def _artists(inputs: Inputs) -> FloatArray:
    return (inputs.artist + inputs.collaborators).numpy()


def _unit(vectors: FloatArray) -> FloatArray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
