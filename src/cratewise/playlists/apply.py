"""Applying a plan: the fewest calls, each step recorded before and after, so that a stopped run can go on.

Songs are put in before any are taken out, so no playlist is emptied on the way. Each step is recorded as being done
before its first call; a run that was stopped looks at the playlists of such steps before it sends anything again.
Before each step the playlist must still be as the plan saw it, since a person may change it while a long run goes on:
then it is left as it is, and the run stops, for the person to say whether the others are still wanted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cratewise.errors import CratewiseError, PlaylistsError
from cratewise.playlists.account import BATCH, PlaylistAccount, PlaylistHead, UncertainWriteError
from cratewise.playlists.cover import draw_cover
from cratewise.playlists.plan import ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.runs import Journal, Run, RunStep
from cratewise.playlists.writing import (
    MAX_UNCERTAIN_WRITES,
    PlaylistWriter,
    find_created,
    heads_with,
    remove_those_in,
)
from cratewise.progress import Progress, silent

STAGE = "Writing playlists"


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


def refuse_stale(plan: Plan, account: PlaylistAccount) -> dict[str, PlaylistHead]:
    """Makes sure that the playlists are as the plan saw them; returns the account's own playlists by id.

    Raises:
        StalePlanError: A playlist was changed or deleted since.
    """
    heads = {head.playlist_id: head for head in account.own_playlists()}
    for change in plan.changes:
        if change.playlist_id is None:
            continue
        if (trouble := _trouble(change, heads.get(change.playlist_id), account)) is not None:
            raise StalePlanError(trouble, hint="Sync, and look at the new plan.")
    return heads


def apply_new(
    plan: Plan,
    heads: Mapping[str, PlaylistHead],
    model_version: str,
    around: Surroundings,
    progress: Progress = silent,
) -> Run:
    """Opens a run for a plan, and carries it out.

    Args:
        plan: The plan.
        heads: The account's own playlists by id, as `refuse_stale` has just seen them.
        model_version: Version of the classifier that named the genres.
        around: What to work with.
        progress: Is told of each playlist.

    Raises:
        ChangedMeanwhileError: A playlist was changed on the way, and others are still to be written.
    """
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
    """Whether the playlists that are to be changed are still as the plan saw them."""

    def __init__(
        self, changes: Sequence[PlaylistChange], around: Surroundings, heads: Mapping[str, PlaylistHead]
    ) -> None:
        self._account = around.account
        self._heads = {change.playlist_id: heads.get(change.playlist_id) for change in changes if change.playlist_id}
        self._is_fresh = True

    def trouble(self, change: PlaylistChange) -> str | None:
        """Why `change` can't be made any more; `None` when it can. After the first, it asks for each playlist anew."""
        if change.playlist_id is None:
            return None
        head = self._heads[change.playlist_id]
        if head is not None and not self._is_fresh:
            head = replace(head, snapshot_id=self._account.snapshot(change.playlist_id))
        self._is_fresh = False
        return _trouble(change, head, self._account)


def _skipped(run: Run, step: RunStep, around: Surroundings) -> RunStep:
    step = replace(step, state="skipped")
    around.journal.write_step(run.run_id, step)
    return step


def _trouble(change: PlaylistChange, head: PlaylistHead | None, account: PlaylistAccount) -> str | None:
    if head is None:
        return f"The playlist {change.name!r} was deleted since the plan was made."
    if head.snapshot_id != change.snapshot_id and account.contents(head.playlist_id) != change.before:
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
        head = _create(run, step, around, was_begun=was_begun)
        step = replace(step, playlist_id=head.playlist_id, url=head.url)
        around.journal.write_step(run.run_id, step)
        contents, snapshot_id = (), head.snapshot_id
    elif was_begun:
        contents, snapshot_id = around.account.contents(step.playlist_id), ""
    playlist_id = step.playlist_id or ""
    if change.cover is not None and not contents:  # before the songs, whose answers name the snapshot that counts
        around.account.change_cover(playlist_id, draw_cover(change.cover))
    writer = PlaylistWriter(around.account, playlist_id, contents, snapshot_id, around.pause)
    step = _put_in(run, step, writer, around, was_begun=was_begun)
    added, removed = {song.uri for song in change.adds}, {song.uri for song in change.removes}
    writer.write(lambda contents: remove_those_in(contents, removed))
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


def _put_in(run: Run, step: RunStep, writer: PlaylistWriter, around: Surroundings, *, was_begun: bool) -> RunStep:
    """Puts the songs in, batch by batch, and records each but the last, whose step is recorded as a whole."""
    uris = [song.uri for song in step.change.adds]
    for start in range(step.n_sent, len(uris), BATCH):
        if start > step.n_sent:
            step = replace(step, n_sent=start)
            around.journal.write_step(run.run_id, step)
            was_begun = False
        on_top = len(set(writer.contents) & set(uris[:start]))
        position = None if step.change.kind == "create" else on_top
        writer.insert(uris[start : start + BATCH], position, perhaps_sent=was_begun)
    return step


def _create(run: Run, step: RunStep, around: Surroundings, *, was_begun: bool) -> PlaylistHead:
    """Makes the playlist, or finds the one that was made when an answer was lost."""
    if was_begun and (head := _found(step, around)) is not None:
        return head
    for _ in range(MAX_UNCERTAIN_WRITES):
        try:
            return _ask_for(run, step, around)
        except UncertainWriteError:
            if (head := _found(step, around)) is not None:
                return head
    return _ask_for(run, step, around)


def _ask_for(run: Run, step: RunStep, around: Surroundings) -> PlaylistHead:
    """Asks for the playlist; where that is surely refused, the step is as if it was never begun."""
    change = step.change
    try:
        return around.account.create(change.name, change.description, public=change.public)
    except UncertainWriteError:
        raise
    except CratewiseError:
        around.journal.write_step(run.run_id, replace(step, state="planned"))
        raise


def _found(step: RunStep, around: Surroundings) -> PlaylistHead | None:
    change = step.change
    return find_created(around.account, change.name, change.description, step.namesakes, around.pause)
