"""What every fit starts from: the cleaned dataset, the artists' tags, and what should be learnt of each track."""

from dataclasses import dataclass
from pathlib import Path

import torch

from cratewise.dataset.artist_tags import ArtistTagsFile, load_artist_tags
from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.load import load
from cratewise.errors import DataFileError
from cratewise.genres.lexicon import load_lexicon
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.corpus import SOURCES, Corpus
from cratewise.model.features import FloatArray, key
from cratewise.model.targets import Leaves, leaves_of_tags, shares_of_tags, targets_of
from cratewise.model.training import Targets
from cratewise.progress import Progress


@dataclass(frozen=True, slots=True)
class Material:
    """What every fit starts from; but for the fingerprints nothing in it depends on the order of the files.

    Attributes:
        dataset: The cleaned dataset.
        tags: Tags of artists as their file has them, if there is one.
        corpus: The tracks, their labels and songs, and the tags by artist.
        leaves: The leaves of the taxonomy.
        by_artist: What each artist's tags come to, float32 (s + f,), by artist key.
        from_tags: float32 (n, s + f), what the tags of each track's artists come to.
        targets: What should be learnt of each track.
    """

    dataset: Dataset
    tags: ArtistTagsFile | None
    corpus: Corpus
    leaves: Leaves
    by_artist: dict[int, FloatArray]
    from_tags: FloatArray
    targets: Targets

    @property
    def fingerprints(self) -> dict[str, str]:
        """sha256 of each input file, by kind."""
        return {"tracks": self.dataset.fingerprint} | ({"artist_tags": self.tags.fingerprint} if self.tags else {})

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families, in the order of the output."""
        return tuple(family.name for family in self.leaves.taxonomy.families)

    def of_families(self, shares: FloatArray) -> FloatArray:
        """Sums shares of leaves (n, s + f) up by family, float32 (n, f)."""
        sums = torch.zeros(len(shares), len(self.leaves.taxonomy.families))
        leaves, of_leaf = torch.from_numpy(self.leaves.families), torch.from_numpy(shares)
        by_family: FloatArray = sums.index_add_(1, leaves, of_leaf).numpy()
        return by_family


def read_material(tracks: Path, artist_tags: Path | None, progress: Progress) -> Material:
    """Reads and cleans the dataset, and works out what should be learnt of each track.

    Raises:
        DataFileError: A file is not what it should be.
    """
    progress("Reading the dataset", 0, None)
    dataset = clean(load(tracks))
    tags = load_artist_tags(artist_tags) if artist_tags else None
    for line, entry in enumerate(tags.tags if tags else (), start=2):
        if entry.source not in SOURCES:
            raise DataFileError(
                f"{artist_tags}, line {line}: no source of tags is called {entry.source!r}",
                hint=f"Known are {', '.join(SOURCES)}.",
            )
    progress("Reading genres from tags", 0, None)
    return material_of(dataset, tags)


def material_of(dataset: Dataset, tags: ArtistTagsFile | None) -> Material:
    """Works out what should be learnt of each track.

    An artist has each (source, tag) pair once and in order: only so many tokens are looked at, and sums of floats
    differ with their order.
    """
    by_key: dict[int, set[tuple[str, str]]] = {}
    for entry in tags.tags if tags else ():
        by_key.setdefault(key(entry.artist), set()).add((entry.source, entry.tag))
    pairs = {artist: [(tag, source) for source, tag in sorted(by_key[artist])] for artist in sorted(by_key)}
    corpus = Corpus(tuple(entry.track for entry in dataset.tracks), dataset.label_matrix, dataset.songs, pairs)
    lexicon, leaves = load_lexicon(), Leaves(load_taxonomy())
    by_artist = leaves_of_tags(pairs, lexicon, leaves)
    from_tags = shares_of_tags(corpus, by_artist, leaves)
    targets = targets_of(corpus, dataset.labels, from_tags, lexicon, leaves)
    return Material(dataset, tags, corpus, leaves, by_artist, from_tags, targets)
