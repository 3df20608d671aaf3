"""From a fitted network to files: ONNX with small numbers, the tables of what it remembers, and a manifest.

Look-up tables of tokens are stored as bytes and the other weights in half precision; `pack` rounds the network in
place first, so that what is measured is what is shipped.
"""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from cratewise.errors import ModelError
from cratewise.model.features import KeyArray
from cratewise.model.knowledge import Knowledge, TagVectors
from cratewise.model.manifest import KNOWLEDGE, NETWORK
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


class _Flat(torch.nn.Module):
    """Network and projection with their inputs one by one, as the exporter wants them."""

    def __init__(self, network: GenreNetwork, projection: Projection) -> None:
        super().__init__()
        self.network = network
        self.projection = projection

    def forward(self, *arrays: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """All outputs, for the arrays of `Inputs` in their order."""
        inputs = Inputs(*arrays)
        outputs = self.network(inputs)
        return (*outputs, *self.projection(outputs, inputs.numbers))


def export_network(network: GenreNetwork, projection: Projection, path: Path) -> None:
    """Writes a packed network and its packed projection as one ONNX graph.

    Tokens' tables are stored in bytes, large weights in half precision. The outputs are those of `Outputs`, then those
    of `Located`.
    """
    flat = _Flat(network, projection).eval()
    answers = (*Outputs._fields, *Located._fields)
    tables = {name: table for name, table in flat.named_parameters() if name.endswith("table")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            flat,
            tuple(network.blank(2)),
            str(path),
            input_names=list(Inputs._fields),
            output_names=list(answers),
            dynamic_axes={name: {0: "n"} for name in (*Inputs._fields, *answers)},
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load(path)
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
    """Writes the tables of a model."""
    np.savez_compressed(
        path,
        names=knowledge.names.tokens,
        tags=knowledge.tags.tokens,
        artist_keys=knowledge.artists.keys,
        artist_counts=knowledge.artists.counts,
        album_keys=knowledge.albums.keys,
        album_counts=knowledge.albums.counts,
        tag_keys=knowledge.tag_vectors.keys,
        tag_vectors=knowledge.tag_vectors.vectors,
        tag_scale=np.float32(knowledge.tag_vectors.scale),
    )


def check_size(folder: Path) -> int:
    """Bytes of a model's files.

    Raises:
        ModelError: It is too large to ship.
    """
    size = sum((folder / name).stat().st_size for name in (NETWORK, KNOWLEDGE))
    if size > MAX_BYTES:
        raise ModelError(f"the model in {folder} has {size:,} bytes, more than {MAX_BYTES:,}", hint="Make it smaller.")
    return size
