"""Keeping the playlists current: read, sort, plan and write in one go, and no question."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from cratewise import workflows
from cratewise.cli import upkeep
from cratewise.cli.upkeep import interval_s, keep_current_every, keep_current_once
from cratewise.errors import CratewiseError, PlaylistsError, SpotifyError
from cratewise.exclusive import InUseError
from cratewise.spotify.errors import QuotaExceeded
from cratewise.workflows.account import Budget


def test_new_likes_go_in_and_unliked_songs_go_out(world) -> None:
    """By the rules applied last; a second time there is nothing to write."""
    old = world.like(1)
    world.apply()
    new = world.like(2)
    world.unlike(old)
    result = workflows.keep_current(world.app)
    assert (result.synced.added, result.synced.removed) == (1, 1)
    assert result.applied is not None
    assert (result.applied.added, result.applied.removed) == (1, 1)
    assert world.contents("jazz") == [new]
    world.account.writes.clear()
    assert workflows.keep_current(world.app).applied is None
    assert world.account.writes == []


def test_nothing_is_written_that_nobody_has_seen(world) -> None:
    """The first plan of an account has to be looked at, unless somebody says yes to whatever it is."""
    world.like(1)
    with pytest.raises(PlaylistsError, match="nobody has seen"):
        workflows.keep_current(world.app)
    assert world.account.writes == []
    assert workflows.history(world.app) == ()
    workflows.keep_current(world.app, yes=True)  # five songs make a playlist by default
    for number in range(2, 7):
        world.like(number)
    assert workflows.keep_current(world.app, yes=True).applied is not None


def test_a_run_that_was_stopped_is_gone_on_with_first(world) -> None:
    """And what changed since is written by a run of its own."""
    world.like(1)
    world.account.faults.extend(["", "refused"])
    assert world.is_stopped(world.plan())
    new = world.like(2)
    workflows.keep_current(world.app)
    assert [run.state for run in workflows.history(world.app)] == ["done", "done"]
    assert world.contents("jazz")[0] == new


def test_a_playlist_changed_between_reading_and_writing_is_read_again(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once more from what it is now: what the person put in stays, and nothing is refused."""
    first = world.like(1)
    world.apply()
    new = world.like(2)
    made = world.playlist("jazz")
    classify = workflows.upkeep.classify_library

    def classify_slowly(app, progress):
        world.account.edit(made, [first, "spotify:track:theirs"])
        return classify(app, progress)

    monkeypatch.setattr(workflows.upkeep, "classify_library", classify_slowly)
    assert workflows.keep_current(world.app).applied is not None
    assert world.contents("jazz") == [new, first, "spotify:track:theirs"]


def test_too_many_calls_are_not_begun(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there to be asked; yes means to go on all the same."""
    world.like(1)
    world.apply()
    world.like(2)
    monkeypatch.setattr(world.account, "budget", lambda: Budget(used=999, limit=1000))
    with pytest.raises(workflows.OverBudgetError, match="999 were made"):
        workflows.keep_current(world.app)
    assert len(world.contents("jazz")) == 1
    workflows.keep_current(world.app, yes=True)
    assert len(world.contents("jazz")) == 2


def test_two_never_run_at_once(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second says so at once, and has sent nothing."""
    world.like(1)
    world.apply()
    inside, done = threading.Event(), threading.Event()
    read = world.account.liked_songs

    def read_slowly(offset: int):
        inside.set()
        assert done.wait(10)
        return read(offset)

    monkeypatch.setattr(world.account, "liked_songs", read_slowly)
    first = threading.Thread(target=workflows.keep_current, args=(world.app,))
    first.start()
    assert inside.wait(10)
    n_reads = len(world.account.reads)
    with pytest.raises(InUseError, match="keeping these playlists current"):
        workflows.keep_current(world.app)
    assert len(world.account.reads) == n_reads
    done.set()
    first.join()


def test_it_keeps_running_whatever_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every six hours; a failure is said and tried again, and a quota stop is waited for."""
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    ends_at = clock[0] + timedelta(hours=26)
    turns: list[CratewiseError | None] = [
        SpotifyError("no network", hint="Try again."),
        QuotaExceeded(ends_at.timestamp()),
        None,
    ]
    slept: list[float] = []

    def keep_current(data_dir: Path | None, *, quiet: bool, yes: bool) -> None:
        clock[0] += timedelta(minutes=5)
        if (failure := turns.pop(0)) is not None:
            raise failure

    def pause(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += timedelta(seconds=seconds)
        if not turns:
            raise KeyboardInterrupt

    monkeypatch.setattr(upkeep, "_keep_current", keep_current)
    with pytest.raises(KeyboardInterrupt):
        keep_current_every(6 * 3600, None, quiet=True, yes=False, pause=pause, now=lambda: clock[0])
    assert slept == [6 * 3600 - 300, 20 * 3600, 6 * 3600 - 300]
    said = capsys.readouterr().err
    assert "no network. Try again." in said
    assert "takes no calls" in said


@pytest.mark.parametrize(("text", "seconds"), [("60s", 60), ("30m", 1800), ("6h", 21_600), (" 1D ", 86_400)])
def test_intervals_are_read(text: str, seconds: int) -> None:
    """Seconds to days."""
    assert interval_s(text) == seconds


@pytest.mark.parametrize("text", ["", "6", "h", "0h", "-6h", "59s", "6 hours", "1.5h", "367d", "9999999d"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    """So is less than a minute, and more than a year."""
    with pytest.raises(typer.BadParameter):
        interval_s(text)


@pytest.mark.parametrize(("quiet", "lines"), [(True, 1), (False, 2)])
def test_it_says_what_was_written(
    world, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quiet: bool, lines: int
) -> None:
    """One line a run, with the time; quietly, only where something was written. Nothing to do has its own exit code."""
    world.like(1)
    world.apply()
    world.like(2)
    monkeypatch.setattr(upkeep, "opened", _opening(world.app))
    keep_current_once(None, quiet=quiet, yes=False)
    with pytest.raises(typer.Exit) as raised:
        keep_current_once(None, quiet=quiet, yes=False)
    assert raised.value.exit_code == 3
    said = capsys.readouterr().out.splitlines()
    assert len(said) == lines
    assert said[0].endswith(
        "2 liked songs, 1 new, 0 no longer liked. Run 2: 0 playlists created, 1 changed; 1 song in, 0 out."
    )


def _opening(app) -> Callable[[Path | None], object]:
    from contextlib import nullcontext

    return lambda data_dir: nullcontext(app)
