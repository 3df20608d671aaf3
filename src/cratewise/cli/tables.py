"""Plans, results and the history as tables on the terminal."""

import json
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cratewise.playlists.plan import WHY_LEFT_OUT, Plan, PlaylistChange, SongRef
from cratewise.playlists.rules import Rules
from cratewise.playlists.runs import Run
from cratewise.workflows import ApplyResult

_PLAN = TypeAdapter(Plan)
_STATES = {"applying": "stopped on the way", "undoing": "stopped while undoing"}
_STEPS = {"planned": "not begun", "doing": "begun", "skipped": "left: somebody changed it meanwhile"}


def plan_as_json(plan: Plan) -> str:
    """The plan as JSON, without what the playlists held before; what becomes of the liked songs as numbers."""
    held = {"before": True, "ours_before": True}
    body = _PLAN.dump_python(plan, mode="json", exclude={"changes": {"__all__": held}, "placements": True})
    body |= {"in_playlists": plan.in_playlists, "left_out": plan.left_out}
    return json.dumps(body, indent=2, ensure_ascii=False)


def show_plan(plan: Plan, *, songs: bool = False) -> None:
    """Prints what would be written, with every song if wanted, and what is left aside."""
    console = Console(highlight=False)
    if plan.is_empty:
        console.print("Everything is up to date: there is nothing to write.")
    else:
        table = Table("Playlist", "Change", title=f"Plan {plan.plan_id}", title_justify="left")
        for heading in ("In", "Out", "Stay"):
            table.add_column(heading, justify="right")
        for change in plan.changes:
            counts = (len(change.adds), len(change.removes), change.kept)
            why = f"{change.reason} {change.note}".rstrip()
            table.add_row(escape(change.name), escape(why), *(f"{count:,}" for count in counts))
        console.print(table)
    if songs:
        for change in plan.changes:
            _show_songs(console, change)
    for genre in plan.untouched:
        if genre.songs or genre.playlist_id:
            console.print(f"{genre.name}: {genre.reason}", markup=False)
    show_left_out(plan)


def show_left_out(plan: Plan) -> None:
    """Prints how many liked songs are in playlists once the plan is applied, and why the others are not."""
    console = Console(highlight=False)
    songs = "song is" if plan.in_playlists == 1 else "songs are"
    console.print(f"{plan.in_playlists:,} of {len(plan.placements):,} liked {songs} in playlists.")
    for reason, count in plan.left_out.items():
        console.print(f"Left out: {count:,} {'song' if count == 1 else 'songs'} {WHY_LEFT_OUT[reason]}.")


def show_applied(result: ApplyResult) -> None:
    """Prints the playlists as they stand now, and what was written."""
    console = Console(highlight=False)
    table = Table("Playlist", "Genre")
    table.add_column("Songs", justify="right")
    table.add_column("Change")
    for playlist in result.playlists:
        parts = [f"+{playlist.added:,}"] * bool(playlist.added) + [f"-{playlist.removed:,}"] * bool(playlist.removed)
        change = f"{playlist.change} ({', '.join(parts)})" if parts else playlist.change
        table.add_row(escape(playlist.name), escape(playlist.genre_name), f"{playlist.songs:,}", change)
    console.print(table)
    if result.run_id is None:
        console.print("Everything is up to date: nothing was written.")
        return
    playlists = f"{result.created:,} created and {result.changed:,} changed"
    console.print(f"Run {result.run_id}: {playlists}, {result.added:,} songs in, {result.removed:,} out.")
    if result.skipped:
        console.print(f"{result.skipped:,} skipped because somebody changed them: sync, and look at the new plan.")


def show_history(runs: Sequence[Run]) -> None:
    """Prints one line a run."""
    table = Table("Run", "When", "State", "Playlists")
    for heading in ("In", "Out"):
        table.add_column(heading, justify="right")
    table.add_column("Model")
    for run in runs:
        changes = [step.change for step in run.steps if step.state in ("done", "undone", "undoing")]
        created = sum(1 for change in changes if change.kind == "create")
        added, removed = sum(len(change.adds) for change in changes), sum(len(change.removes) for change in changes)
        state = _STATES.get(run.state, run.state)
        playlists = f"{created:,} new, {len(changes) - created:,} changed"
        when = f"{run.started_at.astimezone():%-d %b %Y, %H:%M}"
        table.add_row(str(run.run_id), when, state, playlists, f"{added:,}", f"{removed:,}", escape(run.model_version))
    Console(highlight=False).print(table)


def show_rules(kept: Rules, names: Mapping[str, str]) -> None:
    """Prints rules in words; `names` are those of genres by slug, and of playlists by id."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    several = (
        "only in its best" if kept.several_above is None else f"in other families from {kept.several_above:.0%} on"
    )
    orders = {"added": "newest liked first", "name": "by title", "artist": "by artist", "energy": "calm, loud, calm"}
    for what, value in (
        ("Playlists for", ", ".join(names.get(genre, genre) for genre in kept.genres) or "no genre"),
        ("Songs", " and ".join(("the liked ones", *(names.get(one, one) for one in kept.sources)))),
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


def show_run(run: Run, names: Mapping[str, str], *, songs: bool = False) -> None:
    """Prints what one run did, with which rules and model; every song if wanted."""
    console = Console(highlight=False)
    when = f"{run.started_at.astimezone():%-d %b %Y, %H:%M}"
    console.print(
        f"Run {run.run_id}, {when}: {_STATES.get(run.state, run.state)}. Model {run.model_version}.\n", markup=False
    )
    show_rules(run.rules, names)
    table = Table("Playlist", "What", "State")
    for heading in ("In", "Out"):
        table.add_column(heading, justify="right")
    for step in run.steps:
        change = step.change
        what = "new" if change.kind == "create" else "changed"
        counts = f"{len(change.adds):,}", f"{len(change.removes):,}"
        table.add_row(escape(change.name), what, _STEPS.get(step.state, step.state), *counts)
    console.print()
    console.print(table)
    if songs:
        for step in run.steps:
            _show_songs(console, step.change)


def _show_songs(console: Console, change: PlaylistChange) -> None:
    console.print(f"\n{change.name}", markup=False)
    for sign, songs in (("+", change.adds), ("-", change.removes)):
        for song in songs:
            console.print(f"  {sign} {_called(song)} ({song.reason})", markup=False)


def _called(song: SongRef) -> str:
    return f"{', '.join(song.artists)}: {song.title}" if song.title else song.uri
