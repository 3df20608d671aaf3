"""Which tags, and which words of titles, tell a family. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cratewise.model.features import FloatArray
from cratewise.tracks import Track, normalised

N_WORDS = 6
"""How many are named for each family."""
MIN_ARTISTS = 10
"""A word or tag of fewer artists is left out."""
MIN_LIFT = 2.0
"""So much more often than among all artists a word or tag must stand with a family's."""


@dataclass(frozen=True, slots=True)
class TellingWords:
    """What tells one family: (word or tag, lift), most telling first.

    The lift is how much more of the artists with it are of the family than of all artists.
    """

    family: str
    tags: tuple[tuple[str, float], ...]
    words: tuple[tuple[str, float], ...]


def words_of(tracks: Iterable[Track]) -> set[str]:
    """The words in titles, folded, numbers left out; those of albums would tell compilations and not genres."""
    words = {word for track in tracks for word in normalised(track.title).split()}
    return {word for word in words if not word.isdecimal() and len(word) > 1}


def telling_words(
    tracks: Sequence[Track],
    artists: NDArray[np.uint64],
    shares: FloatArray,
    tags: Mapping[int, Sequence[tuple[str, str]]],
    families: Sequence[str],
) -> tuple[TellingWords, ...]:
    """Finds what tells each of f families among n songs, every artist counting once.

    Args:
        tracks: The songs.
        artists: uint64 (n,), the first artist of each.
        shares: float (n, f), each song's shares of the families, or zeros.
        tags: (tag, source) pairs by artist.
        families: Names of the families.
    """
    of_artist: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(shares.any(axis=1)).tolist():
        of_artist[int(artists[row])].append(row)
    if not of_artist:
        return ()
    of_family = np.stack([shares[rows].mean(axis=0) for rows in of_artist.values()])
    tag_sets = [{tag for tag, _ in tags.get(artist, ())} for artist in of_artist]
    word_sets = [words_of(tracks[row] for row in rows) for rows in of_artist.values()]
    found = (_telling(sets, of_family) for sets in (tag_sets, word_sets))
    return tuple(
        TellingWords(family, by_tag, by_word)
        for family, by_tag, by_word, n_artists in zip(families, *found, of_family.sum(axis=0), strict=True)
        if n_artists > 0
    )


def _telling(sets: Sequence[set[str]], of_family: FloatArray) -> list[tuple[tuple[str, float], ...]]:
    """For each family the words that stand farthest above what is expected (Pearson's residuals), with their lift."""
    owners: dict[str, list[int]] = defaultdict(list)
    for artist, words in enumerate(sets):
        for word in words:
            owners[word].append(artist)
    names = sorted(word for word, its in owners.items() if len(its) >= MIN_ARTISTS)
    if not names:
        return [()] * of_family.shape[1]
    observed = np.stack([of_family[owners[word]].sum(axis=0, dtype=np.float64) for word in names])
    n_owners = np.array([len(owners[word]) for word in names], dtype=np.float64)
    expected = n_owners[:, None] * of_family.mean(axis=0, dtype=np.float64)
    lift = observed / np.maximum(expected, 1e-9)
    residual = np.where(lift >= MIN_LIFT, (observed - expected) / np.sqrt(np.maximum(expected, 1e-9)), 0)
    ranked = np.argsort(-residual, axis=0, kind="stable")[:N_WORDS].T
    return [
        tuple((names[word], float(lift[word, family])) for word in words if residual[word, family] > 0)
        for family, words in enumerate(ranked)
    ]
