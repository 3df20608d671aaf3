"""The classifier that the program runs: shipped weights on onnxruntime, no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np

from cratewise.classification import LEAST_CONFIDENCE, Classification
from cratewise.errors import ModelError
from cratewise.genres.taxonomy import Taxonomy, load_taxonomy
from cratewise.model.features import FloatArray, TokenArray, extract
from cratewise.model.graphs import OF_GENRES, Graphs
from cratewise.model.knowledge import Knowledge
from cratewise.model.likeness import Likeness
from cratewise.model.loading import load_parts
from cratewise.model.manifest import MEND, Manifest, read_manifest
from cratewise.model.verdict import verdicts
from cratewise.tracks import Track

BATCH = 256
"""Tracks that the network reads at once."""
WINDOW = 64 * BATCH
"""Tracks among which those of like length are put into one batch.

onnxruntime's last bit hangs on the batch a track stands in: files that are read in whole windows get the same answers,
to the bit, as when they are read at once.
"""


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the network says of n tracks.

    Attributes:
        families: float32 (n, f), rows sum to 1.
        styles: float32 (n, s), each at most its family's.
        pulls: float32 (n, 4, f), what each expert (tags, sound, names, artist) adds to the families' logits.
    """

    families: FloatArray
    styles: FloatArray
    pulls: FloatArray


@dataclass(frozen=True, slots=True)
class Answers:
    """All that was asked of the network about n tracks.

    Attributes:
        probabilities: Of the genres.
        labels: float32 (n, l), probabilities of the dataset labels, rows sum to 1; `None` if not asked for.
        likeness: Where the tracks stand; `None` if not asked for.
    """

    probabilities: Probabilities
    labels: FloatArray | None
    likeness: Likeness | None


