"""`cratewise sync`: the account into the library, and its songs into genres."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cratewise.app import Application
    from cratewise.workflows import ClassifyResult

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for everything that is kept.", show_default=False)
]


Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(sync)


@contextmanager
def opened(data_dir: Path | None, *, port: int | None = None) -> Iterator["Application"]:
    """The application for one command; options that weren't given are `None`."""
    from cratewise.app import Application
    from cratewise.settings import load_settings

    with Application.open(load_settings(data_dir=data_dir, port=port)) as app:
        yield app


def confirm_calls(app: "Application", n_calls: int, *, yes: bool) -> None:
    """Warns before a run of so many calls that Spotify would probably stop, and asks whether to begin it."""
    from cratewise import workflows

    if warning := workflows.warning(app, n_calls):
        typer.echo(warning, err=True)
        if not yes:
            typer.confirm("Go on?", abort=True, err=True)


def sync(
    everything: Annotated[
        bool, typer.Option("--everything", help="Sort every song again, not only what is new or changed.")
    ] = False,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Read your liked songs from Spotify and sort them into genres. Nothing is written to your account."""
    from rich.console import Console

    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    with opened(data_dir) as app:
        confirm_calls(app, workflows.sync_calls(app), yes=yes)
        with progress_bar() as progress:
            found = workflows.sync_library(app, progress)
            result = workflows.classify_library(app, progress, everything=everything)
    console = Console(highlight=False)
    changes = f"{found.added:,} new, {found.removed:,} no longer liked"
    console.print(f"{found.account_name}: {found.songs:,} liked songs ({changes}).", markup=False)
    if found.left_aside:
        console.print(f"{found.left_aside:,} liked entries are local files or episodes and were left aside.")
    if doubles := found.songs - result.songs:
        console.print(f"{doubles:,} of them are other releases of songs you like already, and count as these.")
    show_sorted(result)


def show_sorted(result: "ClassifyResult") -> None:
    """Says what sorting the songs came to."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"Sorted {result.classified:,} songs into genres; {result.unsure:,} of {result.songs:,} are unsure.")
    for genre in result.genres:
        console.print(f"{genre.songs:>7,}  {genre.name}", markup=False)
