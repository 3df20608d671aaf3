"""`cratewise report`: which liked songs are in no playlist, in several, or twice."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cratewise.cli.library import DataDir, opened

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(report)


def report(
    everything: Annotated[bool, typer.Option("--all", help=f"List all, not only {_SHOWN} of each sort.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List the liked songs that are in none of your playlists, in several, or there twice, as of the last sync."""
    from cratewise import workflows

    with opened(data_dir) as app:
        found = workflows.playlist_report(app)
    if as_json:
        from pydantic import TypeAdapter

        typer.echo(TypeAdapter(workflows.PlaylistReport).dump_json(found, indent=2).decode())
        return
    console = Console(highlight=False)
    looked = "1 playlist" if found.playlists == 1 else f"{found.playlists:,} playlists"
    console.print(f"{found.songs:,} liked songs, looked for in {looked} of your own.")
    if found.unread:
        names = ", ".join(found.unread[:3]) + (" …" if len(found.unread) > 3 else "")
        console.print(
            f"Not read yet: {len(found.unread):,} ({names}). `cratewise sync --playlists` reads them.", markup=False
        )
    most = None if everything else _SHOWN
    songs = [(", ".join(song.artists), song.title, "") for song in found.in_none]
    _show(console, "In no playlist", "", songs, most)
    songs = [(", ".join(song.artists), song.title, ", ".join(song.playlists)) for song in found.in_several]
    _show(console, "In several playlists", "Playlists", songs, most)
    songs = [(", ".join(one.artists), one.title, f"{one.times} times in {one.playlist}") for one in found.repetitions]
    _show(console, "More than once in a playlist", "Where", songs, most)
    songs = [(", ".join(song.artists), song.title, f"{len(song.uris)} ids") for song in found.doubles]
    _show(console, "Liked more than once, under several ids", "", songs, most)


def _show(console: Console, title: str, heading: str, songs: Sequence[tuple[str, str, str]], most: int | None) -> None:
    console.print(f"\n[bold]{title}[/bold]: {len(songs):,}")
    table = Table("Artist", "Song", heading, box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in songs[:most]:
        table.add_row(*map(escape, row))
    if songs:
        console.print(table)
    if most is not None and len(songs) > most:
        console.print(f"… and {len(songs) - most:,} more (--all lists them).", style="dim")
