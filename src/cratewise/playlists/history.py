"""Taking a run back, newest first, and keeping what a person changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cratewise.errors import PlaylistsError
from cratewise.playlists.account import BATCH, PlaylistHead
from cratewise.playlists.apply import Surroundings
from cratewise.playlists.plan import ManagedPlaylist
from cratewise.playlists.runs import Run, RunStep
from cratewise.playlists.writing import (
    Insert,
    PlaylistWriter,
    Remove,
    find_created,
    heads_with,
    remove_those_in,
    unfollow,
)
from cratewise.progress import Progress, silent

STAGE = "Taking back"


@dataclass(slots=True)
class Undone:
    """What taking a run back came to.

    Attributes:
        deleted: Names of the playlists the run had created.
        restored: Names of the playlists that are as before.
        kept: What stays because a person changed it since, one sentence each.
    """

    deleted: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def newest_undoable(runs: tuple[Run, ...], run_id: int | None = None) -> Run:
    """The newest run that is not undone yet.

    Args:
        runs: Every run, newest first.
        run_id: The run it has to be, `None` for whichever it is.

    Raises:
        PlaylistsError: There is none, or it is another one than `run_id`.
    """
    newest = next((run for run in runs if run.state != "undone"), None)
    if newest is None:
        raise PlaylistsError("There is nothing to undo.")
    if run_id is None or run_id == newest.run_id:
        return newest
    if run_id not in {run.run_id for run in runs}:
        raise PlaylistsError(f"There is no run {run_id}.", hint="`cratewise history` lists them.")
    if run_id < newest.run_id and any(run.run_id == run_id and run.state != "undone" for run in runs):
        hint = f"Runs are undone newest first: undo run {newest.run_id} before."
        raise PlaylistsError(f"Run {run_id} is not the newest.", hint=hint)
    raise PlaylistsError(f"Run {run_id} is undone already.")


def undo(run: Run, seen: Mapping[str, ManagedPlaylist], around: Surroundings, progress: Progress = silent) -> Undone:
    """Brings the playlists back to what they were before the run. Can be stopped and called again.

    Args:
        run: The run, finished or stopped on the way.
        seen: The managed playlists as last seen, by id; they are read anew only where their snapshot differs.
        around: What to work with.
        progress: Is told of each playlist.
    """
    around.journal.close(run.run_id, "undoing", around.now())
    steps = [step for step in reversed(run.steps) if step.state in ("doing", "done")]
    written = {step.playlist_id for step in steps if step.playlist_id is not None}
    undoing = _Undoing(run.run_id, heads_with(around.account, written, around.pause), seen, around, Undone())
    for number, step in enumerate(steps):
        progress(STAGE, number, len(steps))
        undoing.step(step)
    progress(STAGE, len(steps), len(steps))
    around.journal.close(run.run_id, "undone", around.now())
    return undoing.outcome


@dataclass(frozen=True, slots=True)
class _Undoing:
    run_id: int
    heads: Mapping[str, PlaylistHead]
    seen: Mapping[str, ManagedPlaylist]
    around: Surroundings
    outcome: Undone

    def step(self, step: RunStep) -> None:
        change = step.change
        head = self._head(step)
        step = replace(step, state="undone")
        if head is None:
            if change.kind == "update":
                self.outcome.kept.append(f"{change.name}: you deleted it, so it stays deleted.")
                self.around.journal.write_step(self.run_id, step)
            else:
                self.around.journal.forget_playlist(self.run_id, step)
            return
        contents = self._contents(head)
        added = {song.uri for song in change.adds}
        if change.kind == "create" and all(uri in added for uri in contents):
            unfollow(self.around.account, head.playlist_id, self.around.pause)
            self.around.journal.forget_playlist(self.run_id, step)
            self.outcome.deleted.append(head.name)
        else:
            self._rewrite(step, head, contents)

    def _head(self, step: RunStep) -> PlaylistHead | None:
        if step.playlist_id is not None:
            return self.heads.get(step.playlist_id)
        return find_created(self.around.account, step.change.name, step.namesakes, self.around.pause)

    def _contents(self, head: PlaylistHead) -> tuple[str | None, ...]:
        last = self.seen.get(head.playlist_id)
        if last is not None and last.snapshot_id == head.snapshot_id and len(last.contents) == head.total:
            return last.contents
        return self.around.account.contents(head.playlist_id)

    def _rewrite(self, step: RunStep, head: PlaylistHead, contents: tuple[str | None, ...]) -> None:
        change = step.change
        writer = PlaylistWriter(self.around.account, head.playlist_id, contents, head.snapshot_id, self.around.pause)
        writer.write(lambda now: _next_write(step, now))
        if change.kind == "create":
            self.outcome.kept.append(f"{head.name}: it stays, with what you put in ({len(writer.contents)} entries).")
        elif writer.contents == change.before:
            self.outcome.restored.append(head.name)
        else:
            self.outcome.kept.append(f"{head.name}: what you put in, took out or moved since stays so.")
        playlist = ManagedPlaylist(
            playlist_id=head.playlist_id,
            genre=change.genre,
            name=head.name,
            ours=change.ours_before,
            contents=writer.contents,
            snapshot_id=writer.snapshot_id,
            url=head.url,
        )
        self.around.journal.write_step(self.run_id, step, playlist)


def _next_write(step: RunStep, contents: tuple[str | None, ...]) -> Insert | Remove | None:
    removed = {song.uri for song in step.change.removes}
    added = {song.uri for song in step.change.adds}
    return next_insert(step.change.before, removed, contents) or remove_those_in(contents, added)


def next_insert(before: tuple[str | None, ...], removed: set[str], contents: tuple[str | None, ...]) -> Insert | None:
    """The first stretch of removed songs to put back, behind the entry it stood behind.

    What a person put in stays where it is, and what they took out leaves no gap.
    """
    held = set(contents)
    missing = removed - held
    stretch: list[str] = []
    place = 0
    for uri in before:
        if uri is not None and uri in missing:
            stretch.append(uri)
        elif stretch:
            break
        elif uri in held:
            place = next((at for at in range(place, len(contents)) if contents[at] == uri), place - 1) + 1
    return Insert(tuple(stretch[:BATCH]), place) if stretch else None
