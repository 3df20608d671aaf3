"""`cratewise dataset`: checking and fetching the public dataset that the network learns from."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cratewise.dataset.clean import CleaningReport, Dataset

dataset_app = typer.Typer(
    name="dataset",
    help="Check or fetch the Spotify Tracks Dataset, which the network is trained on.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Adds the commands of this topic to the program."""
    app.add_typer(dataset_app)


@dataset_app.command()
def check(file: Annotated[Path, typer.Argument(help="The dataset as a CSV file.")]) -> None:
    """Read the dataset, and print what was found in it and mended."""
    from rich.console import Console
    from rich.table import Table

    from cratewise.dataset.clean import clean
    from cratewise.dataset.load import load

    console = Console()
    with console.status("Reading the dataset"):
        dataset = clean(load(file))
    table = Table(title=f"{file.name}: {dataset.report.n_rows:,} rows")
    table.add_column("found", overflow="fold")
    table.add_column("number", justify="right")
    table.add_column("what was done", overflow="fold")
    for found, number, done in _findings(dataset.report):
        table.add_row(found, f"{number:,}", done)
    console.print(table)
    console.print(_summary(dataset), highlight=False, soft_wrap=True)


@dataset_app.command()
def download(
    out: Annotated[Path, typer.Option(help="Where to put it.")] = Path("spotify_tracks.csv"),
) -> None:
    """Fetch the dataset from its public home (20 MB); an interrupted download goes on where it stopped."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from cratewise.dataset import download as fetching

    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Downloading", total=None)

        def show(stage: str, done: int, total: int | None) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        is_new = fetching.download(out, fetching.DATASET, show)
    what = "is there now, and its checksum is right" if is_new else "was there already, and its checksum is right"
    console.print(f"{out} {what}.", highlight=False, soft_wrap=True)
    console.print("The Spotify Tracks Dataset by Maharshi Pandya, Open Database License (ODbL) 1.0.", soft_wrap=True)


def _findings(report: "CleaningReport") -> Iterator[tuple[str, int, str]]:
    yield "rows that repeat another one", report.n_exact_duplicates, "counted once"
    yield "tracks (different ids)", report.n_tracks, "their rows merged"
    n_several = sum(count for n_labels, count in report.labels_of_a_track if n_labels > 1)
    yield "tracks of several genres", n_several, "every genre kept"
    yield "ids whose rows differ in popularity", report.n_popularity_differs, "the greatest taken"
    yield "ids whose rows differ otherwise", report.n_contradictory, "one of them taken"
    yield "tracks without artists and title", report.n_nameless, "kept for their statistics"
    for column, count in report.left_out:
        yield f"tracks with an impossible {column}", count, "that value left out"
    yield "ids that share their song with another", report.n_rereleased, "kept in one part of a split"
    yield "songs", report.n_songs, ""


def _summary(dataset: "Dataset") -> str:
    from cratewise.dataset.download import DATASET

    report = dataset.report
    counts = [count for _, count in report.tracks_of_a_label]
    known = "the published file" if dataset.fingerprint == DATASET.sha256 else "not the published file"
    spread = f", each with {min(counts):,} to {max(counts):,} tracks" if counts else ""
    return f"{len(counts)} genres{spread}.\nsha256 {dataset.fingerprint} ({known})."
