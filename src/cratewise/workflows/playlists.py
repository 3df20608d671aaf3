"""Planning, applying and undoing the genre playlists."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from cratewise.errors import PlaylistsError, SpotifyError
from cratewise.playlists.apply import StalePlanError, Surroundings, apply_new, refuse_stale, resume
from cratewise.playlists.chosen import is_chosen, plan_chosen
from cratewise.playlists.history import Seen, Undone, foresee, look, newest_undoable, undo
from cratewise.playlists.placing import KnownNames
from cratewise.playlists.plan import ManagedPlaylist, Plan
from cratewise.playlists.planning import plan_playlists
from cratewise.playlists.rules import Rules
from cratewise.playlists.runs import Run, RunStep
from cratewise.progress import Progress, silent
from cratewise.workflows.candidates import candidates, liked_songs
from cratewise.workflows.names import genre_names
from cratewise.workflows.rules import current_rules, save_rules
from cratewise.workflows.services import Services, working_alone
from cratewise.workflows.sync import current_account
from cratewise.workflows.values import AppliedPlaylist, ApplyResult, UndoResult

_CHOSEN = "your choice"


class UnfinishedRunError(PlaylistsError):
    """A run was stopped on the way and has to be resumed (or undone) before anything else is planned.

    Attributes:
        run_id: Its number.
    """

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} was stopped on the way.", hint="Resume it or undo it first.")
        self.run_id = run_id


def make_plan(app: Services, rules: Rules, *, draft: Callable[[Services, Rules], Plan] | None = None) -> Plan:
    """The changes that bring the playlists to what the rules ask for.

    It uses what sync has read; only before the very first plan it looks what playlists there are, for their names.

    Raises:
        LibraryError: Nothing was synced yet.
        GenresError: A chosen genre does not exist.
        UnfinishedRunError: A run was stopped on the way.
    """
    _refuse_unfinished(app)
    _look_at_playlists(app)
    return (draft or draft_plan)(app, rules)


def draft_plan(app: Services, rules: Rules) -> Plan:
    """The plan as `make_plan` makes it, also while a run is stopped on the way: to count with, not to be applied.

    Raises:
        LibraryError: Nothing was synced yet.
        GenresError: A chosen genre does not exist.
    """
    account_id = current_account(app).account_id
    songs = candidates(app, account_id, rules)
    managed = tuple(one for one in _managed(app) if not is_chosen(one.genre))
    unliked = {uri for playlist in managed for uri in playlist.ours} - {song.uri for song in songs}
    names = KnownNames(
        genres=genre_names(app),
        songs=app.library.songs.names(account_id, unliked),
        playlists=_names_of_others(app, account_id),
        families=_family_names(app),
        colours=_colours(app),
        today=app.now().astimezone().date(),
    )
    return plan_playlists(songs, rules, managed, names)


def plan_of_songs(app: Services, track_ids: Collection[str], name: str) -> Plan:
    """A plan that makes one playlist of these liked songs; the rules leave it alone from then on.

    Raises:
        LibraryError: Nothing was synced yet.
        PlaylistsError: It cannot be made, or is there already.
        UnfinishedRunError: A run was stopped on the way.
    """
    _refuse_unfinished(app)
    account_id = current_account(app).account_id
    rules = current_rules(app)
    plan = plan_chosen(liked_songs(app, account_id), frozenset(track_ids), name, rules, _colours(app))
    if any(one.genre == plan.changes[0].genre and one.exists for one in _managed(app)):
        hint = "Give this one another name, or choose other songs."
        raise PlaylistsError(f"You made {plan.changes[0].name!r} of exactly these songs already.", hint=hint)
    return plan


def fresh_plan(app: Services, rules: Rules) -> Plan:
    """The plan as if there were no playlists yet: what the rules alone ask for.

    Raises:
        LibraryError: Nothing was synced yet.
        GenresError: A chosen genre does not exist.
    """
    account_id = current_account(app).account_id
    return plan_playlists(candidates(app, account_id, rules), rules, (), KnownNames(genre_names(app)))


def apply_plan(app: Services, plan: Plan, progress: Progress = silent, *, keep_rules: bool = True) -> ApplyResult:
    """Writes exactly this plan and keeps its rules; makes no call when the plan is empty.

    Args:
        app: What to work with.
        plan: The plan.
        progress: Is told of each playlist.
        keep_rules: `False` when whoever asks has kept them already: rules saved meanwhile are newer, and stay.

    Raises:
        StalePlanError: The playlists were changed since the account was read; nothing is written.
        ChangedMeanwhileError: Some were on the way: they stay as they are, and `resume_run` goes on with the others.
        UnfinishedRunError: A run was stopped on the way.
        InUseError: Another process works with the account.
    """
    with working_alone(app):
        _refuse_unfinished(app)
        _refuse_made(app, plan)
        around = None if plan.is_empty else _surroundings(app)
        heads = refuse_stale(plan, around.account) if around else {}
        if keep_rules:
            save_rules(app, plan.rules)
        if around is None:
            return _result(app, None)
        model_version = app.library.genres.model_version(current_account(app).account_id)
        return _result(app, apply_new(plan, heads, model_version, around, progress))


def unfinished_run(app: Services) -> Run | None:
    """The run that was stopped on the way, if there is one."""
    return next((run for run in history(app) if run.is_unfinished), None)


def resume_run(app: Services, progress: Progress = silent) -> ApplyResult:
    """Writes what is missing of the run that was stopped on the way.

    Raises:
        PlaylistsError: There is none, or it was being undone.
        ChangedMeanwhileError: Somebody changed playlists since: as `apply_plan` has it.
        InUseError: Another process works with the account; perhaps that is the run.
    """
    with working_alone(app):
        run = unfinished_run(app)
        if run is None:
            raise PlaylistsError("No run was stopped on the way.")
        if run.state == "undoing":
            raise PlaylistsError(f"Run {run.run_id} was being undone.", hint="Undo it again to go on.")
        return _result(app, resume(run, _surroundings(app), progress))


@dataclass(frozen=True, slots=True)
class UndoOutlook:
    """What taking a run back would come to.

    Attributes:
        result: What would be done.
        seen: What the run wrote, as it was read for this.
    """

    result: UndoResult
    seen: tuple[Seen, ...]


def look_at_undo(app: Services, run_id: int | None = None) -> UndoOutlook:
    """Says what taking the newest run back would come to; nothing is written.

    Raises:
        PlaylistsError: As `undo_run` has it.
    """
    run = newest_undoable(history(app), run_id)
    seen = look(run, _surroundings(app))
    return UndoOutlook(_undo_result(run, foresee(seen)), seen)


def undo_run(
    app: Services, run_id: int | None = None, progress: Progress = silent, *, seen: tuple[Seen, ...] | None = None
) -> UndoResult:
    """Takes the newest run back, finished or not; with `run_id`, makes sure that it is that one.

    Args:
        app: What to work with.
        run_id: The run, `None` for whichever is the newest.
        progress: Is told of each playlist.
        seen: What it wrote, as `look_at_undo` read it a moment ago; otherwise it is read now.

    Raises:
        PlaylistsError: There is nothing to undo, or the newest run is another one.
        InUseError: Another process works with the account.
    """
    with working_alone(app):
        run = newest_undoable(history(app), run_id)
        around = _surroundings(app)
        return _undo_result(run, undo(run, look(run, around) if seen is None else seen, around, progress))


def _undo_result(run: Run, undone: Undone) -> UndoResult:
    return UndoResult(run.run_id, tuple(undone.deleted), tuple(undone.restored), tuple(undone.kept))


def history(app: Services) -> tuple[Run, ...]:
    """Every run, newest first."""
    account = app.library.accounts.latest()
    return () if account is None else app.library.runs(account.account_id).all()


def managed_playlists(app: Services) -> tuple[AppliedPlaylist, ...]:
    """Every playlist this program made, as last seen, in the order of the taxonomy; those of chosen songs come last."""
    return _result(app, None).playlists


def left_playlists(app: Services, genres: Collection[str]) -> tuple[AppliedPlaylist, ...]:
    """The playlists that rules once made and do nothing with any more, since only these genres get one.

    Args:
        app: The application.
        genres: Those that the rules choose, or those that can be chosen at all (`shown_genres`).
    """
    made = managed_playlists(app)
    return tuple(one for one in made if one.genre not in genres and not is_chosen(one.genre))


def _refuse_unfinished(app: Services) -> None:
    run = unfinished_run(app)
    if run is not None:
        raise UnfinishedRunError(run.run_id)


def _refuse_made(app: Services, plan: Plan) -> None:
    made = {playlist.genre: playlist.name for playlist in _managed(app) if playlist.exists}
    for change in plan.changes:
        if change.kind == "create" and change.genre in made:
            raise StalePlanError(
                f"The playlist {made[change.genre]!r} was made since the plan was: nothing was written.",
                hint="Look at the new plan.",
            )


def _managed(app: Services) -> tuple[ManagedPlaylist, ...]:
    account = app.library.accounts.latest()
    return () if account is None else app.library.playlists.managed(account.account_id)


def _look_at_playlists(app: Services) -> None:
    account = current_account(app)
    if account.playlists_seen:
        return
    # a plan without these names is still a plan: all that is missing is the remark that a playlist has a namesake
    with suppress(SpotifyError):
        if app.account.profile().account_id == account.account_id:
            app.library.playlists.write_seen(account.account_id, app.account.own_playlists(), ())


def _names_of_others(app: Services, account_id: str) -> tuple[str, ...]:
    """Names of the playlists that were not made here; a run's own are left out even once they are undone."""
    made = {step.playlist_id for run in history(app) for step in run.steps}
    made |= {playlist.playlist_id for playlist in app.library.playlists.managed(account_id)}
    return tuple(head.name for head in app.library.playlists.own(account_id) if head.playlist_id not in made)


