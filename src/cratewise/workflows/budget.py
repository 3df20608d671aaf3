"""What a run costs in calls, and a word of warning before one that Spotify would stop on the way."""

from math import ceil

from cratewise.playlists.plan import Plan, PlaylistChange
from cratewise.playlists.runs import Run, RunStep
from cratewise.workflows.services import Services

PAGE = 50
"""Entries that one call reads."""
_LEAST = 2
"""Calls of a sync that finds nothing new."""
_BESIDE = 2  # whose account it is, and its playlists: read before anything is written


def reading_calls(liked_total: int) -> int:
    """How many calls it takes to read so many liked songs for the first time."""
    return ceil(liked_total / PAGE) + 1


def sync_calls(app: Services) -> int:
    """About how many calls it takes to read the account as it is now.

    The first of them are made to know it, and no calls where even those are too many.
    """
    if app.account.budget().left < _LEAST:
        return _LEAST
    total = app.account.liked_total()
    account_id = app.account.profile().account_id
    known = app.library.accounts.find(account_id)
    if known is None or known.synced_at is None:
        return reading_calls(total - (known.liked_read if known else 0))
    new = total - known.liked_total
    pages = ceil(new / PAGE) + 1 if 0 <= known.liked_total <= total else ceil(total / PAGE)
    return 1 + pages + bool(app.library.playlists.managed(account_id))


def apply_calls(plan: Plan) -> int:
    """How many calls it takes to write a plan, where nothing goes wrong."""
    return sum(map(_change_calls, plan.changes)) + (_BESIDE if plan.changes else 0)


def resume_calls(run: Run) -> int:
    """How many calls it takes at most to write what is missing of a run."""
    return sum(_change_calls(step.change) for step in run.steps if step.state in ("planned", "doing")) + _BESIDE


def undo_calls(run: Run) -> int:
    """About how many calls it takes to take a run back: each playlist is read first."""
    return sum(map(_undo_step_calls, run.steps)) + _BESIDE


def _change_calls(change: PlaylistChange) -> int:
    """The writes of a change, and a look whether the playlist is still as the plan saw it."""
    return change.n_writes + (change.kind == "update")


def _undo_step_calls(step: RunStep) -> int:
    if step.state not in ("doing", "done"):
        return 0
    return max(1, ceil(len(step.after) / PAGE)) + (1 if step.change.kind == "create" else step.change.n_writes)


def warning(app: Services, n_calls: int) -> str:
    """What to tell somebody before a run of so many calls; empty when it is likely to end well."""
    budget = app.account.budget()
    if budget.stopped_until is not None or n_calls <= budget.left:
        return ""  # a stop says so itself, before anything is sent
    return (
        f"This takes about {n_calls:,} {'call' if n_calls == 1 else 'calls'} to Spotify, and {budget.used:,} were made "
        f"in the last 24 hours. Beyond {budget.limit:,} a day, Spotify may take no more for hours; what is done by "
        "then is kept, and it goes on from there."
    )
