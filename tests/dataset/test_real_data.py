"""The whole way from the real file to its parts."""

import csv
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cratewise.dataset.clean import Dataset, clean
from cratewise.dataset.groups import Groups
from cratewise.dataset.labels import LABELS
from cratewise.dataset.load import load
from cratewise.dataset.rows import DatasetFile
from cratewise.dataset.split import Split, split

STATISTICS = (
    *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness"),
    *("liveness", "valence", "tempo", "time_signature"),
)


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

    Accents, punctuation and featured artists folded away as well, as everywhere in this program, 80,518 are left: no
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
    assert real_dataset.report.n_songs == 80_518


def test_tracks_carry_every_label_they_were_gathered_under(real_dataset: Dataset) -> None:
    """No label loses tracks to another one: each of the 114 has its 1,000 rows less the exact duplicates."""
    assert real_dataset.labels == LABELS
    assert int(real_dataset.label_matrix.sum()) == 113_550


def part_of_each(dataset: Dataset, parts: Split) -> dict[str, str]:
    """The part of each track, by its id; every track is in exactly one of them or left out."""
    named = (("train", parts.train), ("validation", parts.validation), ("test", parts.test), ("none", parts.left_out))
    assert sum(len(part) for _, part in named) == len(dataset.tracks)
    found = {dataset.tracks[index].track.track_id: name for name, part in named for index in part}
    assert len(found) == len(dataset.tracks)
    return found


def folded(text: str) -> str:
    """A name without case, accents, width and punctuation, as this file understands it."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"[^\W_]+", "".join(letter for letter in bare if not unicodedata.combining(letter)))
    return " ".join(words) or text.casefold().strip()


def in_one_part_only(signs: Iterable[tuple[object, str]], parts: Mapping[str, str]) -> int:
    """How many different signs there are; each stands for tracks of one part alone."""
    of_sign: dict[object, set[str]] = defaultdict(set)
    for sign, track_id in signs:
        of_sign[sign].add(parts[track_id])
    torn = [sign for sign, found in of_sign.items() if len(found) > 1]
    assert torn == []
    return len(of_sign)


def song_signs(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[object, str]]:
    """What tells that two rows are one song, and their ids: first or all artists and title, and all statistics."""
    for row in rows:
        if row["track_name"]:
            artists, title = [folded(name) for name in row["artists"].split(";")], folded(row["track_name"])
            yield (artists[0], title), row["track_id"]
            yield (frozenset(artists), title), row["track_id"]
        yield tuple(row[name] for name in STATISTICS), row["track_id"]


def test_no_song_stands_in_two_parts(real_dataset: Dataset, song_split: Split, real_rows: list[dict[str, str]]) -> None:
    """Counted on the file as it is: artists and title, in whatever order, or the same statistics, are in one part."""
    assert in_one_part_only(song_signs(real_rows), part_of_each(real_dataset, song_split)) > 150_000
    assert len(song_split.left_out) == 0


def test_no_song_stands_in_two_parts_by_artist(
    real_dataset: Dataset, artist_split: Split, real_rows: list[dict[str, str]]
) -> None:
    """The same where artists are kept apart."""
    assert in_one_part_only(song_signs(real_rows), part_of_each(real_dataset, artist_split)) > 150_000


def test_no_artist_stands_in_two_parts(
    real_dataset: Dataset, artist_split: Split, real_rows: list[dict[str, str]]
) -> None:
    """Featured artists included, counted on the file as it is; under 4 in 100 tracks are left out for it."""
    parts = part_of_each(real_dataset, artist_split)
    kept = [row for row in real_rows if parts[row["track_id"]] != "none"]
    artists = ((folded(name), row["track_id"]) for row in kept for name in row["artists"].split(";") if name)
    assert in_one_part_only(artists, parts) > 25_000
    assert len(artist_split.left_out) < 0.04 * len(real_dataset.tracks)


def uneven(dataset: Dataset, parts: Split) -> tuple[float, float]:
    """How far the parts are from 60/20/20: all tracks, and the label that is farthest."""
    held = [dataset.label_matrix[part].sum(axis=0) for part in (parts.train, parts.validation, parts.test)]
    sizes = np.array([len(part) for part in (parts.train, parts.validation, parts.test)])
    of_label = np.abs(held / np.sum(held, axis=0) - np.array([[0.6], [0.2], [0.2]])).max()
    return float(np.abs(sizes / sizes.sum() - (0.6, 0.2, 0.2)).max()), float(of_label)


def test_songs_are_shared_out_60_20_20(real_dataset: Dataset, song_split: Split) -> None:
    """All tracks within half a percent, the tracks of each label within one in a thousand (measured: 0.6)."""
    of_all, of_label = uneven(real_dataset, song_split)
    assert of_all < 0.005
    assert of_label < 0.001


def test_artists_are_shared_out_60_20_20(real_dataset: Dataset, artist_split: Split) -> None:
    """All tracks within half a percent, the tracks of each label within four percent (measured: 3.2)."""
    of_all, of_label = uneven(real_dataset, artist_split)
    assert of_all < 0.005
    assert of_label < 0.04


def test_the_order_of_the_file_does_not_matter(
    real_dataset: Dataset, real_rows: list[dict[str, str]], tmp_path: Path
) -> None:
    """The rows shuffled, numbered anew and once more: the same tracks, songs, labels and report, so the same parts."""
    rows = [list(row.values()) for row in real_rows]
    random.Random(3).shuffle(rows)  # noqa: S311  # no secret
    with (tmp_path / "shuffled.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["", *real_rows[0]])
        writer.writerows([number, number, *row[1:]] for number, row in enumerate(rows))
    shuffled = clean(load(tmp_path / "shuffled.csv"))
    assert shuffled.fingerprint != real_dataset.fingerprint
    assert replace(shuffled, fingerprint=real_dataset.fingerprint) == real_dataset


def test_another_seed_gives_another_split(real_dataset: Dataset) -> None:
    """As many tracks are in the test part, but others."""
    one, other = (split(real_dataset, "song", seed) for seed in (7, 8))
    assert len(other.test) == pytest.approx(len(one.test), rel=0.01)
    assert len(np.intersect1d(one.test, other.test)) < 0.3 * len(other.test)
