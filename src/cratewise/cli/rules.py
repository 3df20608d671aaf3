"""`cratewise rules`: what gets a playlist, and what goes into it."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from cratewise.cli.library import DataDir, opened

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
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="A playlist of your own whose songs count beside the liked ones; once for each, "
            f"'{_NONE}' for the liked ones alone.",
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
    from cratewise.cli.tables import show_rules

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
        if genre:
            changes["genres"] = tuple(dict.fromkeys(workflows.genre_called(app, one) for one in genre))
        if source is not None:
            named = () if source == [_NONE] else (workflows.source_called(app, one) for one in source)
            changes["sources"] = tuple(dict.fromkeys(named))
        if changes or reset:
            kept = workflows.change_rules(
                app, lambda kept: replace(workflows.default_rules(app) if reset else kept, **changes)
            )
        else:
            kept = workflows.current_rules(app)
        called = {head.playlist_id: head.name for head in workflows.own_playlists(app)} if kept.sources else {}
        show_rules(kept, workflows.genre_names(app) | called)


def _conditions(texts: list[str]) -> tuple[str, ...]:
    from cratewise.playlists.conditions import conditions_of

    return () if texts == [_NONE] else conditions_of(texts)


def _several(text: str) -> float | None:
    if text == _NONE:
        return None
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"--several is {text!r}; give a number from 0.1 to 1, or {_NONE!r}.") from None
