"""`cratewise enrich` and `cratewise catalogue`: statistics and tags from elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from cratewise.cli.library import DataDir, opened

catalogue = typer.Typer(no_args_is_help=True, help="Files with the statistics of many songs, to look yours up in.")
Name = Annotated[str, typer.Argument(help="Its name, as `list` shows it.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this topic to the program."""
    app.command()(enrich)
    app.add_typer(catalogue, name="catalogue")


def enrich(data_dir: DataDir = None) -> None:
    """Ask other sources what your songs sound like and what people call the artists, and sort what is known better.

    Sent are the ids and recording codes of songs without statistics to ReccoBeats, and the ids and names of artists to
    MusicBrainz and, with your key, to Last.fm; nothing else, and nothing of you. The setting `sources` says who may be
    asked. Answers are kept for good.
    """
    from rich.console import Console

    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    with opened(data_dir) as app:
        with progress_bar() as progress:
            result = workflows.enrich_library(app, progress)
            sorted_again = workflows.classify_library(app, progress).classified
        known = workflows.known_from(app)
    console = Console(highlight=False)
    for one in result.sources:
        if one.problem:
            console.print(f"{one.title}: {one.problem} {one.waiting:,} are left for the next time.", markup=False)
        elif one.asked:
            console.print(f"{one.title}: knew {one.found:,} of {one.asked:,}.", markup=False)
        else:
            console.print(f"{one.title}: nothing new to ask.", markup=False)
    for what, counts in known.items():
        parts = [f"{count:,} {workflows.source_title(source)}" for source, count in sorted(counts.items()) if source]
        parts += [f"{counts['']:,} none"] if counts.get("") else []
        console.print(f"Songs by source of {what}: {', '.join(parts)}.", markup=False)
    console.print(f"{result.changed:,} songs are known better; {sorted_again:,} were sorted again.")


@catalogue.command()
def add(
    file: Annotated[Path, typer.Argument(help="A CSV with the dataset's columns, or as Exportify writes it.")],
    data_dir: DataDir = None,
) -> None:
    """Keep the statistics in a file, to look songs up in; a file of the same name is replaced."""
    from cratewise import workflows

    with opened(data_dir) as app:
        count = workflows.add_catalogue(app, file)
    typer.echo(f"{file.name}: {count:,} songs. `cratewise enrich` looks yours up in it.")


@catalogue.command(name="list")
def list_catalogues(data_dir: DataDir = None) -> None:
    """List the catalogues."""
    with opened(data_dir) as app:
        found = app.library.catalogues.all()
    for name, count in found.items():
        typer.echo(f"{count:>9,}  {name}")
    if not found:
        typer.echo("There is no catalogue yet.")


@catalogue.command()
def remove(name: Name, data_dir: DataDir = None) -> None:
    """Forget a catalogue; what was taken from it stays known."""
    from cratewise import workflows

    with opened(data_dir) as app:
        count = workflows.remove_catalogue(app, name)
    typer.echo(f"{name}: forgotten, with {count:,} songs.")
