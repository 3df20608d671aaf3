"""`cratewise plan`, `apply`, `undo` and `history`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cratewise.cli.library import DataDir, Yes, confirm_calls, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from cratewise.app import Application
    from cratewise.playlists.rules import Rules
    from cratewise.progress import Progress
    from cratewise.workflows import ApplyResult, UndoResult

Genres = Annotated[
    list[str] | None,
    typer.Option("--genre", help="A family or style that gets a playlist; give it once for each.", show_default=False),
]
LeastConfidence = Annotated[
    float | None,
    typer.Option(help="Leave out songs the network is less sure of (0 to 1).", min=0, max=1, show_default=False),
]
LeastSongs = Annotated[
    int | None, typer.Option(help="Make no playlist for a genre with fewer songs.", min=1, show_default=False)
]
RemakeDeleted = Annotated[
    bool | None,
    typer.Option("--remake-deleted/--leave-deleted", help="Make playlists again that you deleted.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this topic to the program."""
    app.command()(plan)
    app.command()(apply)
    app.command()(undo)
    app.command()(history)


def plan(
    genre: Genres = None,
    least_confidence: LeastConfidence = None,
    least_songs: LeastSongs = None,
    remake_deleted: RemakeDeleted = None,
    songs: Annotated[bool, typer.Option("--songs", help="Show every song that goes in or out, and why.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Show what would be written to your account. Nothing is written; `sync` first to see the newest state."""
    from cratewise import workflows
    from cratewise.cli.tables import plan_as_json, show_plan

    with opened(data_dir) as app:
        rules = _rules(app, genre, least_confidence, least_songs, remake_deleted)
        made = workflows.make_plan(app, rules)
    if as_json:
        typer.echo(plan_as_json(made))
    else:
        show_plan(made, songs=songs)


def apply(
    genre: Genres = None,
    least_confidence: LeastConfidence = None,
    least_songs: LeastSongs = None,
    remake_deleted: RemakeDeleted = None,
    only: Annotated[
        str | None, typer.Option("--plan", help="Id of the plan you saw: any other is refused.", show_default=False)
    ] = None,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Write the playlists to your account, after showing what that changes; goes on with a run that was stopped.

    The first time, allow it with `cratewise login --writing`.
    """
    from functools import partial

    from cratewise import workflows
    from cratewise.cli.tables import show_applied, show_plan

    with opened(data_dir) as app:
        if (stopped := workflows.unfinished_run(app)) is not None and stopped.state == "applying":
            _refuse_another(stopped.plan_id, only)
            typer.echo(f"Run {stopped.run_id} was stopped on the way: going on with it.")
            confirm_calls(app, workflows.resume_calls(stopped), yes=yes)
            show_applied(_written(app, partial(workflows.resume_run, app), yes=yes))
            return
        made = workflows.make_plan(app, _rules(app, genre, least_confidence, least_songs, remake_deleted))
        _refuse_another(made.plan_id, only)
        if made.is_empty:
            workflows.apply_plan(app, made)
            typer.echo("Everything is up to date: nothing was written.")
            return
        confirm_calls(app, workflows.apply_calls(made), yes=yes)
        if not yes:
            show_plan(made)
            app.account.check_login(writing=True)  # rather than after they said yes
            typer.confirm("Write this to your account?", abort=True)
        show_applied(_written(app, partial(workflows.apply_plan, app, made), yes=yes))


def undo(
    run: Annotated[
        int | None, typer.Argument(help="The run to take back; it has to be the newest.", show_default=False)
    ] = None,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Take the newest run back, after showing what that does: all is as before, except for what you changed since."""
    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    with opened(data_dir) as app:
        if newest := workflows.history(app)[:1]:
            confirm_calls(app, workflows.undo_calls(newest[0]), yes=yes)
        outlook = workflows.look_at_undo(app, run)
        if not yes:
            _show_undo(outlook.result, "would be deleted", "as before", "would be kept")
            typer.confirm(f"Take run {outlook.result.run_id} back?", abort=True)
        with progress_bar() as progress:
            result = workflows.undo_run(app, outlook.result.run_id, progress, seen=outlook.seen)
    typer.echo(f"Run {result.run_id} is undone.")
    _show_undo(result, "deleted", "as before", "kept")
    if result.deleted:
        typer.echo("Spotify keeps deleted playlists for 90 days: https://www.spotify.com/account/recover-playlists")


def _show_undo(result: "UndoResult", deleted: str, restored: str, kept: str) -> None:
    lines = ((deleted, result.deleted), (restored, result.restored), (kept, result.kept))
    width = max(len(word) for word, _ in lines)
    for word, texts in lines:
        for text in texts:
            typer.echo(f"  {word:{width}} {text}")


def history(
    run: Annotated[int | None, typer.Argument(help="Show one run, with its rules.", show_default=False)] = None,
    songs: Annotated[bool, typer.Option("--songs", help="With a run: show every song that went in or out.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List what was written to your account, newest first; or show one run."""
    from cratewise import workflows
    from cratewise.cli.tables import show_history, show_run
    from cratewise.errors import PlaylistsError

    with opened(data_dir) as app:
        runs, names = workflows.history(app), workflows.genre_names(app)
    if run is not None:
        found = next((one for one in runs if one.run_id == run), None)
        if found is None:
            raise PlaylistsError(f"There is no run {run}.", hint="`cratewise history` lists them.")
        show_run(found, names, songs=songs)
    elif runs:
        show_history(runs)
    else:
        typer.echo("Nothing was written yet.")


def _rules(
    app: "Application",
    genres: list[str] | None,
    least_confidence: float | None,
    least_songs: int | None,
    remake_deleted: bool | None,
) -> "Rules":
    from dataclasses import replace

    from cratewise import workflows

    kept = workflows.current_rules(app)
    return replace(
        kept,
        genres=tuple(dict.fromkeys(workflows.genre_called(app, one) for one in genres)) if genres else kept.genres,
        least_confidence=kept.least_confidence if least_confidence is None else least_confidence,
        least_songs=least_songs or kept.least_songs,
        remake_deleted=kept.remake_deleted if remake_deleted is None else remake_deleted,
    )


def _written(app: "Application", write: "Callable[[Progress], ApplyResult]", *, yes: bool) -> "ApplyResult":
    """Writes; where somebody changed a playlist meanwhile, asks whether to go on with the others."""
    from functools import partial

    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    while True:
        try:
            with progress_bar() as progress:
                return write(progress)
        except workflows.ChangedMeanwhileError as changed:
            if not yes:
                typer.echo(changed)
                if not typer.confirm("Go on with the other playlists?"):
                    raise
            write = partial(workflows.resume_run, app)


def _refuse_another(plan_id: str, only: str | None) -> None:
    from cratewise.errors import PlaylistsError

    if only is not None and plan_id != only:
        raise PlaylistsError(
            f"The plan is {plan_id} now, not {only}: nothing was written.",
            hint="Something changed since you saw it. Look at it again with `cratewise plan`.",
        )