def _family_names(app: Services) -> dict[str, str]:
    """The display name of the family of each genre, by the genre's slug."""
    names = genre_names(app)
    return {genre: names[app.taxonomy.family_of(genre).slug] for genre in names}


def _colours(app: Services) -> dict[str, str]:
    return {genre: app.taxonomy.family_of(genre).colour for genre in genre_names(app)}


def _surroundings(app: Services) -> Surroundings:
    known, connected = current_account(app), app.account.profile()
    if known.account_id != connected.account_id:
        raise PlaylistsError(
            f"The library is that of {known.name}, but {connected.name} is logged in: nothing was written.",
            hint="Sync first, or log in to the other account.",
        )
    app.account.check_login(writing=True)  # before a run is begun that could not go on
    return Surroundings(account=app.account, journal=app.library.runs(known.account_id), now=app.now, pause=app.pause)


def _result(app: Services, run: Run | None) -> ApplyResult:
    steps = {step.change.genre: step for step in run.steps} if run else {}
    names = genre_names(app)
    managed = {playlist.genre: playlist for playlist in _managed(app) if playlist.exists}
    order = dict.fromkeys((*steps, *names, *managed))
    playlists = tuple(_applied(managed[genre], steps.get(genre), names) for genre in order if genre in managed)
    return ApplyResult(
        run_id=run.run_id if run else None,
        created=sum(1 for playlist in playlists if playlist.change == "created"),
        changed=sum(1 for playlist in playlists if playlist.change == "changed"),
        skipped=sum(1 for step in steps.values() if step.state == "skipped"),
        added=sum(playlist.added for playlist in playlists),
        removed=sum(playlist.removed for playlist in playlists),
        playlists=playlists,
    )


def _applied(playlist: ManagedPlaylist, step: RunStep | None, names: Mapping[str, str]) -> AppliedPlaylist:
    change: Literal["created", "changed", "unchanged", "skipped"] = "unchanged"
    if step is not None:
        change = "skipped" if step.state == "skipped" else "created" if step.change.kind == "create" else "changed"
    is_written = step is not None and step.state == "done"
    return AppliedPlaylist(
        name=playlist.name,
        genre=playlist.genre,
        genre_name=_CHOSEN if is_chosen(playlist.genre) else names.get(playlist.genre, playlist.genre),
        songs=len(playlist.contents),
        url=playlist.url,
        change=change,
        added=len(step.change.adds) if step is not None and is_written else 0,
        removed=len(step.change.removes) if step is not None and is_written else 0,
    )
