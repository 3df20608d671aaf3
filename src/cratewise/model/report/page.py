"""The report as a page to read."""

from collections.abc import Iterable, Sequence

from cratewise.model.report.confusions import FamilyConfusions, MixUp
from cratewise.model.report.sound import family_sentences, joined, percent, statistic_sentences
from cratewise.model.report.values import Report, Row

N_LABELS_LISTED = 12
"""How many of the worst and the best labels the page lists."""
PLOTS = {
    "sound": "sound-of-families.png",
    "families": "confusions-of-families.png",
    "family_f1": "f1-by-family.png",
    "reliability": "reliability.png",
    "label_f1": "f1-by-label.png",
    "curve": "learning-curve.png",
}
"""File names of the plots."""
_HITS = {
    "n_tracks": "tracks",
    "top_1": "top-1",
    "top_3": "top-3",
    "top_5": "top-5",
    "mean_average_precision": "mAP",
    "macro_f1": "macro-F1",
}
_TRUST = {
    "row_accuracy": "accuracy by row",
    "row_macro_f1": "macro-F1 by row",
    "calibration_error": "ECE",
    "sorted_at_95": "sorted at 95 %",
    "sorted_at_99": "sorted at 99 %",
    "family_hit": "families*",
}


def page_of(report: Report) -> str:
    """The whole page, as Markdown."""
    parts = (
        summary(report),
        _sound(report),
        _families(report.families) if report.families else "",
        _labels(report),
        _training(report),
    )
    return "\n".join(filter(None, parts))


def summary(report: Report) -> str:
    """Title and figures, as Markdown: what a terminal shows."""
    lines = [
        f"# Report: split by {report.split}, seed {report.seed}",
        "",
        f"{report.sizes['train']:,} tracks to learn from, {report.sizes['validation']:,} to choose on, "
        f"{report.sizes['test']:,} to judge; no {report.split} stands in two parts. Figures are of the labels of the "
        "test part, each track once; thresholds and chances are fitted on the validation part.",
        "",
        *_table(report.rows, _HITS),
        "",
        *_table(report.rows, _TRUST),
        "",
        "Top-k: one of the track's own labels is among the k likeliest. mAP and macro-F1: means over the labels. By "
        "row: every (track, label) pair is a case of its own, as published figures count. ECE: how far confidence and "
        "hits are apart. Sorted: the share of tracks, surest first, that can be sorted with 95 or 99 % of them right.",
        "",
        "\\* Share of tracks with tagged artists whose family is one that a quarter of these tags name. Where tags are "
        "given or remembered this reads the tags back and says little; the rows without tags are the test.",
        "",
    ]
    return "\n".join(lines)


def _table(rows: Sequence[Row], columns: dict[str, str]) -> list[str]:
    lines = ["| inputs | " + " | ".join(columns.values()) + " |", "|---|" + "---:|" * len(columns)]
    for row in rows:
        values = row.figures.as_dict() | row.extra
        cells = [_cell(values.get(name), is_count=name == "n_tracks") for name in columns]
        lines.append(f"| {row.text} | " + " | ".join(cells) + " |")
    return lines


def _cell(value: float | None, *, is_count: bool) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if is_count else f"{value:.3f}"


def _sound(report: Report) -> str:
    profile = report.sound
    sentences = family_sentences(profile)
    telling = {entry.family: entry for entry in report.words}
    lines = [
        "## How the families sound",
        "",
        "Songs of the training part against the average song, each weighed by its shares of the families; strongest "
        "first. *Slightly* is a quarter of a standard deviation between songs or more, *much* a whole one; what is "
        "less, or under three standard errors (by artist), is left out.",
        "",
        f"![Mean z-score of each statistic in each family]({PLOTS['sound']})",
        "",
    ]
    for family in profile.families:
        lines.append(f"- **{family}**: {sentences[family]}.")
        if entry := telling.get(family):
            named = {"tags": entry.tags, "titles": entry.words}
            lines += [f"  - {kind}: {_lifts(found)}" for kind, found in named.items() if found]
    lines += [
        "",
        "Behind a tag or word stands how much more often its artists are of the family than all artists are.",
        "",
        "By statistic, with the share of its variance that lies between families (eta squared): how far it tells them.",
        "",
    ]
    ends = statistic_sentences(profile)
    ranked = sorted(zip(profile.explained.tolist(), profile.titles, strict=True), reverse=True)
    lines += [f"- **{title}** ({percent(share)}): {ends[title]}." for share, title in ranked]
    return "\n".join([*lines, ""])


def _lifts(found: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{word} \u00d7{lift:.0f}" for word, lift in found)


def _families(families: FamilyConfusions) -> str:
    lines = [
        "## Which families are taken for which",
        "",
        f"Given: {families.condition}. The truth here is what artists' tags say, which is about artists and not about "
        "songs: the family that most of the tags of a track's artists name. By that "
        f"{families.accuracy:.3f} of {int(families.counts.sum()):,} tagged tracks of the test part are right; "
        f"{families.hit_rate:.3f} are in a family that at least a quarter of the tags name.",
        "",
        f"![Families by tags and by the network]({PLOTS['families']})",
        "",
        "The most frequent mix-ups:",
        "",
    ]
    for found in families.mix_ups:
        both = f"; the tags of {found.n_both:,} name both" if found.n_both else ""
        lines.append(f"1. {_mix_up(found)}{both}.")
    lines += ["", f"![F1 by family]({PLOTS['family_f1']})", ""]
    return "\n".join(lines)


def _mix_up(found: MixUp) -> str:
    return (
        f"{found.truth} taken for {found.said}: {found.n_tracks:,} tracks, {percent(found.share)} of all {found.truth}"
    )


def _labels(report: Report) -> str:
    first = report.rows[0]
    ranked = sorted(zip(first.f1_by_label, report.labels, strict=True))
    listed = {"Hardest": ranked[:N_LABELS_LISTED], "Easiest": ranked[: -N_LABELS_LISTED - 1 : -1]}
    lines = [
        "## Labels of the dataset",
        "",
        f"Given: {first.text}.",
        "",
        f"![F1 by label]({PLOTS['label_f1']})",
        "",
    ]
    for title, entries in listed.items():
        lines += [f"{title}: " + ", ".join(f"{name} {f1:.2f}" for f1, name in entries) + ".", ""]
    lines += ["The most frequent mix-ups, where the first label is none of the track's own:", ""]
    lines += [f"1. {_mix_up(found)}." for found in first.mix_ups]
    return "\n".join([*lines, ""])


def _training(report: Report) -> str:
    worst = max(report.rows, key=lambda row: row.figures.calibration_error)
    error = worst.figures.as_dict()["calibration_error"]
    lines = [
        "## Confidence and training",
        "",
        f"Confidence and hits are farthest apart with {worst.text}: by {error:.3f}.",
        "",
        f"![Reliability]({PLOTS['reliability']})",
        "",
        f"![Learning curve]({PLOTS['curve']})",
        "",
        f"The model's files have {report.n_bytes:,} bytes. Beside this page: `report.json` with every figure and each "
        "label's threshold, `parts.parquet` with the part of each track, and the predictions "
        f"of {joined([f'`{row.name}`' for row in report.rows])}.",
        "",
    ]
    return "\n".join(lines)
