"""Applying a plan: the fewest calls, each step recorded before and after, so that a stopped run can go on.

Songs are put in before any are taken out, so no playlist is emptied on the way. Each step is recorded as being done
before its first call; a run that was stopped looks at the playlists of such steps before it sends anything again.
Before each step the playlist must still be as the plan saw it, since a person may change it while a long run goes on:
then it is left as it is, and the run stops, for the person to say whether the others are still wanted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cratewise.errors import PlaylistsError
from cratewise.playlists.account import BATCH, PlaylistAccount, PlaylistHead, UncertainWriteError
from cratewise.playlists.cover import draw_cover
from cratewise.playlists.plan import ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.runs import Journal, Run, RunStep
from cratewise.playlists.writing import (
    MAX_UNCERTAIN_WRITES,
    Insert,
    PlaylistWriter,
    Remove,
    find_created,
    heads_with,
    remove_those_in,
)
from cratewise.progress import Progress, silent

STAGE = "Writing playlists"

FRESH_S = 5.0
"""How long a look at the account's playlists counts: one call covers the steps of so many seconds."""


class StalePlanError(PlaylistsError):
    """The account is not as it was when the plan was made; nothing was written."""


class ChangedMeanwhileError(PlaylistsError):
    """Playlists were changed after the plan was made: they are left as they are, and the run stopped before the others.

    Attributes:
        run_id: The run that goes on once it is resumed.
    """

    def __init__(self, run_id: int, troubles: Sequence[str]) -> None:
        left = "It stays as it is." if len(troubles) == 1 else "They stay as they are."
        hint = "Apply again to go on with the others, or undo what was written."
        super().__init__(f"{' '.join(troubles)} {left}", hint=hint)
        self.run_id = run_id


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What applying and undoing work with.

    Attributes:
        account: Where the playlists are.
        journal: Where each step is recorded.
        now: The clock (UTC).
        pause: Waits for so many seconds.
    """

    account: PlaylistAccount
    journal: Journal
    now: Callable[[], datetime]
    pause: Callable[[float], None]


def apply_new(plan: Plan, model_version: str, around: Surroundings, progress: Progress = silent) -> Run:
    """Checks that the playlists are as the plan saw them, opens a run, and carries it out.

    Raises:
        StalePlanError: A playlist was changed or deleted since; nothing was written.
        ChangedMeanwhileError: One was on the way, and others are still to be written.
    """
    heads = {head.playlist_id: head for head in around.account.own_playlists()}
    for change in plan.changes:
        if (trouble := _trouble(change, heads, around.account)) is not None:
            raise StalePlanError(trouble, hint="Sync, and look at the new plan.")
    namesakes = {
        position: tuple(head.playlist_id for head in heads.values() if head.name == change.name)
        for position, change in enumerate(plan.changes)
        if change.kind == "create"
    }
    look = _Look(plan.changes, around, heads)
    run = around.journal.begin(plan, model_version, around.now(), namesakes)
    return _carry_out(run, look, around, progress)


def resume(run: Run, around: Surroundings, progress: Progress = silent) -> Run:
    """Carries out what is missing of a run that was stopped.

    Raises:
        ChangedMeanwhileError: A playlist was changed since, and others are still to be written.
    """
    begun = {step.playlist_id for step in run.steps if step.state == "doing" and step.playlist_id is not None}
    heads = heads_with(around.account, begun, around.pause)
    gone = {playlist_id for playlist_id in begun if playlist_id not in heads}
    steps = tuple(
        _skipped(run, step, around) if step.state == "doing" and step.playlist_id in gone else step
        for step in run.steps
    )
    look = _Look([step.change for step in steps], around, heads)
    return _carry_out(replace(run, steps=steps), look, around, progress)


class _Look:
    """The heads of the playlists that are to be changed, as they stood a moment ago."""

    def __init__(
        self, changes: Sequence[PlaylistChange], around: Surroundings, heads: Mapping[str, PlaylistHead]
    ) -> None:
        self._wanted = {change.playlist_id for change in changes if change.playlist_id is not None}
        self._around = around
        self._heads = heads
        self._looked_at = around.now()

    def trouble(self, change: PlaylistChange) -> str | None:
        """Why `change` can't be made any more; `None` when it can."""
        if change.playlist_id is None:
            return None
        if self._around.now() - self._looked_at > timedelta(seconds=FRESH_S):
            self._heads = {head.playlist_id: head for head in self._around.account.own_playlists(self._wanted)}
            self._looked_at = self._around.now()
        return _trouble(change, self._heads, self._around.account)


