"""The network as it runs: three ONNX graphs on onnxruntime, so that only what is asked for is computed.

onnxruntime computes all of a graph, whichever outputs are asked for. The genres' graph alone holds the tables of words;
the labels' and the likeness' graphs read what it answers, and are opened when they are first needed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cratewise.errors import ModelError
from cratewise.model.features import NUMBERS, TAG_TOKENS
from cratewise.model.knowledge import Knowledge
from cratewise.model.manifest import GENRES, LABELS, LIKENESS, MEND, Manifest, fingerprint
from cratewise.model.names import NAME_TOKENS

OF_GENRES = ("families", "styles", "experts")
"""Outputs of the genres' graph that say what a track is."""
WORDS = ("name", "tag")
"""Its other outputs: what the words come to, for the labels' graph."""
OF_LABELS = ("labels",)
N_EXPERTS = 4
_LONGEST_REASON = 200
_ANY = -1

Arrays = Mapping[str, NDArray[Any]]


class Graph:
    """One graph, tried out on a track when it is opened.

    Args:
        path: The ONNX file.
        sample: Every input of one track.
        shapes: The outputs and the shapes they must have then, `_ANY` where the graph decides.

    Raises:
        ValueError: An output has another shape, or holds what is no number; onnxruntime raises its own errors.
    """

    def __init__(self, path: Path, sample: Arrays, shapes: Mapping[str, tuple[int, ...]]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what is wrong is in the exception
        options.intra_op_num_threads = 1  # more would wait for each other longer than these small layers take
        options.add_session_config_entry("session.disable_quant_qdq", "1")  # widens tables once, not at each run
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._outputs = list(shapes)
        for name, found in self.run(sample).items():
            wanted = tuple(
                size if known == _ANY else known for size, known in zip(found.shape, shapes[name], strict=True)
            )
            if found.shape != wanted:
                raise ValueError(f"the network's {name} have the shape {found.shape}, not {shapes[name]}")
            if not np.isfinite(found).all():
                raise ValueError(f"the network's {name} are not numbers")

    def run(self, known: Arrays) -> Arrays:
        """All outputs by name; of what is known the graph takes what it reads."""
        answers = self._session.run(self._outputs, {name: known[name] for name in self._inputs})
        return dict(zip(self._outputs, answers, strict=True))


class Graphs:
    """The graphs of one model.

    Raises:
        ModelError: A graph, when it is opened, is not what it should be or not of this model.
    """

    def __init__(self, folder: Path, manifest: Manifest, knowledge: Knowledge) -> None:
        self._folder = folder
        self._manifest = manifest
        self._sample = _sample(knowledge, len(manifest.labels))
        n_families = len(manifest.families)
        n_leaves = len(manifest.styles) + n_families
        shapes = ((1, n_families), (1, n_leaves), (1, N_EXPERTS, n_families), (1, _ANY), (1, _ANY))
        with refusal(folder):
            self.genres = Graph(folder / GENRES, self._sample, dict(zip((*OF_GENRES, *WORDS), shapes, strict=True)))

    @cached_property
    def labels(self) -> Graph:
        """Reads what the genres' graph reads, and `WORDS`."""
        return self._opened(LABELS, {"labels": (1, len(self._manifest.labels))})

    @cached_property
    def likeness(self) -> Graph:
        """Reads numbers, and families and styles as the genres' graph answers them."""
        return self._opened(LIKENESS, {"embedding": (1, _ANY), "place": (1, 2)})

    def _opened(self, name: str, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
        """Opens a graph that reads what the first one answers; the model may have been replaced since that was."""
        path = self._folder / name
        if fingerprint(path) != self._manifest.files[name]:
            raise ModelError(f"{path} has changed since the model was loaded", hint="Start cratewise again.")
        with refusal(self._folder):
            return Graph(path, {**self._sample, **self.genres.run(self._sample)}, shapes)


def _sample(knowledge: Knowledge, n_labels: int) -> Arrays:
    """A track that has every input, with the last row of each table of tokens."""
    widths = {
        "numbers": len(NUMBERS),
        "tag_votes": TAG_TOKENS,
        "tag_vector": knowledge.tag_vectors.vectors.shape[1],
        "has_tag_vector": 1,
        **dict.fromkeys(("artist", "collaborators", "album"), n_labels),
    }
    return {
        **{name: np.ones((1, width), dtype=np.float32) for name, width in widths.items()},
        "names": np.full((1, NAME_TOKENS), knowledge.names.n_rows - 1, dtype=np.int32),
        "tags": np.full((1, TAG_TOKENS), knowledge.tags.n_rows - 1, dtype=np.int32),
    }


@contextmanager
def refusal(folder: Path, *more: type[Exception]) -> Iterator[None]:
    """Whatever is wrong with a file becomes one clear error about the model.

    Args:
        folder: The model's.
        more: What may be raised beside the errors of values and of onnxruntime.
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
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, *more, *of_runtime) as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
        raise ModelError(f"the model in {folder} cannot be loaded: {reason}", hint=MEND) from error
