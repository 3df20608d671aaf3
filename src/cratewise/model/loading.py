"""From the files of a model to what runs: reads the tables, opens the network, and refuses what does not fit together.

The manifest's checksums find damage; what is looked at here and in `graphs` is whether files that are whole are those
of one model of this program, so that nothing goes wrong in the middle of somebody's library.
"""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cratewise.model.graphs import Graphs, refusal
from cratewise.model.knowledge import Knowledge, LabelCounts, TagVectors
from cratewise.model.manifest import KNOWLEDGE, Manifest
from cratewise.model.vocabulary import Vocabulary

MAX_UNPACKED_BYTES = 200_000_000
"""More than any table of a model comes to when unpacked; a file that claims more is not read."""

Tables = Mapping[str, NDArray[Any]]


def load_parts(folder: Path, manifest: Manifest) -> tuple[Graphs, Knowledge]:
    """The network and the tables of a model.

    Raises:
        ModelError: A file is not what it should be, or they are not of one model; the message says what was found.
    """
    with refusal(folder, zipfile.BadZipFile, zlib.error, EOFError, MemoryError, NotImplementedError, OverflowError):
        knowledge = _read(folder / KNOWLEDGE, len(manifest.labels))
    return Graphs(folder, manifest, knowledge), knowledge


def _read(path: Path, n_labels: int) -> Knowledge:
    with zipfile.ZipFile(path) as archive:
        n_bytes = sum(member.file_size for member in archive.infolist())
    if n_bytes > MAX_UNPACKED_BYTES:
        raise ValueError(f"{path.name} claims to hold {n_bytes:,} bytes")
    with np.load(path, allow_pickle=False) as archive:
        tables = {name: archive[name] for name in archive}
    foreign = [name for name, values in tables.items() if not isinstance(values, np.ndarray)]
    if foreign:
        raise ValueError(f"{', '.join(foreign)} is no array")
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
