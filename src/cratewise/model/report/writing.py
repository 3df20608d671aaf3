"""Writes the report of a run into its folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cratewise.model.report import plots
from cratewise.model.report.confusions import FamilyConfusions
from cratewise.model.report.page import PLOTS, page_of
from cratewise.model.report.sound import SoundProfile
from cratewise.model.report.values import Report, Row

_DIGITS = 4


def write_report(report: Report, out: Path) -> None:
    """Writes `report.json`, `report.md` and the plots it shows into a folder."""
    (out / "report.json").write_text(json.dumps(content_of(report), indent=1) + "\n", encoding="utf-8")
    _plot(report, out)
    (out / "report.md").write_text(page_of(report), encoding="utf-8")


def content_of(report: Report) -> dict[str, Any]:
    """All of it, as `report.json` has it."""
    return {
        "split": report.split,
        "seed": report.seed,
        "sizes": report.sizes,
        "model_bytes": report.n_bytes,
        "rows": [{"row": row.name, "text": row.text, **row.figures.as_dict(), **row.extra} for row in report.rows],
        "learning_curve": [asdict(epoch) for epoch in report.curve],
        "reliability": {row.name: row.reliability for row in report.rows},
        "thresholds": {row.name: dict(zip(report.labels, row.thresholds, strict=True)) for row in report.rows},
        "f1_by_label": dict(zip(report.labels, report.rows[0].f1_by_label, strict=True)),
        "label_mix_ups": {row.name: [asdict(mix_up) for mix_up in row.mix_ups] for row in report.rows},
        "families": _families(report.families) if report.families else None,
        "sound": _sound(report.sound),
        "telling": {entry.family: {"tags": entry.tags, "words": entry.words} for entry in report.words},
    }


def _families(families: FamilyConfusions) -> dict[str, Any]:
    return {
        "inputs": families.condition,
        "accuracy": round(families.accuracy, _DIGITS),
        "hit_rate": round(families.hit_rate, _DIGITS),
        "f1": dict(zip(families.families, families.f1.round(_DIGITS).tolist(), strict=True)),
        "order": families.families,
        "counts_by_tags_and_network": families.counts.tolist(),
        "mix_ups": [asdict(mix_up) for mix_up in families.mix_ups],
    }


def _sound(profile: SoundProfile) -> dict[str, Any]:
    return {
        "explained": dict(zip(profile.statistics, profile.explained.round(_DIGITS).tolist(), strict=True)),
        "mean_z": {
            family: dict(zip(profile.statistics, means.round(_DIGITS).tolist(), strict=True))
            for family, means in zip(profile.families, profile.means, strict=True)
        },
        "standard_error": {
            family: dict(zip(profile.statistics, errors.round(_DIGITS).tolist(), strict=True))
            for family, errors in zip(profile.families, profile.errors, strict=True)
        },
        "songs": dict(zip(profile.families, profile.n_songs.round(1).tolist(), strict=True)),
        "effective_artists": dict(zip(profile.families, profile.n_artists.round(1).tolist(), strict=True)),
    }


def _plot(report: Report, out: Path) -> None:
    first: Row = report.rows[0]
    plots.sound_of_families(report.sound, out / PLOTS["sound"])
    if report.families:
        plots.confusions_of_families(report.families, out / PLOTS["families"])
        title = f"F1 by family, test part, given: {report.families.condition}"
        plots.f1_by_name(report.families.f1.tolist(), report.families.families, title, out / PLOTS["family_f1"])
    plots.reliability(report.rows, out / PLOTS["reliability"])
    plots.f1_by_name(
        first.f1_by_label, report.labels, f"F1 by label, test part, given: {first.text}", out / PLOTS["label_f1"]
    )
    plots.learning_curve(report.curve, out / PLOTS["curve"])
