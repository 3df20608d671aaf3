"""`cratewise songs`, `correct`, `corrections`, `pin`: the songs as they are sorted, and a person's word on that."""

from typing import Annotated

import typer

from cratewise.classification import percent_of
from cratewise.cli.library import DataDir, opened

Genre = Annotated[str, typer.Argument(help="A family or style, by its name or slug: `cratewise genres` lists them.")]
Search = Annotated[str, typer.Argument(help="Words in title, artists or album.")]
OneSong = Annotated[str, typer.Argument(help="A song: its id or address, or words that only it has.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this topic to the program."""
    app.command()(songs)
    app.command()(correct)
    app.command()(corrections)
    app.command()(pin)


def songs(
    search: Search = "",
    genre: Annotated[str, typer.Option("--genre", help="Only songs of that family or style.")] = "",
    unsure: Annotated[
        bool, typer.Option("--unsure", help="Only songs whose genre is unsure, least sure first.")
    ] = False,
    corrected: Annotated[bool, typer.Option("--corrected", help="Only songs whose genre you corrected.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to show at most.")] = 50,
    data_dir: DataDir = None,
) -> None:
    """List your liked songs with their genres."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from cratewise import workflows
    from cratewise.library.search import SongFilter

    with opened(data_dir) as app:
        least = app.settings.least_confidence
        wanted = SongFilter(
            words=search,
            genre=workflows.genre_called(app, genre) if genre else "",
            unsurer_than=least if unsure else None,
            said_by=("song", "album", "artist") if corrected else (),
        )
        page = workflows.find_songs(app, wanted, order="confidence" if unsure else "added", limit=limit)
    table = Table("Song", "Genre", box=None, pad_edge=False)
    table.add_column("Sure", justify="right")
    table.add_column("Id", style="dim", no_wrap=True)
    for row in page.songs:
        sure = "you" if row.said_by not in ("", "model") else f"{percent_of(row.confidence)}%" if row.genre else ""
        called = f"{', '.join(row.artists)}: {row.title}" if row.artists else row.title
        table.add_row(escape(called), escape(row.genre_name), sure, row.track_id)
    console = Console(highlight=False)
    console.print(table)
    if page.total > len(page.songs):
        console.print(f"{len(page.songs):,} of {page.total:,} songs: more with --limit.")
    else:
        console.print(f"{page.total:,} {'song' if page.total == 1 else 'songs'}.")


def correct(
    genre: Genre,
    song: Annotated[list[str], typer.Option("--song", help="A song: its id, or words that only it has.")] = [],  # noqa: B006 - typer copies it
    album: Annotated[list[str], typer.Option("--album", help="The title of an album.")] = [],  # noqa: B006
    by: Annotated[str, typer.Option("--by", help="Whose album.")] = "",
    artist: Annotated[list[str], typer.Option("--artist", help="An artist: every song they are the first on.")] = [],  # noqa: B006
    matching: Annotated[str, typer.Option("--matching", help="Every song with these words, one by one.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Say which genre songs are of. Your word counts, whatever the network says, until you take it back."""
    from cratewise import workflows

    with opened(data_dir) as app:
        slug = workflows.genre_called(app, genre)
        targets = [workflows.find_song(app, one) for one in song]
        targets += [workflows.find_album(app, one, by) for one in album]
        targets += [workflows.find_artist(app, one) for one in artist]
        targets += workflows.find_selection(app, matching) if matching else ()
        if not targets:
            raise typer.BadParameter("say what is of that genre: --song, --album, --artist or --matching")
        workflows.correct(app, slug, targets)
        name = workflows.genre_names(app)[slug]
    for target in targets:
        count = "" if target.kind == "song" else f" ({target.songs:,} {'song' if target.songs == 1 else 'songs'})"
        typer.echo(f"{name}: {target.name}{count}")


def corrections(
    take_back: Annotated[list[int], typer.Option("--take-back", help="Number of a correction to take back.")] = [],  # noqa: B006
    everything: Annotated[bool, typer.Option("--all", help="Also those that were taken back.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List what you said of genres and playlists, and take it back."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from cratewise import workflows

    console = Console(highlight=False)
    with opened(data_dir) as app:
        if take_back:
            for one in workflows.take_back(app, take_back):
                console.print(f"Taken back: {one.name}", markup=False)
            return
        names = workflows.genre_names(app)
        table = Table("No.", "What", "Name", "Genre", "Said by", "When", box=None, pad_edge=False)
        for one in workflows.corrections(app):
            if one.taken_back_at is None or everything:
                when = f"{one.said_at.astimezone():%-d %b %Y, %H:%M}"
                when += ", taken back" if one.taken_back_at else ""
                shown = (escape(one.name), escape(names.get(one.genre, one.genre)), escape(one.said_by), when)
                table.add_row(str(one.correction_id), one.kind, *shown)
        pins = workflows.pins(app)
    if not table.row_count and not pins:
        console.print("You have not corrected anything yet.")
        return
    if table.row_count:
        console.print(table)
    for pinned in pins:
        where = "always in" if pinned.is_in else "never in"
        console.print(f"{pinned.name}: {where} {names.get(pinned.genre, pinned.genre)}", markup=False)


def pin(
    song: OneSong,
    into: Annotated[str, typer.Option("--in", help="The genre whose playlist it belongs in.")] = "",
    not_in: Annotated[str, typer.Option("--not-in", help="The genre whose playlist it does not belong in.")] = "",
    free: Annotated[str, typer.Option("--free", help="The genre whose playlist it is in by its genre alone.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Keep a song in the playlist of a genre, or out of it, whatever its genre is."""
    from cratewise import workflows

    given = [(into, True, "always in"), (not_in, False, "never in"), (free, None, "by its genre in or out of")]
    wanted = [(genre, is_in, words) for genre, is_in, words in given if genre]
    if len(wanted) != 1:
        raise typer.BadParameter("say where: one of --in, --not-in or --free")
    with opened(data_dir) as app:
        ((genre, is_in, words),) = wanted
        slug = workflows.genre_called(app, genre)
        target = workflows.find_song(app, song)
        workflows.pin(app, target, slug, is_in=is_in)
        typer.echo(f"{target.name}: {words} {workflows.genre_names(app)[slug]}")
