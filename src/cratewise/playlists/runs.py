"""What was done, when, and with which rules: the values of the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cratewise.playlists.chosen import is_chosen
from cratewise.playlists.plan import ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.rules import Rules

StepState = Literal["planned", "doing", "done", "skipped", "undone"]
RunState = Literal["applying", "done", "undoing", "undone"]


@dataclass(frozen=True, slots=True)
class RunStep:
    """One playlist's part of a run.

    Attributes:
        position: Place in the run, from 0.
        state: How far it is; "skipped" when somebody changed the playlist after the plan was made.
        change: What was planned.
        playlist_id: Spotify's id, once it is known.
        url: Address of the playlist's page, empty when unknown.
        after: URIs of the contents when the step was done.
        namesakes: Ids of the playlists that had the name of a playlist to be created before it was.
        n_sent: How many of the songs to put in were surely sent; a batch more may have been.
    """

    position: int
    state: StepState
    change: PlaylistChange
    playlist_id: str | None = None
    url: str = ""
    after: tuple[str | None, ...] = ()
    namesakes: tuple[str, ...] = ()
    n_sent: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One applied plan.

    Attributes:
        run_id: Number, counting up.
        plan_id: Of the plan it applies.
        state: "applying" or "undoing" when it is under way or was stopped, else "done" or "undone".
        started_at: When it began (UTC).
        finished_at: When it was done or undone (UTC), `None` until then.
        rules: The rules the plan was made with.
        model_version: Version of the classifier that named the genres.
        steps: One for each changed playlist.
    """

    run_id: int
    plan_id: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    rules: Rules
    model_version: str
    steps: tuple[RunStep, ...]

    @property
    def is_unfinished(self) -> bool:
        """True when it was stopped on the way, or is under way."""
        return self.state in ("applying", "undoing")

    @property
    def is_of_chosen_songs(self) -> bool:
        """Whether it made only playlists whose songs a person chose one by one."""
        return all(is_chosen(step.change.genre) for step in self.steps)


class Journal(Protocol):
    """Where runs are recorded, each call at once and for good, so that a stopped run can go on."""

    def begin(
        self, plan: Plan, model_version: str, started_at: datetime, namesakes: Mapping[int, tuple[str, ...]]
    ) -> Run:
        """Opens a run with all its steps planned; `namesakes` by the step's position."""

    def write_step(self, run_id: int, step: RunStep, playlist: ManagedPlaylist | None = None) -> None:
        """Records how far a step is and, in the same moment, how the playlist stands now."""

    def forget_playlist(self, run_id: int, step: RunStep) -> None:
        """Records a step and, in the same moment, that its playlist is looked after no more."""

    def close(self, run_id: int, state: RunState, at: datetime) -> None:
        """Records how far the run as a whole is."""
