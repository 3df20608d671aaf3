"""`cratewise sync`: the account into the library, and its songs into genres."""

from collections.abc import Collection, Iterator
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
    app.command(name="playlists")(playlists)


@contextmanager
def opened(data_dir: Path | None, **given: object) -> Iterator["Application"]:
    """The application for one command, with settings given on the command line; `None` is not given."""
    from cratewise.app import Application
    from cratewise.settings import load_settings

    with Application.open(load_settings(data_dir=data_dir, **given)) as app:
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
    playlists: Annotated[
        bool, typer.Option("--playlists", help="Read what stands in your own playlists, too.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the playlists by the rules you applied last, too, and ask nothing.")
    ] = False,
    every: Annotated[
        str, typer.Option(help="With --apply: keep running, and do it this often (30m, 6h, 1d).", show_default=False)
    ] = "",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="With --apply: say only what was written or went wrong.")
    ] = False,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Read your liked songs from Spotify and sort them into genres. Without --apply nothing is written to your account.

    With --apply, for cron or a timer, the exit code tells what happened: 0 playlists were written, 3 there was nothing
    to write, 4 somebody has to log in, 5 Spotify takes no more calls for now, 6 another cratewise is at it, 1 all else.
    """
    if apply:
        _keep_current(every, data_dir, quiet=quiet, yes=yes)
        return
    if every or quiet:
        raise typer.BadParameter("--every and --quiet go with --apply.")
    from rich.console import Console

    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    with opened(data_dir) as app:
        confirm_calls(app, workflows.sync_calls(app), yes=yes)
        with progress_bar() as progress:
            found = workflows.sync_library(app, progress)
        sources = workflows.current_rules(app).sources
        if playlists or sources:
            _read_playlists(app, None if playlists else sources, yes=yes)
        with progress_bar() as progress:
            result = workflows.classify_library(app, progress, everything=everything)
    console = Console(highlight=False)
    changes = f"{found.added:,} new, {found.removed:,} no longer liked"
    console.print(f"{found.account_name}: {found.songs:,} liked songs ({changes}).", markup=False)
    if found.left_aside:
        console.print(f"{found.left_aside:,} liked entries are local files or episodes and were left aside.")
    if found.missing:
        console.print(
            f"Spotify counts {found.missing:,} more liked songs than it gave. No song it may be keeping back counts as "
            "un-liked; the next sync reads all of them again."
        )
    if doubles := found.songs - result.songs:
        console.print(f"{doubles:,} of them are other releases of songs you like already, and count as these.")
    show_sorted(result)


def _keep_current(every: str, data_dir: Path | None, *, quiet: bool, yes: bool) -> None:
    import time

    from cratewise.cli.upkeep import interval_s, keep_current_every, keep_current_once

    if every:
        keep_current_every(interval_s(every), data_dir, quiet=quiet, yes=yes, pause=time.sleep)
    else:
        keep_current_once(data_dir, quiet=quiet, yes=yes)


def _read_playlists(app: "Application", only: Collection[str] | None, *, yes: bool) -> None:
    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    found = workflows.look_for_playlists(app, only)
    if only is None:
        typer.echo(f"{len(found.changed):,} of your {len(found.own):,} playlists are new or changed.")
    confirm_calls(app, found.calls, yes=yes)
    with progress_bar() as progress:
        workflows.read_playlists(app, found, progress)


def playlists(data_dir: DataDir = None) -> None:
    """List your own playlists, and how many of the songs in them you like."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from cratewise import workflows

    with opened(data_dir) as app:
        found = workflows.own_playlists(app)
    table = Table("Playlist", box=None, pad_edge=False)
    table.add_column("Entries", justify="right")
    table.add_column("Liked", justify="right")
    table.add_column("")
    for one in found:
        liked = "not read" if one.liked is None else f"{one.liked:,}"
        made = "made by cratewise" if one.is_managed else ""
        table.add_row(escape(one.name), f"{one.entries:,}", "" if one.is_managed else liked, made)
    console = Console(highlight=False)
    console.print(table)
    if any(one.liked is None and not one.is_managed for one in found) or not found:
        console.print("`cratewise sync --playlists` reads what stands in them.")


def show_sorted(result: "ClassifyResult") -> None:
    """Says what sorting the songs came to."""
    from rich.console import Console

    console = Console(highlight=False)
    songs = "1 song" if result.classified == 1 else f"{result.classified:,} songs"
    console.print(f"Sorted {songs} into genres; {result.unsure:,} of {result.songs:,} are unsure.")
    for genre in result.genres:
        console.print(f"{genre.songs:>7,}  {genre.name}", markup=False)
