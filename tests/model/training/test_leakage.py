"""On real tracks: nothing fitted saw a row that it is judged by, and no order of a file changes a bit."""

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch

from cratewise.dataset.artist_tags import ArtistTagsFile, load_artist_tags
from cratewise.dataset.clean import Dataset, LabelledTrack, clean
from cratewise.dataset.rows import DatasetFile
from cratewise.dataset.split import Split, split
from cratewise.model import experiment
from cratewise.model.corpus import prepare
from cratewise.model.features import artist_keys, key
from cratewise.model.judging import judge
from cratewise.model.material import Material, material_of
from cratewise.model.recipe import Recipe
from cratewise.model.report.values import Row
from cratewise.progress import silent
from cratewise.tracks import AudioStatistics, Track

RECIPE = Recipe(n_epochs=1, batch_size=256)
ONE_IN = 32
"""The share of the dataset's artists that is looked at; of other artists with tags it is the same."""


def is_drawn(artist: str) -> bool:
    """Whether an artist is in the sample."""
    return key(artist) % ONE_IN == 0


@pytest.fixture(scope="module")
def some_file(real_file: DatasetFile) -> DatasetFile:
    """All songs of some of the real dataset's first artists."""
    rows = (row for row in real_file.rows if row.row.track.artists and is_drawn(row.row.track.artists[0]))
    return DatasetFile(tuple(rows), "some of it")


@pytest.fixture(scope="module")
def some_tags(shared: Path, some_file: DatasetFile) -> ArtistTagsFile:
    """The real tags of these and their guests, and of some others."""
    known = {artist for row in some_file.rows for artist in artist_keys(row.row.track)}
    tags = load_artist_tags(shared / "data" / "artist_tags.tsv").tags
    return ArtistTagsFile(tuple(tag for tag in tags if key(tag.artist) in known or is_drawn(tag.artist)), "some")


@pytest.fixture(scope="module")
def material(some_file: DatasetFile, some_tags: ArtistTagsFile) -> Material:
    """What a fit on the sample starts from."""
    return material_of(clean(some_file), some_tags)


@pytest.fixture(scope="module", params=["song", "artist"])
def by(request: pytest.FixtureRequest) -> Literal["song", "artist"]:
    """Either way to split."""
    return request.param


def fitted_on(material: Material, parts: Split) -> experiment.Fitted:
    """A short fit to the training part."""
    return experiment._fit(material, parts.train, RECIPE, 3, silent, "Training", [], None)


@pytest.fixture(scope="module")
def parts(material: Material, by: Literal["song", "artist"]) -> Split:
    """The sample, split."""
    return split(material.dataset, by, 20261)


@pytest.fixture(scope="module")
def fitted(material: Material, parts: Split) -> experiment.Fitted:
    """A network fitted to the sample as it is."""
    return fitted_on(material, parts)


def artists_of(dataset: Dataset, rows: np.ndarray) -> set[int]:
    """All artists of some rows, guests included."""
    return {artist for row in rows for artist in artist_keys(dataset.tracks[row].track)}


def made_up(track: Track, chance: random.Random) -> Track:
    """Another song of the same artists, unlike any there is."""
    sound = AudioStatistics(energy=chance.random(), loudness_db=-90 * chance.random(), tempo_bpm=40 + chance.random())
    words = " ".join(chance.choice(("Zorbl", "Quux", "Xyzzy", "Плугх")) for _ in range(4))
    known = {"duration_ms": chance.randrange(1, 10**7), "popularity": chance.randrange(101)}
    return replace(track, title=words, album=words[::-1], explicit=None, statistics=sound, **known)


def scrambled(material: Material, rows: np.ndarray, others: np.ndarray) -> Material:
    """The same songs with all that is known of `rows` made up, tags of artists that are in none of the others too."""
    dataset, chance = material.dataset, random.Random(4)  # noqa: S311  # no secret
    entries = list(dataset.tracks)
    for row in rows:
        labels = frozenset(chance.sample(dataset.labels, 3)) - entries[row].labels
        entries[row] = LabelledTrack(made_up(entries[row].track, chance), labels, entries[row].song)
    strange = artists_of(dataset, rows) - artists_of(dataset, others)
    assert material.tags is not None
    names = sorted({tag.tag for tag in material.tags.tags})
    tags = (replace(tag, tag=chance.choice(names)) if key(tag.artist) in strange else tag for tag in material.tags.tags)
    changed = material_of(replace(dataset, tracks=tuple(entries)), replace(material.tags, tags=tuple(tags)))
    assert (changed.corpus.labels[rows] != material.corpus.labels[rows]).any(axis=1).all()
    assert sum(changed.corpus.tags[artist] != material.corpus.tags[artist] for artist in changed.corpus.tags) > 30
    return changed


