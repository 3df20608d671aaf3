"""What the model remembers of artists and albums: compact tables by hashed name, without a name or a tag in them.

Three kinds of memory travel with the weights. *Vocabularies* say which words the network knows. *Label counts* say how
many songs of an artist or an album carried which dataset label. *Tag vectors* hold what the tags of an artist come to
in the network's own tag space, so that an artist's genre is known offline where no tags are given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cratewise.model.features import FloatArray, KeyArray, album_key, artist_keys
from cratewise.model.vocabulary import Vocabulary
from cratewise.tracks import Track

MAX_ARTISTS = 8
"""Artists of one track that are looked up; a track billed to 200 is not about any of them."""


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How many songs with each label stand under a key.

    Attributes:
        keys: uint64 (k,), ascending.
        counts: uint8 (k, n_labels), at most 255 each.
    """

    keys: KeyArray
    counts: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TagVectors:
    """The place of an artist in the network's tag space.

    Attributes:
        keys: uint64 (k,), ascending.
        vectors: int8 (k, d); times `scale` they are the network's values.
        scale: Step of the quantisation.
    """

    keys: KeyArray
    vectors: NDArray[np.int8]
    scale: float

    @classmethod
    def quantised(cls, keys: KeyArray, vectors: FloatArray, scale: float) -> Self:
        """Packs float vectors (k, d) into bytes, up to 127 steps of `scale`; `keys` need not be in order."""
        order = np.argsort(keys)
        packed = np.clip(np.rint(vectors[order] / scale), -127, 127).astype(np.int8)
        return cls(keys[order], packed, scale)


@dataclass(frozen=True, slots=True)
class Recollection:
    """What the tables say of n tracks.

    Attributes:
        artist: float32 (n, n_labels), label counts of the first artist.
        collaborators: float32 (n, n_labels), summed label counts of the other artists.
        album: float32 (n, n_labels), label counts of the album's title.
        tag_vector: float32 (n, d), mean tag vector of the artists that have one (the first counts double).
        has_tag_vector: float32 (n, 1), 1 where there is one.
    """

    artist: FloatArray
    collaborators: FloatArray
    album: FloatArray
    tag_vector: FloatArray
    has_tag_vector: FloatArray


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All tables of one model.

    Attributes:
        names: Tokens of artists' names, titles, albums and scripts.
        tags: Tokens of tags.
        artists: Label counts by artist.
        albums: Label counts by album.
        tag_vectors: Tag vectors by artist.
    """

    names: Vocabulary
    tags: Vocabulary
    artists: LabelCounts
    albums: LabelCounts
    tag_vectors: TagVectors

    def recall(self, tracks: Sequence[Track]) -> Recollection:
        """Looks n tracks up; what is not known is a row of zeros."""
        artists = [artist_keys(track)[:MAX_ARTISTS] for track in tracks]
        albums = [() if (key := album_key(track)) is None else (key,) for track in tracks]
        artist, _ = sum_rows(self.artists.keys, self.artists.counts, [keys[:1] for keys in artists])
        collaborators, _ = sum_rows(self.artists.keys, self.artists.counts, [keys[1:] for keys in artists])
        album, _ = sum_rows(self.albums.keys, self.albums.counts, albums)
        vectors = self.tag_vectors
        summed, n_found = sum_rows(vectors.keys, vectors.vectors, [(*keys[:1], *keys) for keys in artists])
        tag_vector = (summed * vectors.scale / np.maximum(n_found, 1)).astype(np.float32)
        return Recollection(artist, collaborators, album, tag_vector, (n_found > 0).astype(np.float32))


def sum_rows(
    table: KeyArray, values: NDArray[np.uint8] | NDArray[np.int8], keys: Sequence[Sequence[int]]
) -> tuple[FloatArray, FloatArray]:
    """Sums the rows of a table that each of n lists of keys names.

    Args:
        table: uint64 (k,), ascending.
        values: (k, d).
        keys: n lists of keys; those that are not in the table add nothing.

    Returns:
        float32 (n, d), the sums, and float32 (n, 1), how many keys were found.
    """
    owners = np.repeat(np.arange(len(keys)), [len(names) for names in keys])
    wanted = np.fromiter((name for names in keys for name in names), dtype=np.uint64, count=len(owners))
    sums = np.zeros((len(keys), values.shape[1]), dtype=np.float32)
    if not len(table) or not len(wanted):
        return sums, np.zeros((len(keys), 1), dtype=np.float32)
    places = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    found = table[places] == wanted
    owners, places = owners[found], places[found]
    if len(owners):
        starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        sums[owners[starts]] = np.add.reduceat(values[places].astype(np.float32), starts, axis=0)
    return sums, np.bincount(owners, minlength=len(keys)).astype(np.float32)[:, None]
