"""From the files of a model to what runs: opens the network and the tables, and refuses what does not fit together.

The manifest's checksums find damage; what is looked at here is whether files that are whole are those of one model of
this program, so that nothing can go wrong later, in the middle of somebody's library.
"""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cratewise.errors import ModelError
from cratewise.model.features import NUMBERS, TAG_TOKENS
from cratewise.model.knowledge import Knowledge, LabelCounts, TagVectors
from cratewise.model.manifest import KNOWLEDGE, MEND, NETWORK, Manifest
from cratewise.model.names import NAME_TOKENS
from cratewise.model.vocabulary import Vocabulary

OUTPUTS = ("labels", "families", "styles", "experts")
"""Outputs of the network that say what a track is."""
LIKENESS = ("embedding", "place")
"""Outputs of the network that say where it stands."""
N_EXPERTS = 4
MAX_UNPACKED_BYTES = 200_000_000
"""More than any table of a model comes to when unpacked; a file that claims more is not read."""
_LONGEST_REASON = 200

Tables = Mapping[str, NDArray[Any]]


def load_parts(folder: Path, manifest: Manifest) -> tuple[Any, Knowledge]:
    """The onnxruntime session and the tables of a model.

    Raises:
        ModelError: A file is not what it should be, or they are not of one model; the message says what was found.
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    of_runtime = (
        runtime.EngineError,
        runtime.EPFail,
        runtime.Fail,
        runtime.InvalidArgument,
        runtime.InvalidGraph,
        runtime.InvalidProtobuf,
        runtime.ModelLoaded,
        runtime.NoModel,
        runtime.NoSuchFile,
        runtime.NotImplemented,
        runtime.RuntimeException,
    )
    of_archive = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, MemoryError, NotImplementedError, OverflowError)
    try:
        session, knowledge = _open(folder / NETWORK), _read(folder / KNOWLEDGE, len(manifest.labels))
        _try_out(session, knowledge, manifest)
    except (OSError, ValueError, TypeError, RuntimeError, *of_archive, *of_runtime) as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
        raise ModelError(f"the model in {folder} cannot be loaded: {reason}", hint=MEND) from error
    return session, knowledge


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is in the exception
    options.intra_op_num_threads = 1  # more would wait for each other longer than these small layers take
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _read(path: Path, n_labels: int) -> Knowledge:
    with zipfile.ZipFile(path) as archive:
        n_bytes = sum(member.file_size for member in archive.infolist())
    if n_bytes > MAX_UNPACKED_BYTES:
        raise ValueError(f"{path.name} claims to hold {n_bytes:,} bytes")
    with np.load(path, allow_pickle=False) as archive:
        tables = {name: archive[name] for name in archive}
    tag_keys, vectors, scale = _keys(tables, "tag_keys", np.uint64), tables["tag_vectors"], tables["tag_scale"]
    _check("tag_vectors", vectors, np.int8, (len(tag_keys), *vectors.shape[-1:]))
    _check("tag_scale", scale, np.float32, ())
    if not np.isfinite(scale):
        raise ValueError(f"tag_scale is {scale}")
    return Knowledge(
        Vocabulary(_keys(tables, "names", np.uint32)),
        Vocabulary(_keys(tables, "tags", np.uint32)),
        _label_counts(tables, "artist", n_labels),
        _label_counts(tables, "album", n_labels),
        TagVectors(tag_keys, vectors, float(scale)),
    )


def _label_counts(tables: Tables, owner: str, n_labels: int) -> LabelCounts:
    keys, counts = _keys(tables, f"{owner}_keys", np.uint64), tables[f"{owner}_counts"]
    _check(f"{owner}_counts", counts, np.uint8, (len(keys), n_labels))
    return LabelCounts(keys, counts)


def _keys(tables: Tables, name: str, kind: type[np.generic]) -> NDArray[Any]:
    keys = tables[name]
    _check(name, keys, kind, (keys.size,))
    if not (keys[1:] > keys[:-1]).all():
        raise ValueError(f"{name} is not in order")
    return keys


def _check(name: str, found: NDArray[Any], kind: type[np.generic], shape: tuple[int, ...]) -> None:
    if found.dtype != kind or found.shape != shape:
        raise ValueError(f"{name} is {found.dtype} {found.shape}, not {np.dtype(kind)} {shape}")


def _try_out(session: Any, knowledge: Knowledge, manifest: Manifest) -> None:
    """Runs one track that has every input, with the last row of each table of tokens."""
    n_labels, n_families = len(manifest.labels), len(manifest.families)
    widths = {
        "numbers": len(NUMBERS),
        "tag_votes": TAG_TOKENS,
        "tag_vector": knowledge.tag_vectors.vectors.shape[1],
        "has_tag_vector": 1,
        **dict.fromkeys(("artist", "collaborators", "album"), n_labels),
    }
    inputs: dict[str, NDArray[Any]] = {name: np.ones((1, width), dtype=np.float32) for name, width in widths.items()}
    inputs["names"] = np.full((1, NAME_TOKENS), knowledge.names.n_rows - 1, dtype=np.int32)
    inputs["tags"] = np.full((1, TAG_TOKENS), knowledge.tags.n_rows - 1, dtype=np.int32)
    shapes = ((1, n_labels), (1, n_families), (1, len(manifest.styles) + n_families), (1, N_EXPERTS, n_families))
    embedding, place = session.run(LIKENESS, inputs)
    if embedding.ndim != 2 or place.shape != (1, 2):
        raise ValueError(f"the network's embedding and place have the shapes {embedding.shape} and {place.shape}")
    for name, shape, found in zip(OUTPUTS, shapes, session.run(OUTPUTS, inputs), strict=True):
        if found.shape != shape:
            raise ValueError(f"the network's {name} have the shape {found.shape}, not {shape}")
        if not np.isfinite(found).all():
            raise ValueError(f"the network's {name} are not numbers")
