"""The classifier that the program runs: shipped weights on onnxruntime, no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np

from cratewise.classification import LEAST_CONFIDENCE, Classification
from cratewise.errors import ModelError
from cratewise.genres.taxonomy import Taxonomy, load_taxonomy
from cratewise.model.features import FloatArray, extract
from cratewise.model.knowledge import Knowledge
from cratewise.model.likeness import Likeness
from cratewise.model.loading import LIKENESS, OUTPUTS, load_parts
from cratewise.model.manifest import MEND, Manifest, read_manifest
from cratewise.model.verdict import verdicts
from cratewise.tracks import Track

BATCH = 256


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the network says of n tracks.

    Attributes:
        families: float32 (n, f), rows sum to 1.
        styles: float32 (n, s), each at most its family's.
        labels: float32 (n, l), dataset labels, rows sum to 1.
        pulls: float32 (n, 4, f), what each expert (tags, sound, names, artist) adds to the families' logits.
    """

    families: FloatArray
    styles: FloatArray
    labels: FloatArray
    pulls: FloatArray


class Classifier:
    """Tracks to genres.

    Attributes:
        manifest: What the model is made from.
        taxonomy: The genres it speaks of.
    """

    def __init__(self, manifest: Manifest, knowledge: Knowledge, session: Any, taxonomy: Taxonomy) -> None:
        self.manifest = manifest
        self.taxonomy = taxonomy
        self._knowledge = knowledge
        self._session = session

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
        session, knowledge = load_parts(folder, manifest)
        return cls(manifest, knowledge, session, taxonomy)

    @property
    def version(self) -> str:
        """Changes with every model."""
        return self.manifest.version

    def probabilities(self, tracks: Sequence[Track]) -> Probabilities:
        """What the network says of n tracks, in their order; finite whatever the tracks hold."""
        return self._probabilities(self._answers(tracks, OUTPUTS))

    def likeness(self, tracks: Sequence[Track]) -> Likeness:
        """Where n tracks stand among all music, in their order; finite whatever the tracks hold."""
        return self._likeness(self._answers(tracks, LIKENESS))

    def probabilities_and_likeness(self, tracks: Sequence[Track]) -> tuple[Probabilities, Likeness]:
        """Both at once, the network run a single time."""
        answers = self._answers(tracks, OUTPUTS + LIKENESS)
        of_genres = [answer[: len(OUTPUTS)] for answer in answers]
        return self._probabilities(of_genres), self._likeness([answer[len(OUTPUTS) :] for answer in answers])

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

    def _answers(self, tracks: Sequence[Track], names: Sequence[str]) -> list[list[FloatArray]]:
        """The named outputs of the network, batch by batch."""
        batches = [tracks[start : start + BATCH] for start in range(0, len(tracks), BATCH)]
        return [self._session.run(names, self._inputs(batch)) for batch in batches]

    def _inputs(self, tracks: Sequence[Track]) -> dict[str, Any]:
        features, recollection = extract(tracks), self._knowledge.recall(tracks)
        tags = self._knowledge.tags.rows(features.tags)
        inputs = {
            "numbers": features.numbers,
            "names": self._knowledge.names.rows(features.names),
            "tags": tags,
            "tag_votes": (tags > 0).astype(np.float32),
        }
        return inputs | {name: getattr(recollection, name) for name in recollection.__slots__}

    def _probabilities(self, answers: list[list[FloatArray]]) -> Probabilities:
        parts = [self._normalised(*answer) for answer in answers]
        if not parts:
            n_families, n_styles, n_labels = (
                len(names) for names in (self.manifest.families, self.manifest.styles, self.manifest.labels)
            )
            widths = ((n_families,), (n_styles,), (n_labels,), (4, n_families))
            return Probabilities(*(np.zeros((0, *width), dtype=np.float32) for width in widths))
        return Probabilities(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in Probabilities.__slots__)
        )

    def _normalised(
        self, labels: FloatArray, families: FloatArray, styles: FloatArray, pulls: FloatArray
    ) -> Probabilities:
        family = _softmax(families)
        leaves = np.exp(np.clip(styles, -30, 30))
        share = family / (leaves @ self._leaf_families.T)
        joint = leaves * (share @ self._leaf_families)
        return Probabilities(family, joint[:, : len(self.manifest.styles)].astype(np.float32), _softmax(labels), pulls)

    def _likeness(self, answers: list[list[FloatArray]]) -> Likeness:
        if not answers:
            widths = (output.shape[1] for output in self._session.get_outputs() if output.name in LIKENESS)
            return Likeness(*(np.zeros((0, width), dtype=np.float32) for width in widths))
        return Likeness(*(np.concatenate(parts) for parts in zip(*answers, strict=True)))


def _softmax(logits: FloatArray) -> FloatArray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
