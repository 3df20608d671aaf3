"""How alike a model's neighbours are: `python scripts/likeness_check.py --run FOLDER --tracks CSV --artist-tags TSV`.

The folder is one that `cratewise train --split artist` wrote: it is judged on the validation part of that run, whose
artists it never heard but for their tags. Of each song's ten nearest by other artists, how many share a label, how much
their genres overlap, how far their sound is apart; by the embedding, and by other measures to compare it with. Then how
much of that the map keeps. Last, the songs most like some songs of the demo library, to be read by somebody who knows
the music.
"""

import argparse
import csv
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness

from cratewise.dataset.split import split
from cratewise.model.classifier import Classifier, Probabilities
from cratewise.model.corpus import Corpus
from cratewise.model.features import NUMBERS, extract, key
from cratewise.model.likeness import most_like
from cratewise.model.material import read_material
from cratewise.model.projection import SOUND
from cratewise.progress import silent
from cratewise.tracks import Track

Array = NDArray[Any]
N_QUERIES = 3000
N_NEAREST = 10
N_ON_MAP = 50
CANDIDATES = 600
"""So many of the nearest are searched for ten by other artists."""


def names_alone(track: Track) -> Track:
    """What a new Spotify app gives."""
    return replace(track, statistics=None, popularity=None)


def stranger(track: Track) -> Track:
    """A track by somebody of whom nothing is remembered."""
    return replace(track, artists=())


def any_of_them(track: Track) -> Track:
    """A library in which songs differ in what is known of them, each always the same."""
    known: tuple[Callable[[Track], Track], ...] = (replace, names_alone, names_alone, stranger)
    return known[key(track.track_id) % len(known)](track)


CONDITIONS: dict[str, Callable[[Track], Track]] = {
    "everything": replace,
    "names alone": names_alone,
    "no artist": stranger,
    "mixed": any_of_them,
}


