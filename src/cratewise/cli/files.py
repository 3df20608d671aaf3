"""`cratewise import` and `cratewise export`: the library from files and into files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cratewise.cli.library import DataDir, opened, show_sorted


class Format(StrEnum):
    """The kinds of file that are written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    M3U8 = "m3u8"
    JSPF = "jspf"


def register(app: typer.Typer) -> None:
    """Adds the commands of this topic to the program."""
    app.command(name="import")(import_)
    app.command()(export)


def import_(
    file: Annotated[
        Path, typer.Argument(help="What `export` wrote, or a CSV file: Exportify's, the dataset's, yours.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Songs that are not in the file are not liked any more.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Take songs from a file and sort them, without Spotify; or learn from it what your songs sound like.

    Where your library was read from Spotify, the file adds no songs: statistics, tags and your corrections in it count
    for those that are there.
    """
    from rich.console import Console

    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    with opened(data_dir) as app:
        with progress_bar("Stopped. Nothing of the file was taken in.") as progress:
            found = workflows.import_file(app, file, progress, replace_songs=replace)
        with progress_bar() as progress:
            result = workflows.classify_library(app, progress)
    console = Console(highlight=False)
    changes = f"{found.added:,} of them new" + (f", {found.removed:,} no longer liked" if replace else "")
    if not found.takes_songs:
        changes = f"{found.known:,} of them in the library of {found.account_name}, which takes no others"
    songs = "1 song" if found.found == 1 else f"{found.found:,} songs"
    console.print(f"{file.name}, {found.kind}: {songs}, {changes}.", markup=False)
    if found.corrections:
        console.print(f"Your corrections in it that are new here: {found.corrections:,}.")
    for note in found.notes:
        console.print(f"Note: {note}", markup=False)
    show_sorted(result)


def export(
    out: Annotated[Path, typer.Argument(help="The file (.json, .csv, .parquet, .m3u8, .jspf), or the folder.")],
    by_genre: Annotated[
        bool, typer.Option("--by-genre", help="One file for each playlist that `apply` would make, into a folder.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="Of the files of --by-genre.")] = Format.M3U8,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Write your library to a file: songs with genres, how sure they are, and where everything comes from.

    JSON, JSPF and Parquet carry everything, your corrections included; CSV the songs; M3U8 is for players. `import`
    reads all but the last.
    """
    from cratewise import workflows

    with opened(data_dir) as app:
        if by_genre:
            files = workflows.export_playlists(app, out, form.value, replace=force)
        else:
            files = (workflows.export_library(app, out, replace=force),)
    for file in files:
        typer.echo(f"{file.songs:>7,}  {file.path}")
    if not files:
        typer.echo("No genre has enough songs for a playlist: nothing was written.")
