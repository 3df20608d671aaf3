"""Planning, applying and undoing the genre playlists."""

from cratewise.errors import PlaylistsError
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.playlists.runs import Run
from cratewise.progress import Progress, silent
from cratewise.workflows.services import Services
from cratewise.workflows.values import AppliedPlaylist, ApplyResult, UndoResult


class UnfinishedRunError(PlaylistsError):
    """A run was stopped on the way and has to be resumed (or undone) before anything else is planned.

    Attributes:
        run_id: Its number.
    """

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} was stopped on the way.", hint="Resume it or undo it first.")
        self.run_id = run_id


def default_rules(app: Services) -> Rules:
    """A playlist for every family, as one click makes them."""
    raise NotImplementedError


def current_rules(app: Services) -> Rules:
    """The rules the person saved last, else the default ones."""
    raise NotImplementedError


def save_rules(app: Services, rules: Rules) -> None:
    """Keeps the rules for the account."""
    raise NotImplementedError


def make_plan(app: Services, rules: Rules) -> Plan:
    """The changes that bring the playlists to what the rules ask for. Makes no call: it uses what sync has read.

    Raises:
        UnfinishedRunError: A run was stopped on the way.
    """
    raise NotImplementedError


def apply_plan(app: Services, plan: Plan, progress: Progress = silent) -> ApplyResult:
    """Writes exactly this plan; saves its rules; does nothing when the plan is empty.

    Raises:
        PlaylistsError: The plan is stale: the playlists were changed since the account was read (nothing is written).
    """
    raise NotImplementedError


def unfinished_run(app: Services) -> Run | None:
    """The run that was stopped on the way, if there is one."""
    raise NotImplementedError


def resume_run(app: Services, progress: Progress = silent) -> ApplyResult:
    """Writes what is missing of the run that was stopped on the way."""
    raise NotImplementedError


def undo_run(app: Services, run_id: int | None = None, progress: Progress = silent) -> UndoResult:
    """Takes the newest run back; with `run_id`, makes sure that it is that one."""
    raise NotImplementedError


def history(app: Services) -> tuple[Run, ...]:
    """Every run, newest first."""
    raise NotImplementedError


def managed_playlists(app: Services) -> tuple[AppliedPlaylist, ...]:
    """Every playlist this program looks after, as last seen, in the order of the taxonomy."""
    raise NotImplementedError
