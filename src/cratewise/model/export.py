"""From a fitted network to files: ONNX with small numbers, the tables of what it remembers, and a manifest.

Look-up tables of tokens are stored as bytes and the other weights in half precision; `pack` rounds the network in
place first, so that what is measured is what is shipped.
"""

import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from cratewise.errors import ModelError
from cratewise.model.features import KeyArray
from cratewise.model.graphs import OF_GENRES, OF_LABELS, WORDS
from cratewise.model.knowledge import Knowledge, TagVectors
from cratewise.model.manifest import FILES, GENRES, LABELS, LIKENESS
from cratewise.model.network import GenreNetwork, Inputs, Outputs
from cratewise.model.projection import Located, Projection

MAX_BYTES = 12_000_000
HALF_FROM = 2048
"""Weights with at least so many numbers are stored in half precision."""


def _byte_step(table: torch.Tensor) -> float:
    return float(table.detach().abs().max()) / 127 or 1.0


@torch.no_grad()
def pack(module: torch.nn.Module) -> None:
    """Rounds all parameters to what will be stored."""
    for name, parameter in module.named_parameters():
        if name.endswith("table"):
            step = _byte_step(parameter)
            parameter.copy_(torch.round(parameter / step).clamp(-127, 127) * step)
        elif parameter.numel() >= HALF_FROM:
            parameter.copy_(parameter.half().float())


@torch.no_grad()
def tag_vectors(network: GenreNetwork, artists: KeyArray, tokens: torch.Tensor, votes: torch.Tensor) -> TagVectors:
    """What each artist's tags come to in the network's tag space.

    Args:
        network: Fitted and packed.
        artists: uint64 (k,).
        tokens: int32 (k, t), the artists' tag tokens.
        votes: float32 (k, t), how many sources give each.
    """
    vectors = torch.cat(
        [network.tag_bag(*part) for part in zip(tokens.split(4096), votes.split(4096), strict=True)]
    ).numpy()
    # The step comes from the table and not from the vectors: among these are artists of the test part.
    step = float(np.quantile(np.abs(network.tag_bag.table.detach().numpy()), 0.9999)) / 127
    return TagVectors.quantised(artists, vectors.astype(np.float32), step)


class _Genres(torch.nn.Module):
    """The arrays of `Inputs` to families, styles, experts, and what the words come to."""

    def __init__(self, network: GenreNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, *arrays: torch.Tensor) -> tuple[torch.Tensor, ...]:
        inputs = Inputs(*arrays)
        words = self.network.tokens(inputs)
        return (*self.network.genres(inputs, self.network.evidence(inputs, *words)), *words)


class _Labels(torch.nn.Module):
    """The arrays of `Inputs`, and what the words come to, to labels."""

    def __init__(self, network: GenreNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, *arrays: torch.Tensor) -> torch.Tensor:
        *known, name, tag = arrays
        inputs = Inputs(*known)
        return self.network.labels(inputs, self.network.evidence(inputs, name, tag))


class _Likeness(torch.nn.Module):
    """Numbers, families and styles to embedding and place."""

    def __init__(self, projection: Projection) -> None:
        super().__init__()
        self.projection = projection

    def forward(self, numbers: torch.Tensor, families: torch.Tensor, styles: torch.Tensor) -> Located:
        unread = families[:, :0]
        located: Located = self.projection(Outputs(unread, families, styles, unread), numbers)
        return located


@torch.no_grad()
def export_network(network: GenreNetwork, projection: Projection, folder: Path) -> None:
    """Writes a packed network and its packed projection as three ONNX graphs, so that only what is asked for is run.

    The genres come first; the labels and the likeness rest on some of their outputs. Tokens' tables are stored in
    bytes, large weights in half precision.
    """
    inputs = network.blank(2)
    words = network.tokens(inputs)
    families, styles, _ = network.genres(inputs, network.evidence(inputs, *words))
    _export(_Genres(network), inputs._asdict(), (*OF_GENRES, *WORDS), folder / GENRES)
    _export(_Labels(network), inputs._asdict() | dict(zip(WORDS, words, strict=True)), OF_LABELS, folder / LABELS)
    genres = {"numbers": inputs.numbers, "families": families, "styles": styles}
    _export(_Likeness(projection), genres, Located._fields, folder / LIKENESS)


def _export(module: torch.nn.Module, inputs: dict[str, torch.Tensor], outputs: Sequence[str], path: Path) -> None:
    """Writes a module as a graph for any number of tracks, and of tokens."""
    axes = {name: {0: "n"} for name in (*inputs, *outputs)}
    axes |= {"names": {0: "n", 1: "n_names"}, "tags": {0: "n", 1: "n_tags"}, "tag_votes": {0: "n", 1: "n_tags"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: axis for name, axis in axes.items() if name in (*inputs, *outputs)},
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load(path)
    tables = {name: table for name, table in module.named_parameters() if name.endswith("table")}
    _shrink(model.graph, {name: _byte_step(table) for name, table in tables.items()})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _shrink(graph: onnx.GraphProto, steps: dict[str, float]) -> None:
    """Stores large weights smaller and widens them again in the graph; runtimes do that once, while loading."""
    widened, stored = [], []
    for weights in graph.initializer:
        values = numpy_helper.to_array(weights)
        if weights.data_type != TensorProto.FLOAT or values.size < HALF_FROM:
            stored.append(weights)
            continue
        small = weights.name + ".stored"
        if weights.name in steps:
            step = np.array(steps[weights.name], dtype=np.float32)
            stored.append(numpy_helper.from_array(np.rint(values / step).astype(np.int8), small))
            stored.append(numpy_helper.from_array(step, small + ".step"))
            widened.append(helper.make_node("DequantizeLinear", [small, small + ".step"], [weights.name]))
        else:
            stored.append(numpy_helper.from_array(values.astype(np.float16), small))
            widened.append(helper.make_node("Cast", [small], [weights.name], to=TensorProto.FLOAT))
    nodes = [*widened, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)


def write_knowledge(knowledge: Knowledge, path: Path) -> None:
    """Writes the tables of a model, the counts compressed: nearly all of them are 0.

    The others would hardly shrink, and whoever classifies a few songs would wait for them to be unpacked.
    """
    tables = {
        "names": knowledge.names.tokens,
        "tags": knowledge.tags.tokens,
        "artist_keys": knowledge.artists.keys,
        "artist_counts": knowledge.artists.counts,
        "album_keys": knowledge.albums.keys,
        "album_counts": knowledge.albums.counts,
        "tag_keys": knowledge.tag_vectors.keys,
        "tag_vectors": knowledge.tag_vectors.vectors,
        "tag_scale": np.float32(knowledge.tag_vectors.scale),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, table in tables.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            member.compress_type = zipfile.ZIP_DEFLATED if name.endswith("_counts") else zipfile.ZIP_STORED
            with archive.open(member, "w") as file:
                np.lib.format.write_array(file, np.asanyarray(table), allow_pickle=False)


def check_size(folder: Path) -> int:
    """Bytes of a model's files.

    Raises:
        ModelError: It is too large to ship.
    """
    size = sum((folder / name).stat().st_size for name in FILES)
    if size > MAX_BYTES:
        raise ModelError(f"the model in {folder} has {size:,} bytes, more than {MAX_BYTES:,}", hint="Make it smaller.")
    return size
