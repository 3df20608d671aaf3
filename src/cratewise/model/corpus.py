"""From cleaned tracks to tensors: what the network reads of each track in training, and what it should answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cratewise.model.features import (
    TAG_TOKENS,
    FloatArray,
    KeyArray,
    TokenArray,
    album_key,
    artist_keys,
    extract,
    tag_hashes,
)
from cratewise.model.knowledge import MAX_ARTISTS, LabelCounts, sum_rows
from cratewise.model.names import script_token
from cratewise.model.network import Inputs
from cratewise.model.vocabulary import Vocabulary
from cratewise.tracks import Track

SOURCES: tuple[str, ...] = (
    "everynoise",
    "spotify_1921_2020",
    "musicoset",
    "billboard",
    "moodify",
    "sqnguyen",
    "musicbrainz",
)
"""Sources of artist tags; a tag token's sources are bits in this order."""
MUSICBRAINZ = 1 << SOURCES.index("musicbrainz")
"""The bit of the one source that a person gets at run time."""

ARTISTS_OF_A_WORD = 5
"""A token of a name is known if so many artists use it: one that fewer use would be learnt by heart."""
ARTISTS_OF_A_TAG = 3
"""A token of a tag is known if so many artists carry it."""

TagsByArtist = Mapping[int, Sequence[tuple[str, str]]]
"""Artist key (`features.key`) to its (tag, source) pairs."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All tracks that training and evaluation may look at.

    Attributes:
        tracks: n tracks, without tags of their own.
        labels: bool (n, l), dataset labels of each.
        songs: int (n,), the song each track is a release of.
        tags: Tags of the artists.
    """

    tracks: tuple[Track, ...]
    labels: NDArray[np.bool_]
    songs: NDArray[np.int64]
    tags: TagsByArtist

    def __len__(self) -> int:
        return len(self.tracks)


def tagged_tokens(corpus: Corpus) -> tuple[TokenArray, NDArray[np.uint8]]:
    """Tag tokens of each track's artists (n, TAG_TOKENS), and for each token the bits of the sources that name it."""
    artists = (artist_keys(track)[:MAX_ARTISTS] for track in corpus.tracks)
    return tokens_of_pairs([[pair for key in keys for pair in corpus.tags.get(key, ())] for keys in artists])


def tokens_of_pairs(rows: Sequence[Sequence[tuple[str, str]]]) -> tuple[TokenArray, NDArray[np.uint8]]:
    """Tokens of n lists of (tag, source) pairs and their sources' bits, both (n, TAG_TOKENS)."""
    tokens = np.zeros((len(rows), TAG_TOKENS), dtype=np.uint32)
    bits = np.zeros((len(rows), TAG_TOKENS), dtype=np.uint8)
    for row, pairs in enumerate(rows):
        found = list(token_sources(pairs).items())[:TAG_TOKENS]
        tokens[row, : len(found)] = [token for token, _ in found]
        bits[row, : len(found)] = [source for _, source in found]
    return tokens, bits


def votes(bits: NDArray[np.uint8]) -> FloatArray:
    """How many sources the bits name, float32 of the same shape."""
    return np.bitwise_count(bits).astype(np.float32)


def token_sources(pairs: Iterable[tuple[str, str]]) -> dict[int, int]:
    """Tokens of (tag, source) pairs, each with the bits of its sources."""
    found: dict[int, int] = {}
    for tag, source in pairs:
        for token in tag_hashes(tag):
            found[token] = found.get(token, 0) | 1 << SOURCES.index(source)
    return found


def count_labels(keys: Sequence[Sequence[int]], songs: NDArray[np.int64], labels: FloatArray) -> LabelCounts:
    """Counts, for each key, the songs under it by label: a song counts once, however many releases it has.

    Args:
        keys: n lists of keys (artists or albums) of the tracks.
        songs: int (n,).
        labels: float32 (n, l), the labels of each track's song.
    """
    members = {(name, int(songs[row])): row for row, names in enumerate(keys) for name in names}
    table: KeyArray = np.array(sorted({name for name, _ in members}), dtype=np.uint64)
    places = np.searchsorted(table, np.array([name for name, _ in members], dtype=np.uint64))
    counts = np.zeros((len(table), labels.shape[1]), dtype=np.float32)
    np.add.at(counts, places, labels[list(members.values())])
    return LabelCounts(table, np.minimum(counts, 255).astype(np.uint8))


