"""Keeping the playlists current without a question: for cron, a timer, or a program that keeps running."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cratewise.errors import PlaylistsError
from cratewise.playlists.apply import ChangedMeanwhileError, StalePlanError
from cratewise.progress import Progress, silent
from cratewise.workflows.budget import apply_calls, sync_calls, warning
from cratewise.workflows.library import classify_library
from cratewise.workflows.ownplaylists import look_for_playlists, read_playlists
from cratewise.workflows.playlists import apply_plan, history, make_plan, resume_run, unfinished_run
from cratewise.workflows.rules import current_rules
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account, sync_library
from cratewise.workflows.values import ApplyResult, SyncResult


class OverBudgetError(PlaylistsError):
    """A run would take more calls than Spotify is likely to take, and nobody is there to be asked."""


@dataclass(frozen=True, slots=True)
class UpkeepResult:
    """What keeping the playlists current came to.

    Attributes:
        synced: What reading the account found.
        applied: What was written, `None` when there was nothing to write.
    """

    synced: SyncResult
    applied: ApplyResult | None


def keep_current(app: Services, progress: Progress = silent, *, yes: bool = False) -> UpkeepResult:
    """Goes on with a run that was stopped; then reads the account, sorts what is new, plans, and writes.

    Args:
        app: What to work with.
        progress: Is told of each stage.
        yes: Whether it may write to an account for which nothing was ever written, and take more calls than the budget
            has left.

    Raises:
        PlaylistsError: Nothing was ever written for this account, so that nobody has seen what would be; or what was
            written last is undone.
        OverBudgetError: It would take too many calls.
        InUseError: Another process works with the account.
        LoginRequired: Nobody is logged in, or writing was not allowed.
        QuotaExceeded: Spotify takes no calls now.
    """
    busy = "Another cratewise is keeping these playlists current right now."
    with app.alone("upkeep", busy, "It does the same: there is nothing to do here."):
        app.account.check_quota()
        app.account.check_login(writing=True)
        if (stopped := unfinished_run(app)) is not None and stopped.state == "applying":
            _undisturbed(app, lambda: resume_run(app, progress), progress)
        _check_budget(app, sync_calls(app), yes=yes)
        synced = sync_library(app, progress)
        classify_library(app, progress)
        _read_sources(app, progress, yes=yes)
        if not yes:
            refuse_unseen(app)
        try:
            return UpkeepResult(synced, _written(app, progress, yes=yes))
        except StalePlanError:  # somebody changed a playlist just now: once more, from what it is now
            synced = sync_library(app, progress)
            return UpkeepResult(synced, _written(app, progress, yes=yes))


def refuse_unseen(app: Services) -> None:
    """Makes sure that somebody has seen what would be written.

    Raises:
        LibraryError: Nothing was synced yet.
        PlaylistsError: Nothing was ever written for this account, or what was written last is undone.
    """
    hint = "Run `cratewise apply` once and look at its plan, or say --yes."
    if app.library.playlists.rules(current_account(app).account_id) is None:
        raise PlaylistsError(
            "No playlists were written for this account yet, so nobody has seen what they would be.", hint=hint
        )
    newest = next((run for run in history(app) if not run.is_of_chosen_songs), None)
    if newest is not None and newest.state == "undone":
        raise PlaylistsError(
            f"Run {newest.run_id} was undone, so nothing is written until you say what is wanted instead.", hint=hint
        )


def _read_sources(app: Services, progress: Progress, *, yes: bool) -> None:
    if not (sources := current_rules(app).sources):
        return
    found = look_for_playlists(app, sources)
    _check_budget(app, found.calls, yes=yes)
    read_playlists(app, found, progress)


def _written(app: Services, progress: Progress, *, yes: bool) -> ApplyResult | None:
    plan = make_plan(app, current_rules(app))
    if plan.is_empty:
        return None
    _check_budget(app, apply_calls(plan), yes=yes)
    return _undisturbed(app, lambda: apply_plan(app, plan, progress), progress)


def _undisturbed(app: Services, write: Callable[[], ApplyResult], progress: Progress) -> ApplyResult:
    """Goes on past playlists that somebody changed meanwhile, as nobody is there to be asked; they stay as they are."""
    while True:
        try:
            return write()
        except ChangedMeanwhileError:
            write = partial(resume_run, app, progress)


def _check_budget(app: Services, n_calls: int, *, yes: bool) -> None:
    if not yes and (said := warning(app, n_calls)):
        raise OverBudgetError(said, hint="Nothing was begun. Try again later, or say --yes.")
