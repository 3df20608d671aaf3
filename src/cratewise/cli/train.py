"""`cratewise train`: fits the network on the public dataset (needs the training extra)."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer


class SplitBy(StrEnum):
    """What no two parts share."""

    SONG = "song"
    ARTIST = "artist"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(train)


def train(
    tracks: Annotated[Path, typer.Option(help="The Spotify Tracks Dataset as CSV.")],
    out: Annotated[Path, typer.Option(help="Folder of the run: report, predictions, model.")],
    artist_tags: Annotated[
        Path | None, typer.Option(help="Tags of artists: artist, spotify_artist_id, tag, source; tab-separated.")
    ] = None,
    split: Annotated[SplitBy, typer.Option(help="No song, or no artist, stands in two parts.")] = SplitBy.SONG,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Decides the split and every chance.")] = 0,
    all_rows: Annotated[
        bool, typer.Option("--all-rows", help="After the report fit on all rows, as the shipped model is.")
    ] = False,
) -> None:
    """Train the network, judge it on songs it never saw, and export it."""
    from cratewise.errors import ModelError

    for package in ("torch", "onnx", "sklearn", "matplotlib"):
        if find_spec(package) is None:
            raise ModelError(f"training needs {package}", hint="In a checkout: pip install '.[train]'")
    from rich.console import Console
    from rich.markdown import Markdown

    from cratewise.cli.progress import progress_bar
    from cratewise.model.experiment import train as run
    from cratewise.model.report.page import summary

    with progress_bar("Stopped; nothing was written.") as progress:
        report = run(tracks, artist_tags, split.value, seed, out, progress, all_rows=all_rows)
    console = Console()
    console.print(Markdown(summary(report)))
    console.print(f"The whole report (report.md), predictions and model are in {out}.", highlight=False)