def arrays_of(fitted: experiment.Fitted, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Everything that was fitted, by name, and what the network reads of the rows that it was fitted to."""
    yield from ((name, value.numpy()) for name, value in fitted.network.state_dict().items())
    yield from ((name, value[rows].numpy()) for name, value in fitted.prepared.inputs._asdict().items())
    memory = fitted.knowledge
    yield from (("words", memory.names.tokens), ("tags", memory.tags.tokens))
    for name, table in (("artists", memory.artists), ("albums", memory.albums)):
        yield from ((f"{name}' keys", table.keys), (f"{name}' counts", table.counts))
    yield "step of the tag vectors", np.array(memory.tag_vectors.scale)


def assert_same_bits(ours: experiment.Fitted, theirs: experiment.Fitted, rows: np.ndarray) -> None:
    """Nothing that was fitted differs in a single bit."""
    for (name, one), (_, other) in zip(arrays_of(ours, rows), arrays_of(theirs, rows), strict=True):
        assert one.dtype == other.dtype, name
        assert one.shape == other.shape, name
        assert one.tobytes() == other.tobytes(), name


def test_nothing_fitted_saw_a_row_it_is_judged_by(material: Material, parts: Split, fitted: experiment.Fitted) -> None:
    """All is made up about validation, test and left-out rows: vocabularies, counts, targets and weights stay."""
    unseen = np.concatenate([parts.validation, parts.test, parts.left_out])
    changed = scrambled(material, unseen, parts.train)
    ours, theirs = material.targets, changed.targets
    assert torch.equal(ours.labels[parts.train], theirs.labels[parts.train])
    assert torch.equal(ours.leaves[parts.train], theirs.leaves[parts.train])
    assert not torch.equal(ours.leaves[unseen], theirs.leaves[unseen])
    assert_same_bits(fitted, fitted_on(changed, parts), parts.train)


def judged(material: Material, parts: Split, fitted: experiment.Fitted, by: str, out: Path) -> list[Row]:
    """Calibrates the network, and judges it."""
    known = experiment._known(fitted, material.corpus)
    experiment._calibrate(fitted.network, known, material.targets, parts.validation)
    out.mkdir()
    return judge(fitted.network, known, material, parts, by, out, silent)[0]


def test_thresholds_and_temperatures_never_saw_a_test_row(
    material: Material, parts: Split, fitted: experiment.Fitted, by: str, tmp_path: Path
) -> None:
    """All is made up about the test part: figures fall, and nothing that was chosen for them differs."""
    changed = scrambled(material, parts.test, np.concatenate([parts.train, parts.validation, parts.left_out]))
    networks = [replace(fitted, network=deepcopy(fitted.network)), fitted_on(changed, parts)]
    rows, others = (
        judged(some, parts, network, by, tmp_path / str(place))
        for place, (some, network) in enumerate(zip((material, changed), networks, strict=True))
    )
    assert_same_bits(*networks, np.concatenate([parts.train, parts.validation]))
    for ours, theirs in zip(rows, others, strict=True):
        assert ours.thresholds == theirs.thresholds, ours.name
    assert rows[0].figures.mean_average_precision > others[0].figures.mean_average_precision


def test_the_order_of_the_files_does_not_matter(
    some_file: DatasetFile, some_tags: ArtistTagsFile, material: Material, parts: Split, by: Literal["song", "artist"]
) -> None:
    """Rows and tags shuffled, some of them twice: same parts, same targets, same inputs, in every bit."""
    chance = random.Random(5)  # noqa: S311  # no secret
    rows, tags = list(some_file.rows), [*some_tags.tags, *some_tags.tags[::7]]
    chance.shuffle(rows)
    chance.shuffle(tags)
    shuffled = material_of(clean(replace(some_file, rows=tuple(rows))), replace(some_tags, tags=tuple(tags)))
    assert [entry.track for entry in shuffled.dataset.tracks] == [entry.track for entry in material.dataset.tracks]
    again = split(shuffled.dataset, by, 20261)
    for ours, theirs in zip(
        (parts.train, parts.validation, parts.test), (again.train, again.validation, again.test), strict=True
    ):
        assert np.array_equal(ours, theirs)
    assert list(shuffled.corpus.tags.items()) == list(material.corpus.tags.items())
    for name in ("labels", "leaves"):
        assert torch.equal(getattr(shuffled.targets, name), getattr(material.targets, name)), name
    ours, theirs = (prepare(some.corpus, parts.train, 8) for some in (material, shuffled))
    assert torch.equal(ours.sources, theirs.sources)
    for name, one, other in zip(ours.inputs._fields, ours.inputs, theirs.inputs, strict=True):
        assert one.numpy().tobytes() == other.numpy().tobytes(), name