class Classifier:
    """Tracks to genres.

    Attributes:
        manifest: What the model is made from.
        taxonomy: The genres it speaks of.
    """

    def __init__(self, manifest: Manifest, knowledge: Knowledge, graphs: Graphs, taxonomy: Taxonomy) -> None:
        self.manifest = manifest
        self.taxonomy = taxonomy
        self._knowledge = knowledge
        self._graphs = graphs

    @classmethod
    def load(cls, directory: Path | None = None) -> Self:
        """Loads the model of a folder, or the shipped one.

        Raises:
            ModelError: A file is missing or damaged, or the model was made for another taxonomy.
        """
        folder = directory or Path(str(resources.files(__package__) / "weights"))
        manifest = read_manifest(folder)
        taxonomy = load_taxonomy()
        families = tuple(family.slug for family in taxonomy.families)
        styles = tuple(style.slug for style in taxonomy.styles)
        if (manifest.families, manifest.styles) != (families, styles):
            raise ModelError(f"the model in {folder} knows other genres than this program", hint=MEND)
        graphs, knowledge = load_parts(folder, manifest)
        return cls(manifest, knowledge, graphs, taxonomy)

    @property
    def version(self) -> str:
        """Changes with every model."""
        return self.manifest.version

    def probabilities(self, tracks: Sequence[Track]) -> Probabilities:
        """What the network says of n tracks, in their order; finite whatever the tracks hold."""
        return _probabilities(self._run(tracks))

    def labels(self, tracks: Sequence[Track]) -> FloatArray:
        """Probabilities of the dataset labels of n tracks: float32 (n, l), rows sum to 1.

        Raises:
            ModelError: The labels' graph, opened when it is first asked for, is not of this model.
        """
        return self._run(tracks, labels=True)["labels"]

    def likeness(self, tracks: Sequence[Track]) -> Likeness:
        """Where n tracks stand among all music, in their order; finite whatever the tracks hold.

        Raises:
            ModelError: The likeness' graph, opened when it is first asked for, is not of this model.
        """
        return _likeness(self._run(tracks, likeness=True))

    def answers(self, tracks: Sequence[Track], *, labels: bool = False, likeness: bool = False) -> Answers:
        """Several of these at once, each track looked up a single time.

        Raises:
            ModelError: A graph, opened when it is first asked for, is not of this model.
        """
        found = self._run(tracks, labels=labels, likeness=likeness)
        return Answers(_probabilities(found), found.get("labels"), _likeness(found) if likeness else None)

    def classify(self, tracks: Sequence[Track], *, least_confidence: float = LEAST_CONFIDENCE) -> list[Classification]:
        """The genre of each track, in order.

        Args:
            tracks: Any number.
            least_confidence: Under this probability of the family, 0 to 1, a track is unsure.
        """
        return self.verdicts(tracks, self.probabilities(tracks), least_confidence)

    def verdicts(
        self, tracks: Sequence[Track], probabilities: Probabilities, least_confidence: float = LEAST_CONFIDENCE
    ) -> list[Classification]:
        """The genre of each track by probabilities at hand."""
        p = probabilities
        return verdicts(self.taxonomy, tracks, p.families, p.styles, p.pulls, least_confidence)

    @cached_property
    def _leaf_families(self) -> FloatArray:
        """float32 (f, s + f), 1 where a leaf (a style, or a family's "no style in particular") lies under a family."""
        families = np.array(self.manifest.families)[:, None]
        leaves = np.array([*(style.family for style in self.taxonomy.styles), *self.manifest.families])
        return np.asarray(families == leaves, dtype=np.float32)

    def _run(self, tracks: Sequence[Track], *, labels: bool = False, likeness: bool = False) -> dict[str, FloatArray]:
        """The answers of the graphs that are asked for, by name, in the order of the tracks."""
        asked = tracks or [Track("")]  # an answer of the right width, of which no row is kept
        order = [row for start in range(0, len(asked), WINDOW) for row in _by_length(asked, start)]
        batches = [[asked[row] for row in order[start : start + BATCH]] for start in range(0, len(order), BATCH)]
        parts = [self._run_batch(batch, labels, likeness) for batch in batches]
        rows = np.argsort(order)[: len(tracks)]
        return {name: np.concatenate([part[name] for part in parts])[rows] for name in parts[0]}

    def _run_batch(self, tracks: Sequence[Track], labels: bool, likeness: bool) -> dict[str, FloatArray]:
        inputs = self._inputs(tracks)
        genres = self._graphs.genres.run(inputs)
        found = self._normalised(*(genres[name] for name in OF_GENRES))
        if labels:
            found["labels"] = _softmax(self._graphs.labels.run({**inputs, **genres})["labels"])
        if likeness:
            found |= self._graphs.likeness.run({**inputs, **genres})
        return found

    def _inputs(self, tracks: Sequence[Track]) -> dict[str, Any]:
        features, recollection = extract(tracks), self._knowledge.recall(tracks)
        tags = self._knowledge.tags.rows(_without_empty_columns(features.tags))
        inputs = {
            "numbers": features.numbers,
            "names": self._knowledge.names.rows(_without_empty_columns(features.names)),
            "tags": tags,
            "tag_votes": (tags > 0).astype(np.float32),
        }
        return inputs | {name: getattr(recollection, name) for name in recollection.__slots__}

    def _normalised(self, families: FloatArray, styles: FloatArray, pulls: FloatArray) -> dict[str, FloatArray]:
        family = _softmax(families)
        leaves = np.exp(np.clip(styles, -30, 30))
        share = family / (leaves @ self._leaf_families.T)
        joint = leaves * (share @ self._leaf_families)
        return {"families": family, "styles": joint[:, : len(self.manifest.styles)].astype(np.float32), "pulls": pulls}


def _probabilities(found: Mapping[str, FloatArray]) -> Probabilities:
    return Probabilities(*(found[name] for name in Probabilities.__slots__))


def _likeness(found: Mapping[str, FloatArray]) -> Likeness:
    return Likeness(*(found[name] for name in Likeness.__slots__))


def _by_length(tracks: Sequence[Track], start: int) -> list[int]:
    """The rows of a window as they are read: like lengths together, so that few columns of tokens are empty."""
    rows = range(start, min(start + WINDOW, len(tracks)))
    return sorted(rows, key=lambda row: len(tracks[row].title) + len(tracks[row].album))


def _without_empty_columns(tokens: TokenArray) -> TokenArray:
    """Tokens without the columns, behind the longest row, in which there are none; one column at least."""
    return tokens[:, : max(1, int(tokens.any(axis=0).sum()))]


def _softmax(logits: FloatArray) -> FloatArray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
