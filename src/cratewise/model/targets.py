"""What the network should answer for a track: its dataset labels, and a listener's genres read from tags and labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from cratewise.genres.lexicon import Lexicon
from cratewise.genres.taxonomy import Family, Taxonomy
from cratewise.model.corpus import Corpus, Prepared, TagsByArtist, tokens_of_pairs, votes
from cratewise.model.features import FloatArray, artist_keys, token_matrix
from cratewise.model.knowledge import MAX_ARTISTS
from cratewise.model.names import NAME_TOKENS, script_token
from cratewise.model.training import Lessons, Targets

ROWS_OF_A_SCRIPT = 60
"""How often each script stands among the rows that the network is fitted to."""
TAG_SHARE = 0.65
"""Weight of the artists' tags against the track's own labels where both speak."""


@dataclass(frozen=True)
class Leaves:
    """The styles of a taxonomy, then for each family "no style in particular"; every song is one leaf.

    Attributes:
        taxonomy: Where they come from.
    """

    taxonomy: Taxonomy

    @cached_property
    def families(self) -> NDArray[np.int64]:
        """The family of each leaf, int (s + f,)."""
        place = {family.slug: index for index, family in enumerate(self.taxonomy.families)}
        of_styles = [place[style.family] for style in self.taxonomy.styles]
        return np.array([*of_styles, *range(len(place))], dtype=np.int64)

    @cached_property
    def _places(self) -> dict[str, int]:
        n_styles = len(self.taxonomy.styles)
        styles = {style.slug: index for index, style in enumerate(self.taxonomy.styles)}
        return styles | {family.slug: n_styles + index for index, family in enumerate(self.taxonomy.families)}

    def share_out(self, evidence: Mapping[str, float]) -> FloatArray:
        """Spreads weights by slug over the leaves: float32 (s + f,), summing to 1, or zeros where nothing is known.

        What a family has beyond its styles goes to its "no style in particular".
        """
        shares = np.zeros(len(self.families), dtype=np.float32)
        for slug, weight in evidence.items():
            shares[self._places[slug]] += weight
            if not isinstance(self.taxonomy.genre(slug), Family):
                shares[self._places[self.taxonomy.family_of(slug).slug]] -= weight
        shares = np.maximum(shares, 0)
        total = shares.sum()
        return shares / total if total > 0 else shares


def leaves_of_tags(tags: TagsByArtist, lexicon: Lexicon, leaves: Leaves) -> dict[int, FloatArray]:
    """What each artist's tags come to, by artist key; artists whose tags name no genre are left out."""
    read = {}
    for artist, pairs in tags.items():
        votes: dict[str, float] = {}
        for tag, _ in pairs:
            votes[tag] = votes.get(tag, 0.0) + 1.0
        shares = leaves.share_out(lexicon.read_tags(votes))
        if shares.any():
            read[artist] = shares
    return read


def shares_of_tags(corpus: Corpus, by_artist: dict[int, FloatArray], leaves: Leaves) -> FloatArray:
    """What the tags of each track's artists come to (the first artist counts double), zeros where nothing is known."""
    shares = np.zeros((len(corpus), len(leaves.families)), dtype=np.float32)
    for row, track in enumerate(corpus.tracks):
        found = [by_artist[key] for key in artist_keys(track)[:MAX_ARTISTS] if key in by_artist]
        if found:
            shares[row] = np.mean([found[0], *found], axis=0)
    return shares


def targets_of(
    corpus: Corpus, label_names: Sequence[str], from_tags: FloatArray, lexicon: Lexicon, leaves: Leaves
) -> Targets:
    """Targets of every track: artist-level tags, refined by the track's own labels where these can be trusted.

    A label moves weight among the families that the tags name, and adds none: half of the label "pop" is Indian, which
    says nothing of a band from London. Only where there are no tags does a label speak for itself.
    """
    of_labels = np.stack([leaves.share_out(lexicon.label_genres(label)) for label in label_names])
    slugs = {family.slug for family in leaves.taxonomy.families}
    trust = np.array(
        [sum(w for slug, w in lexicon.label_genres(label).items() if slug in slugs) for label in label_names]
    )
    votes = corpus.labels * trust.astype(np.float32)
    total = votes.sum(axis=1, keepdims=True)
    from_labels = (votes @ of_labels) / np.maximum(total, 1e-9)
    families = np.zeros((len(corpus), len(leaves.taxonomy.families)), dtype=np.float32)
    np.add.at(families.T, leaves.families, from_labels.T)
    refined = from_tags * families[:, leaves.families]
    agreed = refined.sum(axis=1, keepdims=True)
    mixed = TAG_SHARE * from_tags + (1 - TAG_SHARE) * refined / np.maximum(agreed, 1e-9)
    has_tags = from_tags.any(axis=1, keepdims=True)
    shares = np.where(agreed > 0, mixed, np.where(has_tags, from_tags, from_labels))
    labels = corpus.labels.astype(np.float32)
    return Targets(
        labels=torch.from_numpy(labels / labels.sum(axis=1, keepdims=True)),
        leaves=torch.from_numpy(shares.astype(np.float32)),
        leaf_families=torch.from_numpy(leaves.families),
    )


def with_tagged_artists(
    lessons: Lessons, prepared: Prepared, corpus: Corpus, by_artist: dict[int, FloatArray]
) -> Lessons:
    """Appends rows that are artists with nothing but tags: what tags mean is learnt from all of them."""
    artists = sorted(by_artist)
    if not artists:
        return lessons
    tokens, bits = tokens_of_pairs([corpus.tags[artist] for artist in artists])
    leaves = np.stack([by_artist[artist] for artist in artists])
    return lessons.with_rows(leaves, bits, tags=prepared.tags.rows(tokens), tag_votes=votes(bits))


def with_scripts(lessons: Lessons, prepared: Prepared, lexicon: Lexicon, leaves: Leaves) -> Lessons:
    """Appends rows that know nothing but the script of a name: the dataset has too few songs in most of them."""
    tokens = token_matrix([[script_token(script)] for script in lexicon.scripts], len(lexicon.scripts), NAME_TOKENS)
    answers = np.stack([leaves.share_out(meaning) for meaning in lexicon.scripts.values()])
    names = prepared.names.rows(np.tile(tokens, (ROWS_OF_A_SCRIPT, 1)))
    return lessons.with_rows(np.tile(answers, (ROWS_OF_A_SCRIPT, 1)), names=names)
