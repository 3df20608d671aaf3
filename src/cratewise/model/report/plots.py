"""The report's plots, one function each, in one style.

Colours can be told apart by the colour-blind (Okabe and Ito 2008; maps of one hue, or from blue to red), and numbers
stand beside whatever only a colour would say.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage

from cratewise.model.evaluation import N_BINS
from cratewise.model.report.confusions import FamilyConfusions
from cratewise.model.report.sound import SoundProfile, percent, signed
from cratewise.model.report.values import Epoch, Row

INK, FAINT, BLUE, ORANGE = "#1f2933", "#c5ccd3", "#0072b2", "#d55e00"
WIDTH = 9.0
"""Inches; a page shows it at some 900 pixels, so that type of 8 points can still be read."""
_STYLE: dict[Any, Any] = {
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e6e9ed",
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.dpi": 130,
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "figure.constrained_layout.w_pad": 0.08,
    "figure.constrained_layout.h_pad": 0.08,
}
_COUNTS = LinearSegmentedColormap.from_list("counts", ("#ffffff", "#9cc7e0", BLUE, "#08306b"))
_DIFFERENCES = "RdBu_r"
_DARK = 0.45
"""Cells of less luminance get white numbers."""
PANELS_IN_A_LINE = 4
BARS_IN_A_COLUMN = 40


@contextmanager
def _figure(path: Path, height: float, width: float = WIDTH) -> Iterator[Figure]:
    """An empty figure in the report's style, written to `path` in the end."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.savefig(path)


def sound_of_families(profile: SoundProfile, path: Path) -> None:
    """A heat map of families by statistics; families and statistics that go together stand together."""
    rows, columns = alike(profile.means), alike(profile.means.T)
    shown = profile.means[np.ix_(rows, columns)]
    with _figure(path, 2.2 + 0.25 * len(rows)) as figure:
        axes = figure.subplots()
        image = axes.imshow(shown, cmap=_DIFFERENCES, vmin=-1.5, vmax=1.5, aspect="auto")
        _write_cells(axes, image, [[signed(value) for value in row] for row in shown], shown)
        explained = [f"{profile.titles[c]}\n{percent(profile.explained[c])}" for c in columns]
        axes.set_xticks(range(len(columns)), explained, rotation=50, ha="left", rotation_mode="anchor")
        axes.tick_params(axis="x", top=False, labeltop=True, labelbottom=False)
        axes.set_yticks(range(len(rows)), [f"{profile.families[f]}  {profile.n_songs[f]:,.0f}" for f in rows])
        axes.set_title("How each family sounds", pad=8)
        _frame_none(axes)
        bar = figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.5, aspect=45, extend="both")
        bar.set_label(
            "Mean of the family's songs in standard deviations between songs; 0 is the average song.\n"
            "Beside the family: its songs. Under the statistic: how much of its variance the families explain."
        )
        bar.outline.set_visible(False)


def confusions_of_families(confusions: FamilyConfusions, path: Path) -> None:
    """A matrix of families by tags (rows) and by the network (columns), in percent of a row."""
    counts = confusions.counts
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    order = alike(shares + shares.T)
    shown = shares[np.ix_(order, order)]
    with _figure(path, 2.2 + 0.24 * len(order)) as figure:
        axes = figure.subplots()
        image = axes.imshow(shown, cmap=_COUNTS, vmin=0, vmax=1, aspect="auto")
        _write_cells(
            axes, image, [[f"{100 * value:.0f}" if value >= 0.03 else "" for value in row] for row in shown], shown
        )
        names = [confusions.families[f] for f in order]
        axes.set_xticks(range(len(order)), names, rotation=50, ha="left", rotation_mode="anchor")
        axes.tick_params(axis="x", top=False, labeltop=True, labelbottom=False)
        axes.set_yticks(range(len(order)), [f"{confusions.families[f]}  {counts[f].sum():,}" for f in order])
        axes.set_ylabel("family that most of the artists' tags name (and tracks in the test part)")
        axes.set_xlabel(f"family that the network says, given: {confusions.condition} (no number: under 3 %)")
        axes.xaxis.set_label_position("bottom")
        axes.set_title("What is taken for what: families, in percent of a row", pad=8)
        for place in range(len(order)):
            axes.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.8))
        _frame_none(axes)


