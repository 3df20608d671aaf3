"""The report of a run: figures as JSON, as a page to read, and plots."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cratewise.model.evaluation import Figures

ROWS_OF_F1 = 12
"""How many of the worst and the best labels the page lists."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch: its number from 1, mean loss, and top-1 hit rate on the validation part."""

    number: int
    loss: float
    validation_top_1: float


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured under one condition.

    Attributes:
        name: The condition's name.
        text: The condition in words.
        figures: Figures of the dataset labels.
        extra: Further figures by name.
        reliability: (mean confidence, share of hits, tracks) by bin.
        f1_by_label: F1 of each label.
    """

    name: str
    text: str
    figures: Figures
    extra: dict[str, float]
    reliability: tuple[tuple[float, float, int], ...]
    f1_by_label: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run measured.

    Attributes:
        split: "song" or "artist".
        seed: Seed of the run.
        sizes: Tracks by part.
        labels: Names of the labels.
        rows: One entry a condition, all on the test part.
        curve: The epochs.
        n_bytes: Size of the exported model.
    """

    split: str
    seed: int
    sizes: dict[str, int]
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    curve: tuple[Epoch, ...]
    n_bytes: int


def write_report(report: Report, out: Path) -> None:
    """Writes `report.json`, `report.md` and the plots it shows into a folder."""
    rows = [{"row": row.name, "text": row.text, **row.figures.as_dict(), **row.extra} for row in report.rows]
    content = {
        "split": report.split,
        "seed": report.seed,
        "sizes": report.sizes,
        "model_bytes": report.n_bytes,
        "rows": rows,
        "learning_curve": [asdict(epoch) for epoch in report.curve],
        "reliability": {row.name: row.reliability for row in report.rows},
        "f1_by_label": dict(zip(report.labels, report.rows[0].f1_by_label, strict=True)),
    }
    (out / "report.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _plot(report, out)
    (out / "report.md").write_text(_page(report), encoding="utf-8")


def _page(report: Report) -> str:
    names = ("n_tracks", "top_1", "top_3", "mean_average_precision", "macro_f1", "calibration_error", "sorted_at_95")
    heads = ("inputs", "tracks", "top-1", "top-3", "mAP", "macro-F1", "ECE", "sorted at 95 %", "families*")
    lines = [
        f"# Report: split by {report.split}, seed {report.seed}",
        "",
        f"{report.sizes['train']:,} tracks to learn from, {report.sizes['validation']:,} to choose on, "
        f"{report.sizes['test']:,} to judge; no {report.split} stands in two parts. Figures are of the test part, "
        "each track once; thresholds and temperatures come from the validation part.",
        "",
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
    ]
    for row in report.rows:
        values = row.figures.as_dict()
        cells = [f"{values['n_tracks']:,}", *(f"{values[name]:.3f}" for name in names[1:])]
        cells.append(f"{row.extra['family_hit']:.3f}" if "family_hit" in row.extra else "")
        lines.append(f"| {row.text} | " + " | ".join(cells) + " |")
    ranked = sorted(zip(report.rows[0].f1_by_label, report.labels, strict=True))
    listed = {"Hardest labels": ranked[:ROWS_OF_F1], "Easiest labels": ranked[: -ROWS_OF_F1 - 1 : -1]}
    lines += [
        "",
        "\\* Share of tracks with tagged artists whose family is one that a quarter of these tags name. Where tags are",
        "given or remembered this reads the tags back and says little; the rows without tags are the test.",
        "",
        *(
            f"{title}: " + ", ".join(f"{name} {f1:.2f}" for f1, name in entries) + "."
            for title, entries in listed.items()
        ),
        "",
        "![Learning curve](learning-curve.png) ![Reliability](reliability.png) ![F1 by label](f1-by-label.png)",
        "",
    ]
    return "\n".join(lines)


def _plot(report: Report, out: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    axes.plot([epoch.number for epoch in report.curve], [epoch.validation_top_1 for epoch in report.curve], marker="o")
    axes.set(xlabel="epoch", ylabel="top-1 hit rate, validation part", title="Learning curve")
    figure.savefig(out / "learning-curve.png", dpi=110)
    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    for row in report.rows:
        axes.plot([b[0] for b in row.reliability], [b[1] for b in row.reliability], marker="o", label=row.text)
    axes.set(xlabel="confidence", ylabel="share right", title="Reliability, test part")
    axes.legend(fontsize=7)
    figure.savefig(out / "reliability.png", dpi=110)
    figure, axes = pyplot.subplots(figsize=(6, 15), layout="constrained")
    ranked = sorted(zip(report.rows[0].f1_by_label, report.labels, strict=True))
    axes.barh([name for _, name in ranked], [f1 for f1, _ in ranked])
    axes.tick_params(axis="y", labelsize=6)
    axes.margins(y=0.005)
    axes.set(xlabel="F1, test part", title=f"F1 by label: {report.rows[0].text}")
    figure.savefig(out / "f1-by-label.png", dpi=110)
    pyplot.close("all")
