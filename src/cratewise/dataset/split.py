"""Splits the dataset into a training, a validation and a test part that share no song (or no artist). Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cratewise.dataset.artists import NO_PART, Repertoire, deal_out_artists
from cratewise.dataset.clean import Dataset
from cratewise.dataset.stratify import deal_out, shuffled
from cratewise.tracks import normalised

SHARES = (0.6, 0.2, 0.2)
Indices = npt.NDArray[np.int64]


By = Literal["song", "artist"]
"""What stands in no two parts."""


@dataclass(frozen=True, slots=True)
class Split:
    """Which tracks stand in which part, as ascending indices into `Dataset.tracks`.

    Attributes:
        train: What is learnt from, about 60 %.
        validation: What choices are made on, about 20 %.
        test: What is looked at last, about 20 %.
        left_out: What stands in no part, because its artists stand in several; empty when split by song.
    """

    train: Indices
    validation: Indices
    test: Indices
    left_out: Indices


def split(dataset: Dataset, by: By, seed: int) -> Split:
    """Splits 60/20/20, every label alike; the same for a seed whatever the order of the file was.

    Args:
        dataset: What to split.
        by: `"song"`: no song stands in two parts. `"artist"`: nor does an artist, featured ones included.
        seed: Any number; another one gives another split.
    """
    songs = dataset.songs
    n_songs = int(songs.max(initial=-1)) + 1
    counts = np.zeros((n_songs, len(dataset.labels)), dtype=np.int64)
    np.add.at(counts, songs, dataset.label_matrix)
    sizes = np.bincount(songs, minlength=n_songs)
    if by == "song":
        parts = deal_out(counts, sizes, SHARES, shuffled(_first_tracks(dataset, n_songs), seed))
    else:
        names, artists = _credits(dataset, n_songs)
        parts = deal_out_artists(Repertoire(artists, counts, sizes, len(names)), SHARES, shuffled(names, seed))
    part_of = parts[songs]
    train, validation, test = (np.flatnonzero(part_of == part) for part in range(len(SHARES)))
    return Split(train, validation, test, left_out=np.flatnonzero(part_of == NO_PART))


def _first_tracks(dataset: Dataset, n_songs: int) -> list[str]:
    """The id of each song's first track, as its name."""
    names = [""] * n_songs
    for entry in reversed(dataset.tracks):
        names[entry.song] = entry.track.track_id
    return names


def _credits(dataset: Dataset, n_songs: int) -> tuple[list[str], list[tuple[int, ...]]]:
    """The artists' normalised names in order, and for each song who plays on any release of it."""
    of_song: list[set[str]] = [set() for _ in range(n_songs)]
    for entry in dataset.tracks:
        of_song[entry.song].update(normalised(artist) for artist in entry.track.artists)
    for names, first_track in zip(of_song, _first_tracks(dataset, n_songs), strict=True):
        if not names:
            names.add(f"nobody known of {first_track}")
    everybody = sorted(set().union(*of_song))
    number = {name: index for index, name in enumerate(everybody)}
    return everybody, [tuple(sorted(number[name] for name in names)) for names in of_song]
