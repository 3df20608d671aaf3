"""`cratewise rules`: what gets a playlist, and what goes into it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cratewise.cli.library import DataDir, opened

if TYPE_CHECKING:
    from cratewise.app import Application
    from cratewise.playlists.rules import Rules

_NONE = "none"


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(rules)


def rules(  # noqa: PLR0913, PLR0917 (each is an option)
    genre: Annotated[
        list[str] | None,
        typer.Option(help="A family or style that gets a playlist; give it once for each.", show_default=False),
    ] = None,
    least_confidence: Annotated[
        float | None,
        typer.Option(help="Leave out songs the network is less sure of (0 to 1).", min=0, max=1, show_default=False),
    ] = None,
    least_songs: Annotated[
        int | None,
        typer.Option(help="Make no playlist for a genre with fewer songs.", min=1, show_default=False),
    ] = None,
    several: Annotated[
        str | None,
        typer.Option(
            help="Put a song into the playlists of other chosen families, too, from this chance on (0.1 to 1); "
            f"'{_NONE}' keeps each song in its best.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="A condition that must hold, such as 'energy > 0.7', 'year < 1990', 'artist = Queen', "
            f"'language = german' or 'not explicit'; once for each, '{_NONE}' for no condition.",
            show_default=False,
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help=f"A condition that must not hold; once for each, '{_NONE}' for none.", show_default=False),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            help="How a new playlist stands: added (newest liked first), name, artist, or energy (calm, loud, calm).",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of new playlists; {genre}, {family}, {count} and {date} are filled in.", show_default=False
        ),
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="Description of new playlists, likewise.", show_default=False)
    ] = None,
    covers: Annotated[
        bool | None,
        typer.Option(
            "--covers/--no-covers", help="Give new playlists a cover in their genre's colour.", show_default=False
        ),
    ] = None,
    public: Annotated[
        bool | None,
        typer.Option(
            "--public/--not-public",
            help="Show new playlists on your profile. Not public isn't private: whoever has the link can listen.",
            show_default=False,
        ),
    ] = None,
    keep_unliked: Annotated[
        bool | None,
        typer.Option("--keep-unliked/--drop-unliked", help="Leave songs in that you un-like.", show_default=False),
    ] = None,
    remake_deleted: Annotated[
        bool | None,
        typer.Option(
            "--remake-deleted/--leave-deleted", help="Make playlists again that you deleted.", show_default=False
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Begin with the rules that there are at first.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Show the rules of your playlists, or change some. Nothing is written to your account: see `plan`."""
    from cratewise import workflows

    given: dict[str, Any] = {
        "least_confidence": least_confidence,
        "least_songs": least_songs,
        "only": None if only is None else _conditions(only),
        "without": None if without is None else _conditions(without),
        "order": order,
        "name_template": name,
        "description_template": description,
        "covers": covers,
        "public": public,
        "keep_unliked": keep_unliked,
        "remake_deleted": remake_deleted,
    }
    changes = {what: value for what, value in given.items() if value is not None}
    if several is not None:
        changes["several_above"] = _several(several)
    with opened(data_dir) as app:
        kept = workflows.default_rules(app) if reset else workflows.current_rules(app)
        if genre:
            changes["genres"] = tuple(dict.fromkeys(workflows.genre_called(app, one) for one in genre))
        if changes or reset:
            kept = replace(kept, **changes)
            workflows.save_rules(app, kept)
        _show(app, kept)


def _conditions(texts: list[str]) -> tuple[str, ...]:
    from cratewise.playlists.conditions import parse

    return () if texts == [_NONE] else tuple(dict.fromkeys(str(parse(text)) for text in texts))


def _several(text: str) -> float | None:
    if text == _NONE:
        return None
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"--several is {text!r}; give a number from 0.1 to 1, or {_NONE!r}.") from None


def _show(app: "Application", kept: "Rules") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from cratewise import workflows

    names = workflows.genre_names(app)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    several = (
        "only in its best" if kept.several_above is None else f"in other families from {kept.several_above:.0%} on"
    )
    orders = {"added": "newest liked first", "name": "by title", "artist": "by artist", "energy": "calm, loud, calm"}
    for what, value in (
        ("Playlists for", ", ".join(names.get(genre, genre) for genre in kept.genres) or "no genre"),
        ("Least confidence", f"{kept.least_confidence:.0%}"),
        ("Least songs", f"{kept.least_songs:,}"),
        ("A song stands", several),
        ("Only", ", ".join(kept.only) or "no condition"),
        ("Without", ", ".join(kept.without) or "no condition"),
        ("Order", orders[kept.order]),
        ("Name", kept.name_template),
        ("Description", kept.description_template),
        ("Covers", "drawn" if kept.covers else "none"),
        ("On the profile", "yes" if kept.public else "no (which does not make them private)"),
        ("Un-liked songs", "stay" if kept.keep_unliked else "go"),
        ("Deleted playlists", "are made again" if kept.remake_deleted else "stay deleted"),
    ):
        table.add_row(Text(what, style="bold"), Text(value))
    Console(highlight=False).print(table)
