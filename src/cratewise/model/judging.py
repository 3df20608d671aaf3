"""Judges a network on the test part under every condition, and writes down what it said."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cratewise.dataset.split import Split
from cratewise.model.calibration import answer
from cratewise.model.conditions import CONDITIONS, FAMILY_CONDITIONS, Condition, Known
from cratewise.model.evaluation import best_thresholds, f1_by_label, figures, reliability
from cratewise.model.features import FloatArray
from cratewise.model.material import Material
from cratewise.model.network import GenreNetwork
from cratewise.model.report.confusions import (
    FamilyConfusions,
    family_confusions,
    family_hit_rate,
    label_mix_ups,
)
from cratewise.model.report.values import Row
from cratewise.progress import Progress

PARTS = "parts.parquet"
FAMILY_TRUTH = "family-truth.parquet"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a network said of m tracks.

    Attributes:
        rows: int (m,), the tracks' places in the corpus.
        labels: float32 (m, l), the chance of each label that it is one of the track's own.
        families: float32 (m, f), probabilities.
    """

    rows: NDArray[np.int64]
    labels: FloatArray
    families: FloatArray


def judge(
    network: GenreNetwork, known: Known, material: Material, parts: Split, by: str, out: Path, progress: Progress
) -> tuple[list[Row], FamilyConfusions | None]:
    """Figures of every row of the table: thresholds from the validation part, the test part looked at once.

    Writes into `out` what anybody needs to recompute them: each row's predictions, the part of each track, and what
    tags say of the families of the test part.
    """
    corpus, names = material.corpus, material.dataset.labels
    of_tags = material.of_families(material.from_tags)
    _write(out / PARTS, material, np.arange(len(corpus)), part=_part_names(parts, len(corpus)))
    _write(out / FAMILY_TRUTH, material, parts.test, **_columns("share", material.families, of_tags[parts.test]))
    rows, confusions = [], None
    for place, condition in enumerate(CONDITIONS[by]):
        progress("Judging on the test part", place, len(CONDITIONS[by]))
        judged = [condition.judged(known, part) for part in (parts.validation, parts.test)]
        if not all(map(len, judged)):
            continue  # such as tags of a source that nobody has
        seen, asked = (_ask(network, known, condition, part) for part in judged)
        p, y = asked.labels, corpus.labels[asked.rows]
        thresholds = best_thresholds(seen.labels, corpus.labels[seen.rows])
        said, truth = asked.families.argmax(axis=1), of_tags[asked.rows]
        hit_rate = family_hit_rate(said, truth)
        rows.append(
            Row(
                condition.row,
                condition.text,
                figures(p, y, thresholds),
                {} if hit_rate is None else {"family_hit": round(hit_rate, 4)},
                tuple(thresholds.tolist()),
                tuple(reliability(p.max(axis=1), y[np.arange(len(y)), p.argmax(axis=1)])),
                f1_by_label(p, y, thresholds),
                label_mix_ups(p, y, names),
            )
        )
        _write(out / f"predictions-{condition.row}.parquet", material, asked.rows, **_columns("p", names, p))
        file, judged_by = FAMILY_CONDITIONS[by]
        if condition.row == judged_by:
            columns = _columns("p", material.families, asked.families)
            _write(out / f"predictions-{file}.parquet", material, asked.rows, **columns)
            confusions = family_confusions(said, truth, material.families, condition.text)
    return rows, confusions


def _ask(network: GenreNetwork, known: Known, condition: Condition, rows: NDArray[np.int64]) -> Answers:
    """What the network says of rows that the condition is judged on."""
    outputs = answer(network, condition.inputs(known.rows(torch.from_numpy(rows))))
    return Answers(rows, outputs.labels.exp().numpy(), torch.softmax(outputs.families, dim=1).numpy())


def _part_names(parts: Split, n_tracks: int) -> list[str]:
    names = ["left out"] * n_tracks
    for name, part in (("train", parts.train), ("validation", parts.validation), ("test", parts.test)):
        for row in part:
            names[row] = name
    return names


def _columns(kind: str, names: tuple[str, ...], values: FloatArray) -> dict[str, FloatArray]:
    return {f"{kind}:{name}": values[:, place] for place, name in enumerate(names)}


def _write(path: Path, material: Material, rows: NDArray[np.int64], **columns: FloatArray | list[str]) -> None:
    import polars

    ids = [material.corpus.tracks[row].track_id for row in rows]
    polars.DataFrame({"track_id": ids, **columns}).write_parquet(path)
