"""`cratewise baselines`: other methods on the network's split and inputs (needs the extra of that name)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from cratewise.cli.train import SplitBy


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(baselines)


def baselines(
    tracks: Annotated[Path, typer.Option(help="The Spotify Tracks Dataset as CSV.")],
    out: Annotated[Path, typer.Option(help="Folder of the comparison; what it has already isn't done again.")],
    artist_tags: Annotated[
        Path | None, typer.Option(help="Tags of artists: artist, spotify_artist_id, tag, source; tab-separated.")
    ] = None,
    split: Annotated[SplitBy, typer.Option(help="No song, or no artist, stands in two parts.")] = SplitBy.SONG,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Decides the split and every chance.")] = 0,
    rows: Annotated[
        list[str] | None, typer.Option(help="A row of the table, such as 1-everything; may be repeated.  [all]")
    ] = None,
    peers: Annotated[list[str] | None, typer.Option(help="A method, such as lightgbm; may be repeated.  [all]")] = None,
    run: Annotated[
        Path | None, typer.Option(help="A run of `cratewise train` (same split, seed, files) to compare with.")
    ] = None,
) -> None:
    """Compare the network with look-ups, forests, boosted trees and other networks."""
    from cratewise.errors import ModelError

    for package in ("torch", "onnx", "sklearn", "lightgbm", "catboost", "pytabkit"):
        if find_spec(package) is None:
            raise ModelError(f"the comparison needs {package}", hint="In a checkout: pip install '.[train,baselines]'")
    from rich.console import Console
    from rich.markdown import Markdown

    from cratewise.cli.progress import progress_bar
    from cratewise.model.peers.comparison import Choice, compare
    from cratewise.model.peers.page import PAGE

    with progress_bar() as progress:
        compare(tracks, artist_tags, split.value, seed, out, progress, choice=Choice(rows or (), peers or ()), run=run)
    console = Console()
    console.print(Markdown((out / PAGE).read_text(encoding="utf-8")))
    console.print(f"The figures are in {out}.", highlight=False)