def reliability(rows: Sequence[Row], path: Path) -> None:
    """For each row of the table its confidence against the share of hits, and how many tracks have it."""
    n_lines = -(-len(rows) // PANELS_IN_A_LINE)
    n_columns = min(len(rows), PANELS_IN_A_LINE)
    highest = 1.05 * max(n / row.figures.n_tracks for row in rows for _, _, n in row.reliability)
    with _figure(path, 0.6 + 3.1 * n_lines) as figure:
        figure.suptitle("Is it as often right as it says? First label of each track, test part", x=0.01, ha="left")
        panels = figure.subplots(
            2 * n_lines, n_columns, squeeze=False, sharex=True, sharey="row", height_ratios=[3, 1] * n_lines
        )
        for place, row in enumerate(rows):
            line, column = divmod(place, n_columns)
            curve, counts = panels[2 * line, column], panels[2 * line + 1, column]
            confidence, share, n_tracks = map(np.array, zip(*row.reliability, strict=True))
            curve.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
            curve.plot(confidence, share, color=BLUE, linewidth=1.5, marker="o", markersize=3.5)
            curve.set_title(_wrapped(row.text), fontsize=8.5, pad=5)
            curve.text(
                0.05, 0.93, f"ECE {row.figures.as_dict()['calibration_error']:.3f}", va="top", transform=curve.transAxes
            )
            curve.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
            curve.grid()
            bins = (np.minimum(confidence * N_BINS, N_BINS - 1).astype(int) + 0.5) / N_BINS
            counts.bar(bins, n_tracks / n_tracks.sum(), width=0.8 / N_BINS, color=BLUE, alpha=0.55)
            counts.set(ylim=(0, highest), xlabel="confidence")
            counts.tick_params(labelbottom=True)
            counts.yaxis.set_major_formatter(lambda value, _: percent(value))
            if column == 0:
                curve.set_ylabel("share right")
                counts.set_ylabel("tracks")
        for place in range(len(rows), n_lines * n_columns):
            line, column = divmod(place, n_columns)
            panels[2 * line, column].set_axis_off()
            panels[2 * line + 1, column].set_axis_off()


def f1_by_name(f1: Sequence[float], names: Sequence[str], title: str, path: Path) -> None:
    """Bars from the best to the worst, in as many columns as they need."""
    order = np.argsort(-np.asarray(f1), kind="stable")
    n_columns = -(-len(names) // BARS_IN_A_COLUMN)
    columns = np.array_split(order, n_columns)
    with _figure(path, 1.0 + 0.185 * len(columns[0]), WIDTH if n_columns > 1 else 6.5) as figure:
        figure.suptitle(title, x=0.01, ha="left")
        for axes, some in zip(figure.subplots(1, n_columns, squeeze=False)[0], columns, strict=True):
            values = [f1[index] for index in some]
            axes.barh(range(len(some)), values, color=BLUE, alpha=0.8, height=0.72)
            for place, value in enumerate(values):
                axes.text(value + 0.015, place, f"{value:.2f}", va="center", fontsize=7.5)
            axes.set_yticks(range(len(some)), [names[index] for index in some])
            axes.set(xlim=(0, 1.12), ylim=(len(columns[0]) - 0.4, -0.6), xticks=(0, 0.5, 1))
            axes.grid(axis="x")
            axes.spines["bottom"].set_visible(False)


def learning_curve(curve: Sequence[Epoch], path: Path) -> None:
    """The loss and the hit rate on the validation part, by epoch."""
    numbers = [epoch.number for epoch in curve]
    told = (
        ("mean loss of the epoch (inputs hidden at random)", [epoch.loss for epoch in curve], ORANGE, ".2f"),
        ("top-1 hit rate, sample of the validation part", [epoch.validation_top_1 for epoch in curve], BLUE, ".3f"),
    )
    with _figure(path, 3.2) as figure:
        figure.suptitle("Learning curve", x=0.01, ha="left")
        for axes, (name, values, colour, form) in zip(figure.subplots(1, 2), told, strict=True):
            axes.plot(numbers, values, color=colour, linewidth=1.8, marker="o", markersize=4)
            axes.annotate(
                f"{values[-1]:{form}}", (numbers[-1], values[-1]), (0, 9), textcoords="offset points", ha="center"
            )
            axes.set_title(name, fontsize=9.5, fontweight="normal", pad=6)
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.margins(y=0.15)
            axes.grid()


def alike(vectors: NDArray[np.float64]) -> list[int]:
    """An order in which like rows are neighbours: leaves of a tree by mean distance (Bar-Joseph et al. 2001)."""
    if len(vectors) < 3:
        return list(range(len(vectors)))
    return [int(leaf) for leaf in leaves_list(linkage(vectors, "average", optimal_ordering=True))]


def _write_cells(axes: Any, image: Any, texts: Sequence[Sequence[str]], values: NDArray[np.float64]) -> None:
    """Writes a number into each cell, white on dark ground."""
    colours: Colormap = image.cmap
    for row, column in np.ndindex(values.shape):
        red, green, blue, _ = colours(image.norm(values[row, column]))
        is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < _DARK
        ink = "white" if is_dark else INK
        axes.text(column, row, texts[row][column], ha="center", va="center", fontsize=7.5, color=ink)


def _frame_none(axes: Any) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)


def _wrapped(text: str) -> str:
    """A long text on two lines, broken at the comma or blank nearest to its middle."""
    if len(text) < 30:
        return text
    breaks = [place for place, sign in enumerate(text) if sign == " "]
    middle = min(breaks, key=lambda place: abs(place - len(text) / 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"
