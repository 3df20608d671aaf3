"""The shipped network in PyTorch and as the program runs it: the same answers on real tracks, whatever is absent."""

import csv
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from cratewise.dataset.artist_tags import load_artist_tags
from cratewise.errors import ModelError
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.classifier import Classifier
from cratewise.model.corpus import Corpus, tagged_tokens, votes
from cratewise.model.export import export_network, pack
from cratewise.model.features import NUMBERS, STATISTICS, extract, key
from cratewise.model.graphs import Graphs
from cratewise.model.loading import load_parts
from cratewise.model.manifest import FILES, GENRES, LABELS, LIKENESS, Manifest, fingerprint, read_manifest
from cratewise.model.network import GenreNetwork, Inputs, Outputs
from cratewise.model.projection import Projection
from cratewise.model.sizes import Sizes, Widths
from cratewise.model.training import genre_log_probabilities
from cratewise.sources.trackfile import read_tracks

SHIPPED = Path(str(resources.files("cratewise.model") / "weights"))
N_TRACKS = 10_000
KINDS = ("statistics", "duration and explicit", "popularity", "names", "tags", "memory", "artist", "others", "album")
"""What can be absent, each on its own: 512 patterns."""
PATTERNS = torch.tensor(list(product((False, True), repeat=len(KINDS))))
MOST = 1e-4
GRAPHS = (GENRES, LABELS, LIKENESS)


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    """What the shipped model is made from."""
    return read_manifest(SHIPPED)


def stored(file: str) -> tuple[dict[str, NDArray[Any]], list[NDArray[Any]]]:
    """The weights of a shipped graph by their names in PyTorch, and those that the exporter named anew, in order."""
    graph = onnx.load(SHIPPED / file).graph
    values = {one.name.removeprefix("network."): numpy_helper.to_array(one) for one in graph.initializer}
    weights = {}
    for name, array in values.items():
        if name.endswith(".stored"):
            step = values.get(f"{name}.step", np.float32(1))
            weights[name.removesuffix(".stored")] = array.astype(np.float32) * step
        else:
            weights[name] = array
    # It multiplies 2 pi into frequencies and turns the members' weights round; nodes stand in the order of `forward`.
    used = dict.fromkeys(name for node in graph.node for name in node.input if name.startswith("onnx::"))
    return weights, [weights[name] for name in used if name in weights]


def taken(anew: list[NDArray[Any]], fits: Callable[[NDArray[Any]], bool]) -> NDArray[Any]:
    """Takes the first that fits."""
    return anew.pop(next(place for place, values in enumerate(anew) if fits(values)))


@pytest.fixture(scope="module")
def network(manifest: Manifest) -> GenreNetwork:
    """The shipped network in PyTorch again, read from the exported graphs' weights, which keep their names there."""
    (weights, of_labels), (more, of_genres) = stored(LABELS), stored(GENRES)
    weights |= more
    for one in ("mean", "deviation"):  # what two layers have alike is stored once
        weights[f"specialist.waves.{one}"] = weights[f"numbers.{one}"]
    by_number = [taken(of_labels, lambda values: len(values) == len(NUMBERS)) for _ in range(4)]
    frequencies, low, width, weights["numbers.frequencies"] = by_number
    weights["specialist.bins.edges"] = np.concatenate([low, low[:, -1:] + width[:, -1:]], axis=1)
    weights["specialist.waves.frequencies"] = frequencies
    weights["sound.frequencies"] = taken(of_genres, lambda values: len(values) == len(weights["sound.mean"]))
    for part in ("numbers", "specialist.waves", "sound"):
        weights[f"{part}.frequencies"] = weights[f"{part}.frequencies"] / np.float32(2 * np.pi)
    weights["specialist.members.head_bias"] = taken(of_labels, lambda values: values.ndim == 3)
    for name in (
        "specialist.members.layers.0.shared.weight",
        "specialist.members.layers.3.shared.weight",
        "confidence.of_label.weight",
        "confidence.last.weight",
    ):
        weights[name] = taken(of_labels, lambda values: values.ndim == 2).T
    sizes = Sizes(
        len(manifest.labels),
        len(manifest.families),
        len(manifest.styles),
        len(weights["name_bag.table"]),
        len(weights["tag_bag.table"]),
    )
    rebuilt = GenreNetwork(sizes, Widths(**manifest.recipe["widths"]))
    rebuilt.load_state_dict({name: torch.from_numpy(np.array(weights[name])) for name in rebuilt.state_dict()})
    return rebuilt.eval()