def unit(rows: Array) -> Array:
    """Rows of length 1."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def leaves_of(classifier: Classifier, p: Probabilities) -> Array:
    """Probabilities of all leaves (n, s + f): styles, and of each family what its styles leave over."""
    families = [family.slug for family in classifier.taxonomy.families]
    rest = p.families.copy()
    for place, style in enumerate(classifier.taxonomy.styles):
        rest[:, families.index(style.family)] -= p.styles[:, place]
    return np.concatenate([p.styles, np.maximum(rest, 0)], axis=1)


def nearest(points: Array, queries: Array, artists: list[frozenset[str]]) -> Array:
    """The nearest by other artists of each query, int (q, N_NEAREST), by cosine."""
    found = np.zeros((len(queries), N_NEAREST), dtype=int)
    for place, query in enumerate(queries):
        cosine = points @ points[query]
        near = np.argpartition(-cosine, CANDIDATES)[:CANDIDATES]
        near = near[np.argsort(-cosine[near], kind="stable")]
        others = [row for row in near if row != query and not artists[row] & artists[query]]
        found[place] = others[:N_NEAREST]
    return found


def kept(points: Array, plane: Array, queries: Array) -> float:
    """Share of the ten nearest by cosine that are among the fifty nearest on a plane."""
    shares = []
    for query in queries:
        cosine, distance = points @ points[query], np.square(plane - plane[query]).sum(axis=1)
        cosine[query], distance[query] = -2, np.inf
        near = np.argpartition(-cosine, N_NEAREST)[:N_NEAREST]
        shares.append(len(np.intersect1d(near, np.argpartition(distance, N_ON_MAP)[:N_ON_MAP])) / N_NEAREST)
    return float(np.mean(shares))


def demo_songs() -> list[Track]:
    """The demo library, names alone."""
    library = resources.files("cratewise.spotify.sandbox").joinpath("demo_library.csv")
    with library.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Track(str(place), row["title"], tuple(row["artists"].split(" ; ")), row["album"])
        for place, row in enumerate(rows)
    ]


def print_songs_like(classifier: Classifier, songs: list[Track], every: int) -> None:
    """Prints the five songs most like some songs."""
    embedding = classifier.likeness(songs).embedding
    for row in range(0, len(songs), every):
        like = (songs[near.row] for near in most_like(songs, embedding, row, 5, per_artist=1))
        print(f"  {_named(songs[row])}: {'; '.join(_named(song) for song in like)}")


def _named(song: Track) -> str:
    return f"{song.artists[0]}, {song.title}"


def judge(classifier: Classifier, corpus: Corpus, leaves: Array, rows: Array, families: Array) -> None:
    """Prints a line for each condition and measure."""
    tracks = [corpus.tracks[row] for row in rows]
    artists = [frozenset(map(str.casefold, track.artists)) for track in tracks]
    queries = np.sort(np.random.default_rng(0).permutation(len(rows))[:N_QUERIES])
    numbers = extract(tracks).numbers[:, [NUMBERS.index(name) for name in SOUND]].astype(np.float64)
    sound = (numbers - np.nanmean(numbers, axis=0)) / np.nanstd(numbers, axis=0)
    labels, truth = corpus.labels[rows], leaves[rows]
    broad = np.zeros((len(rows), families.max() + 1))
    np.add.at(broad.T, families, truth.T)
    has_genre = truth.any(axis=1)[queries]
    print(f"{len(rows):,} tracks of the validation part, {len(queries):,} asked for their {N_NEAREST} nearest\n")
    print(f"{'inputs':12} {'nearest by':28} {'label':>6} {'style':>6} {'family':>6} {'sound':>6}")
    for name, known in CONDITIONS.items():
        found = classifier.answers([known(track) for track in tracks], labels=True, likeness=True)
        p, likeness = found.probabilities, found.likeness
        measures = {
            "embedding": likeness.embedding,
            "genres' probabilities": unit(np.sqrt(leaves_of(classifier, p))),
            "labels' probabilities": unit(np.sqrt(found.labels)),
            "chance": unit(np.random.default_rng(1).normal(size=(len(rows), 8))),
        }
        for measure, points in measures.items():
            near = nearest(points, queries, artists)
            shared = (labels[queries][:, None] & labels[near]).any(axis=2).mean()
            style = np.minimum(truth[queries][:, None], truth[near]).sum(axis=2)[has_genre].mean()
            family = np.minimum(broad[queries][:, None], broad[near]).sum(axis=2)[has_genre].mean()
            apart = np.nanmean(np.abs(sound[queries][:, None] - sound[near]))
            print(f"{name:12} {measure:28} {shared:6.3f} {style:6.3f} {family:6.3f} {apart:6.3f}")
        centred = likeness.embedding - likeness.embedding.mean(axis=0)
        flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
        for plane, places in (("map", likeness.place), ("principal components", flat)):
            share = kept(likeness.embedding, places, queries)
            trust = trustworthiness(likeness.embedding[queries], places[queries], n_neighbors=15, metric="cosine")
            print(f"{name:12} on the {plane}: {share:.3f} of the nearest kept, trustworthiness {trust:.3f}")


def main() -> None:
    """Prints the figures of a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--tracks", type=Path, required=True)
    parser.add_argument("--artist-tags", type=Path, required=True)
    parser.add_argument("--every", type=int, default=40, help="of the demo library's songs, every so many is shown")
    given = parser.parse_args()
    classifier = Classifier.load(given.run)
    material = read_material(given.tracks, given.artist_tags, silent)
    rows = split(material.dataset, classifier.manifest.split, classifier.manifest.seed).validation
    judge(classifier, material.corpus, material.targets.leaves.numpy(), rows, material.leaves.families)
    print("\nSongs of the demo library and what is most like them, by names alone:")
    print_songs_like(classifier, demo_songs(), given.every)


if __name__ == "__main__":
    main()
