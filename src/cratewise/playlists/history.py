"""Taking a run back, newest first, and keeping what a person changed since."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
from cratewise.tracks import normalised

STAGE = "Taking back"


@dataclass(slots=True)
class Undone:
    """What taking a run back comes to.

    Attributes:
        deleted: Names of the playlists the run had created, which go.
        restored: Names of the playlists that are as before.
        kept: What stays because a person changed it since, one sentence each.
    """

    deleted: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seen:
    """A playlist that a run wrote, as it stands now.

    Attributes:
        step: What the run did with it.
        head: The playlist, `None` when it is gone.
        contents: URIs of all its entries in order.
    """

    step: RunStep
    head: PlaylistHead | None = None
    contents: tuple[str | None, ...] = ()


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


def look(run: Run, around: Surroundings) -> tuple[Seen, ...]:
    """Reads what the run wrote, as it stands now, the playlist written last first."""
    steps = [step for step in reversed(run.steps) if step.state in ("doing", "done")]
    written = {step.playlist_id for step in steps if step.playlist_id is not None}
    heads = heads_with(around.account, written, around.pause)
    return tuple(_seen(step, heads, around) for step in steps)


def foresee(seen: Sequence[Seen]) -> Undone:
    """What taking back would come to, from what was read."""
    outcome = Undone()
    for one in seen:
        _tell(one, outcome)
    return outcome


def undo(run: Run, seen: Sequence[Seen], around: Surroundings, progress: Progress = silent) -> Undone:
    """Brings the playlists back to what they were before the run. Can be stopped and called again.

    Args:
        run: The run, finished or stopped on the way.
        seen: What it wrote, as `look` has just read it.
        around: What to work with.
        progress: Is told of each playlist.
    """
    around.journal.close(run.run_id, "undoing", around.now())
    outcome = Undone()
    for number, one in enumerate(seen):
        progress(STAGE, number, len(seen))
        _take_back(run, one, around)
        _tell(one, outcome)
    progress(STAGE, len(seen), len(seen))
    around.journal.close(run.run_id, "undone", around.now())
    return outcome


def _seen(step: RunStep, heads: Mapping[str, PlaylistHead], around: Surroundings) -> Seen:
    if step.playlist_id is not None:
        head = heads.get(step.playlist_id)
    else:
        change = step.change
        head = find_created(around.account, change.name, change.description, step.namesakes, around.pause)
    return Seen(step) if head is None else Seen(step, head, around.account.contents(head.playlist_id))


def _is_theirs(seen: Seen) -> bool:
    """Whether a playlist that the run made was renamed, or its songs were moved: then it is the person's as it is."""
    change, head = seen.step.change, seen.head
    if change.kind != "create" or head is None:
        return False
    if normalised(head.name) != normalised(change.name):
        return True
    place = {uri: number for number, uri in enumerate(seen.step.after)}
    places = [place[uri] for uri in seen.contents if uri in place]
    return places != sorted(places)


def _is_to_go(seen: Seen) -> bool:
    """Whether a playlist that the run made holds nothing but what the run put in."""
    added = {song.uri for song in seen.step.change.adds}
    return seen.step.change.kind == "create" and all(uri in added for uri in seen.contents)


def _tell(seen: Seen, outcome: Undone) -> None:
    head, change = seen.head, seen.step.change
    if head is None:
        if change.kind == "update":
            outcome.kept.append(f"{change.name}: you deleted it, so it stays deleted.")
    elif _is_theirs(seen):
        outcome.kept.append(f"{head.name}: it stays as it is, since you renamed it or moved its songs.")
    elif _is_to_go(seen):
        outcome.deleted.append(head.name)
    elif change.kind == "create":
        added = {song.uri for song in change.adds}
        theirs = sum(1 for uri in seen.contents if uri not in added)
        counted = "1 entry" if theirs == 1 else f"{theirs:,} entries"
        outcome.kept.append(f"{head.name}: it stays, with what you put in ({counted}).")
    elif _as_before(seen) == change.before:
        outcome.restored.append(head.name)
    else:
        outcome.kept.append(f"{head.name}: what you put in, took out or moved since stays so.")


def _take_back(run: Run, seen: Seen, around: Surroundings) -> None:
    head, change = seen.head, seen.step.change
    step = replace(seen.step, state="undone")
    if head is None and change.kind == "update":
        around.journal.write_step(run.run_id, step)
    elif head is None or _is_theirs(seen):
        around.journal.forget_playlist(run.run_id, step)
    elif _is_to_go(seen):
        unfollow(around.account, head.playlist_id, around.pause)
        around.journal.forget_playlist(run.run_id, step)
    else:
        writer = PlaylistWriter(around.account, head.playlist_id, seen.contents, head.snapshot_id, around.pause)
        writer.write(lambda now: _next_write(step, now))
        playlist = ManagedPlaylist(
            playlist_id=head.playlist_id,
            genre=change.genre,
            name=head.name,
            ours=change.ours_before,
            contents=writer.contents,
            snapshot_id=writer.snapshot_id,
            url=head.url,
        )
        around.journal.write_step(run.run_id, step, playlist)


def _as_before(seen: Seen) -> tuple[str | None, ...]:
    """What a playlist holds once a step is taken back."""
    contents = seen.contents
    while (write := _next_write(seen.step, contents)) is not None:
        contents = write.carried_out(contents)
    return contents


def _next_write(step: RunStep, contents: tuple[str | None, ...]) -> Insert | Remove | None:
    removed = {song.uri for song in step.change.removes}
    added = {song.uri for song in step.change.adds}
    return next_insert(step.change.before, removed, contents) or remove_those_in(contents, added)


def next_insert(before: tuple[str | None, ...], removed: set[str], contents: tuple[str | None, ...]) -> Insert | None:
    """The first stretch of removed songs to put back, behind the entry it stood behind, each as often as it was there.

    What a person put in stays where it is, and what they took out leaves no gap.
    """
    missing: Counter[str | None] = Counter(uri for uri in before if uri in removed)
    missing.subtract(uri for uri in contents if uri in missing)
    held = set(contents)
    stretch: list[str] = []
    place = 0
    for uri in before:
        if contents[place : place + 1] == (uri,):
            if stretch:
                break
            place += 1
        elif uri is not None and missing[uri] > 0:
            stretch.append(uri)
            missing[uri] -= 1
        elif stretch:
            break
        elif uri in held:
            place = next((at for at in range(place, len(contents)) if contents[at] == uri), place - 1) + 1
    return Insert(tuple(stretch[:BATCH]), place) if stretch else None