@pytest.fixture(scope="module")
def graphs(manifest: Manifest) -> Graphs:
    """The shipped network as the program runs it."""
    return load_parts(SHIPPED, manifest)[0]


@pytest.fixture(scope="module")
def inputs(shared: Path, manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """What is known of 10,000 tracks of the dataset, their artists' tags with their votes among it."""
    with (shared / "data" / "spotify_tracks.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    order = np.random.default_rng(0).permutation(len(rows))[:N_TRACKS]
    path = tmp_path_factory.mktemp("parity") / "tracks.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(rows[row] for row in order)])
    tracks = read_tracks(path).tracks
    tags: dict[int, list[tuple[str, str]]] = {}
    for one in load_artist_tags(shared / "data" / "artist_tags.tsv").tags:
        tags.setdefault(key(one.artist), []).append((one.tag, one.source))
    none = np.zeros((N_TRACKS, 1))
    tokens, bits = tagged_tokens(Corpus(tracks, none.astype(bool), none[:, 0].astype(np.int64), tags))
    _, knowledge = load_parts(SHIPPED, manifest)
    features, recalled = extract(tracks), knowledge.recall(tracks)
    arrays = {name: getattr(recalled, name) for name in recalled.__slots__}
    arrays |= {"names": knowledge.names.rows(features.names), "tags": knowledge.tags.rows(tokens)}
    arrays |= {"numbers": features.numbers, "tag_votes": votes(bits)}
    return Inputs(**{name: torch.from_numpy(array) for name, array in arrays.items()})


def without(inputs: Inputs, is_absent: torch.Tensor) -> Inputs:
    """The inputs without what `is_absent`, bool (n, len(KINDS)), takes from each track."""
    absent = dict(zip(KINDS, is_absent.T[:, :, None], strict=True))
    numbers, n_statistics = inputs.numbers.clone(), len(STATISTICS)
    numbers[:, :n_statistics].masked_fill_(absent["statistics"], torch.nan)
    numbers[:, n_statistics:-1].masked_fill_(absent["duration and explicit"], torch.nan)
    numbers[:, -1:].masked_fill_(absent["popularity"], torch.nan)
    return Inputs(
        numbers,
        inputs.names.masked_fill(absent["names"], 0),
        inputs.tags.masked_fill(absent["tags"], 0),
        inputs.tag_votes.masked_fill(absent["tags"], 0),
        inputs.tag_vector.masked_fill(absent["memory"], 0),
        inputs.has_tag_vector.masked_fill(absent["memory"], 0),
        inputs.artist.masked_fill(absent["artist"], 0),
        inputs.collaborators.masked_fill(absent["others"], 0),
        inputs.album.masked_fill(absent["album"], 0),
    )


def answers(outputs: Outputs, leaf_families: torch.Tensor) -> dict[str, torch.Tensor]:
    """All outputs as they are, the labels' log-probabilities among them, and all probabilities."""
    families, leaves = genre_log_probabilities(outputs, leaf_families)
    logs = {"labels": torch.log_softmax(outputs.labels, dim=1), "families": families, "leaves": leaves}
    return outputs._asdict() | {f"p({name})": values.exp() for name, values in logs.items()}


def disagreement(network: GenreNetwork, graphs: Graphs, inputs: Inputs, manifest: Manifest) -> dict[str, float]:
    """The greatest difference between both in every output; of numbers above 1, in relation to them."""
    slugs = (*(style.family for style in load_taxonomy().styles), *manifest.families)
    leaf_families = torch.tensor([manifest.families.index(slug) for slug in slugs])
    most: dict[str, float] = {}
    for part in zip(*(array.split(512) for array in inputs), strict=True):
        known = {name: array.numpy() for name, array in zip(Inputs._fields, part, strict=True)}
        genres = graphs.genres.run(known)
        run = {**genres, **graphs.labels.run({**known, **genres})}
        of_graphs = Outputs(*(torch.from_numpy(run[name]) for name in Outputs._fields))
        with torch.no_grad():
            found, wanted = (answers(outputs, leaf_families) for outputs in (of_graphs, network(Inputs(*part))))
        for name, values in wanted.items():
            difference = (found[name] - values).abs() / values.abs().clamp(min=1)
            most[name] = max(most.get(name, 0.0), float(difference.max().nan_to_num(torch.inf)))
    return most


@pytest.mark.parametrize(
    "known",
    [
        KINDS,
        ("duration and explicit", "names", "memory", "artist", "others", "album"),
        ("statistics", "popularity"),
        ("names", "tags"),
        (),
    ],
    ids=["everything", "what a new app gives", "statistics and popularity", "names and tags", "nothing"],
)
def test_both_agree_on_ten_thousand_tracks(
    network: GenreNetwork, graphs: Graphs, inputs: Inputs, manifest: Manifest, known: tuple[str, ...]
) -> None:
    """Within 1e-4 in every output and probability, whichever inputs all of them lack."""
    is_absent = torch.tensor([kind not in known for kind in KINDS]).expand(N_TRACKS, -1)
    found = disagreement(network, graphs, without(inputs, is_absent), manifest)
    assert max(found.values()) < MOST, found


def test_both_agree_under_every_pattern(
    network: GenreNetwork, graphs: Graphs, inputs: Inputs, manifest: Manifest
) -> None:
    """The 512 patterns of absent inputs go round the 10,000 tracks."""
    is_absent = PATTERNS.repeat(-(-N_TRACKS // len(PATTERNS)), 1)[:N_TRACKS]
    found = disagreement(network, graphs, without(inputs, is_absent), manifest)
    assert max(found.values()) < MOST, found


def test_the_tracks_have_every_kind_of_input(inputs: Inputs) -> None:
    """What is compared isn't all absent to begin with."""
    known = GenreNetwork.presence(inputs).mean(dim=0)
    assert known.shape == (8,)
    assert (known > 0.1).all(), known


@pytest.mark.parametrize(
    ("change", "files"),
    [
        ({"n_labels": 5}, GRAPHS),
        ({"n_families": 3}, GRAPHS),
        ({"n_name_rows": 9}, [GENRES]),
        ({"n_tag_rows": 9}, [GENRES]),
        ({"n_labels": 5}, [LABELS]),
        ({"n_families": 3}, [LIKENESS]),
    ],
)
def test_a_network_of_another_model_is_refused(
    network: GenreNetwork, manifest: Manifest, tmp_path: Path, change: dict[str, int], files: Sequence[str]
) -> None:
    """Though it is whole and the manifest has its checksum: it has other outputs, or knows fewer words."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    rows = {"n_name_rows": len(network.name_bag.table), "n_tag_rows": len(network.tag_bag.table)}
    sizes = {"n_labels": len(manifest.labels), "n_families": len(manifest.families), "n_styles": len(manifest.styles)}
    other = GenreNetwork(Sizes(**sizes | rows | change)).eval()
    pack(other)
    n_families, n_leaves = other.n_families, len(other.genre_bias) - other.n_families
    leaf_families = torch.arange(n_leaves) % n_families
    projection = Projection(leaf_families, torch.zeros(n_families), other.numbers.mean, other.numbers.deviation)
    export_network(other, projection.eval(), tmp_path)
    for name in files:
        shutil.copy(tmp_path / name, folder / name)
    replace(manifest, files={name: fingerprint(folder / name) for name in FILES}).write(folder)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        Classifier.load(folder).answers([], labels=True, likeness=True)
    assert "\n" not in str(caught.value)