def _skipped(run: Run, step: RunStep, around: Surroundings) -> RunStep:
    step = replace(step, state="skipped")
    around.journal.write_step(run.run_id, step)
    return step


def _trouble(change: PlaylistChange, heads: Mapping[str, PlaylistHead], account: PlaylistAccount) -> str | None:
    if change.playlist_id is None:
        return None
    head = heads.get(change.playlist_id)
    if head is None:
        return f"The playlist {change.name!r} was deleted since the plan was made."
    if head.snapshot_id != change.snapshot_id and account.contents(change.playlist_id) != change.before:
        return f"The playlist {change.name!r} was changed since the plan was made."
    return None


def _carry_out(run: Run, look: _Look, around: Surroundings, progress: Progress) -> Run:
    steps = list(run.steps)
    for number, step in enumerate(steps):
        progress(STAGE, number, len(steps))
        if step.state == "planned" and look.trouble(step.change) is not None:
            _leave_changed(run, steps, look, around)
        elif step.state in ("planned", "doing"):
            steps[number] = _carry_out_step(run, step, around)
    progress(STAGE, len(steps), len(steps))
    finished_at = around.now()
    around.journal.close(run.run_id, "done", finished_at)
    return replace(run, state="done", finished_at=finished_at, steps=tuple(steps))


def _leave_changed(run: Run, steps: list[RunStep], look: _Look, around: Surroundings) -> None:
    """Marks every playlist that was changed meanwhile as skipped; stops where others are still to be written."""
    troubles = []
    for number, step in enumerate(steps):
        if step.state == "planned" and (trouble := look.trouble(step.change)) is not None:
            troubles.append(trouble)
            steps[number] = _skipped(run, step, around)
    if any(step.state in ("planned", "doing") for step in steps):
        raise ChangedMeanwhileError(run.run_id, troubles)


def _carry_out_step(run: Run, step: RunStep, around: Surroundings) -> RunStep:
    change = step.change
    was_begun = step.state == "doing"
    if not was_begun:
        step = replace(step, state="doing", playlist_id=change.playlist_id)
        around.journal.write_step(run.run_id, step)
    contents, snapshot_id = change.before, change.snapshot_id
    if step.playlist_id is None:
        head = _create(step, around, was_begun=was_begun)
        step = replace(step, playlist_id=head.playlist_id, url=head.url)
        around.journal.write_step(run.run_id, step)
        contents, snapshot_id = (), head.snapshot_id
    elif was_begun:
        contents, snapshot_id = around.account.contents(step.playlist_id), ""
    playlist_id = step.playlist_id or ""
    if change.cover is not None and not contents:  # before the songs, whose answers name the snapshot that counts
        around.account.change_cover(playlist_id, draw_cover(change.cover))
    writer = PlaylistWriter(around.account, playlist_id, contents, snapshot_id, around.pause)
    writer.write(lambda contents: _next_write(change, contents))
    added, removed = {song.uri for song in change.adds}, {song.uri for song in change.removes}
    step = replace(step, state="done", after=writer.contents)
    playlist = ManagedPlaylist(
        playlist_id=playlist_id,
        genre=change.genre,
        name=change.name,
        ours=(change.ours_before | added) - removed,
        contents=writer.contents,
        snapshot_id=writer.snapshot_id,
        url=step.url,
    )
    around.journal.write_step(run.run_id, step, playlist)
    return step


def _next_write(change: PlaylistChange, contents: tuple[str | None, ...]) -> Insert | Remove | None:
    held = set(contents)
    missing = [song.uri for song in change.adds if song.uri not in held]
    if missing:
        on_top = len(change.adds) - len(missing)
        return Insert(tuple(missing[:BATCH]), None if change.kind == "create" else on_top)
    return remove_those_in(contents, {song.uri for song in change.removes})


def _create(step: RunStep, around: Surroundings, *, was_begun: bool) -> PlaylistHead:
    change = step.change
    if was_begun and (head := find_created(around.account, change.name, step.namesakes, around.pause)) is not None:
        return head
    for _ in range(MAX_UNCERTAIN_WRITES):
        try:
            return around.account.create(change.name, change.description, public=change.public)
        except UncertainWriteError:
            head = find_created(around.account, change.name, step.namesakes, around.pause)
            if head is not None:
                return head
    return around.account.create(change.name, change.description, public=change.public)