def recall_leaving_out(counts: LabelCounts, keys: Sequence[Sequence[int]], own: FloatArray) -> FloatArray:
    """Label counts of each track's keys, without the track's own song.

    Args:
        counts: The table.
        keys: n lists of keys.
        own: float32 (n, l), what the track's song put under each of its keys, zeros where it was not counted.
    """
    recalled, n_found = sum_rows(counts.keys, counts.counts, keys)
    return np.maximum(recalled - own * n_found, 0)


def song_labels(songs: NDArray[np.int64], labels: NDArray[np.bool_]) -> FloatArray:
    """Labels of each track's song, over all its releases: float32 (n, l)."""
    _, song = np.unique(songs, return_inverse=True)
    merged = np.zeros((song.max() + 1, labels.shape[1]), dtype=bool)
    np.logical_or.at(merged, song, labels)
    return merged[song].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the network reads of every track of a corpus, when only `fitted` rows were counted.

    Attributes:
        inputs: Everything that is known of each track, no tag vectors.
        sources: uint8 (n, t), sources of the tag tokens in `inputs.tags`.
        artists: Label counts of the artists of the fitted rows.
        albums: Label counts of the albums of the fitted rows.
        artist_keys: Keys of each track's artists, first artist first.
        names: Tokens of names that are known.
        tags: Tokens of tags that are known.
    """

    inputs: Inputs
    sources: Tensor
    artists: LabelCounts
    albums: LabelCounts
    artist_keys: tuple[tuple[int, ...], ...]
    names: Vocabulary
    tags: Vocabulary


def prepare(corpus: Corpus, fitted: NDArray[np.int64], d_tag: int, scripts: Iterable[str] = ()) -> Prepared:
    """Lays a corpus out for the network.

    Label counts come from the `fitted` rows, never from a track's own song; words are known if several artists of the
    fitted rows use them, or if they are marks of the named scripts, tags if several tagged artists do that aren't
    artists of the other rows.
    """
    everyone = tuple(artist_keys(track)[:MAX_ARTISTS] for track in corpus.tracks)
    first, others = [keys[:1] for keys in everyone], [keys[1:] for keys in everyone]
    album = [() if (key := album_key(track)) is None else (key,) for track in corpus.tracks]
    songs = corpus.songs[fitted]
    own = np.zeros(corpus.labels.shape, dtype=np.float32)
    own[fitted] = song_labels(songs, corpus.labels[fitted])
    artists = count_labels([everyone[row] for row in fitted], songs, own[fitted])
    albums = count_labels([album[row] for row in fitted], songs, own[fitted])
    features = extract([replace(track, artist_tags=()) for track in corpus.tracks])
    tokens, bits = tagged_tokens(corpus)
    owners = np.array([keys[0] if keys else 0 for keys in everyone], dtype=np.uint64)
    marks = map(script_token, scripts)
    names = Vocabulary.shared_by(ARTISTS_OF_A_WORD, features.names[fitted], owners[fitted], marks)
    unseen = _artists_of(corpus.tracks) - _artists_of(corpus.tracks[row] for row in fitted)
    tagged = sorted(artist for artist in corpus.tags if artist not in unseen)
    of_tagged, _ = tokens_of_pairs([corpus.tags[artist] for artist in tagged])
    tags = Vocabulary.shared_by(ARTISTS_OF_A_TAG, of_tagged, np.array(tagged, dtype=np.uint64))
    n = len(corpus)
    inputs = Inputs(
        numbers=torch.from_numpy(features.numbers),
        names=torch.from_numpy(names.rows(features.names)),
        tags=torch.from_numpy(tags.rows(tokens)),
        tag_votes=torch.from_numpy(votes(bits)),
        tag_vector=torch.zeros(n, d_tag),
        has_tag_vector=torch.zeros(n, 1),
        artist=torch.from_numpy(recall_leaving_out(artists, first, own)),
        collaborators=torch.from_numpy(recall_leaving_out(artists, others, own)),
        album=torch.from_numpy(recall_leaving_out(albums, album, own)),
    )
    return Prepared(inputs, torch.from_numpy(bits), artists, albums, everyone, names, tags)


def _artists_of(tracks: Iterable[Track]) -> set[int]:
    """Keys of all artists, those beyond `MAX_ARTISTS` included."""
    return {artist for track in tracks for artist in artist_keys(track)}
