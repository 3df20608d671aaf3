"""The whole way from the real file to its parts."""

import random
from dataclasses import replace

import numpy as np
import pytest

from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.groups import Groups
from cratewise.dataset.labels import LABELS
from cratewise.dataset.rows import DatasetFile
from cratewise.dataset.split import Split, split


def test_the_known_facts_about_the_file_are_found(real_file: DatasetFile, real_dataset: Dataset) -> None:
    """Rows, tracks, duplicates, several labels and impossible values are counted as they were measured by others."""
    report = real_dataset.report
    assert real_file.fingerprint == "b202fa49909b2d5cef71a04b1d21243cfeb36414535f2ca9272aa646721177bd"
    assert (report.n_rows, report.n_tracks, report.n_exact_duplicates) == (114_000, 89_741, 450)
    assert (report.n_nameless, report.n_popularity_differs, report.n_contradictory) == (1, 720, 0)
    assert dict(report.left_out) == {"tempo": 157, "duration_ms": 1, "time_signature": 162}
    several = dict(report.labels_of_a_track)
    assert (several[1], several[2], several[3], several[4]) == (73_442, 11_424, 2_955, 1_361)
    assert sum(count for n_labels, count in several.items() if n_labels >= 5) == 559


def test_songs_are_never_told_apart_by_punctuation_or_guests(real_dataset: Dataset) -> None:
    """By artists and title letter for letter, or by identical statistics, 80,810 of 89,741 are left.

    Accents, punctuation and featured artists folded away as well, as everywhere in this program, 80,523 are left: no
    two tracks that are one song by the plainer rule are two by this one.
    """
    plain = Groups(len(real_dataset.tracks))
    first_with: dict[object, int] = {}
    for index, entry in enumerate(real_dataset.tracks):
        names = (tuple(artist.casefold() for artist in entry.track.artists), entry.track.title.casefold())
        for sign in (names, entry.track.statistics):
            plain.join(index, first_with.setdefault(sign, index))
    leaders = [plain.leader(index) for index in range(len(real_dataset.tracks))]
    assert len(set(leaders)) == 80_810
    assert len(set(zip(leaders, real_dataset.songs.tolist(), strict=True))) == 80_810
    assert real_dataset.report.n_songs == 80_523


def test_tracks_carry_every_label_they_were_gathered_under(real_dataset: Dataset) -> None:
    """No label loses tracks to another one: each of the 114 has its 1,000 rows less the exact duplicates."""
    assert real_dataset.labels == LABELS
    assert int(real_dataset.label_matrix.sum()) == 113_550


def test_a_song_stands_in_one_part_only(real_dataset: Dataset, song_split: Split) -> None:
    """Every track is in exactly one part, and no song in two."""
    parts = (song_split.train, song_split.validation, song_split.test)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(real_dataset.tracks)))
    songs = [set(real_dataset.songs[part].tolist()) for part in parts]
    assert sum(map(len, songs)) == len(set.union(*songs))


def test_every_label_is_shared_out_60_20_20(real_dataset: Dataset, song_split: Split) -> None:
    """Each part has its share of each label within half a percent of the label's tracks."""
    matrix = real_dataset.label_matrix
    parts = (song_split.train, song_split.validation, song_split.test)
    for part, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert np.abs(matrix[part].sum(axis=0) / matrix.sum(axis=0) - share).max() < 0.005


def test_the_order_of_the_file_does_not_matter(
    real_file: DatasetFile, real_dataset: Dataset, song_split: Split
) -> None:
    """The same rows in another order give the same tracks, songs and parts."""
    rows = list(real_file.rows)
    random.Random(3).shuffle(rows)  # noqa: S311  # no secret
    shuffled = clean(replace(real_file, rows=tuple(rows)))
    assert shuffled == real_dataset
    again = split(shuffled, "song", 7)
    assert np.array_equal(again.train, song_split.train)
    assert np.array_equal(again.test, song_split.test)


def test_another_seed_gives_another_split(real_dataset: Dataset, song_split: Split) -> None:
    """As many tracks are in the test part, but others."""
    other = split(real_dataset, "song", 8)
    assert len(other.test) == pytest.approx(len(song_split.test), rel=0.01)
    assert len(np.intersect1d(song_split.test, other.test)) < 0.3 * len(other.test)
