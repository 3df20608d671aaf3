"""Somebody changes a playlist while a run goes on: it stays as it is, and whether the others are wanted is asked."""

from contextlib import nullcontext

import pytest
import typer
from typer.testing import CliRunner

from cratewise import workflows
from cratewise.cli import playlists
from cratewise.playlists.apply import ChangedMeanwhileError
from cratewise.playlists.plan import Plan

THEIRS = "spotify:track:theirs"


@pytest.fixture
def changing(world, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan of a run during which, while hip-hop is written, somebody puts a song into jazz; metal is the third."""
    genres = ("hip-hop", "jazz", "metal")
    for number, genre in enumerate(genres):
        world.like(number, f"{genre} 0.9")
    world.apply()
    jazz = world.contents("jazz")[0]
    for number, genre in enumerate(genres):
        world.like(10 + number, f"{genre} 0.9")
    plan = world.plan()
    write = world.account.add

    def add_slowly(playlist_id: str, uris: list[str], position: int | None = None) -> str:
        for _ in range(10):  # seconds
            world.app.now()
        if playlist_id == world.playlist("hip-hop"):
            world.account.edit(world.playlist("jazz"), [THEIRS, jazz])
        return write(playlist_id, uris, position)

    monkeypatch.setattr(world.account, "add", add_slowly)
    return plan


def test_the_run_stops_before_the_others(world, changing: Plan) -> None:
    """What was changed is left, and the rest waits; going on writes it, and the result says what was left."""
    with pytest.raises(ChangedMeanwhileError, match="It stays as it is") as stopped:
        workflows.apply_plan(world.app, changing)
    run = workflows.unfinished_run(world.app)
    assert run is not None
    assert stopped.value.run_id == run.run_id
    assert [step.state for step in run.steps] == ["done", "skipped", "planned"]
    assert len(world.contents("metal")) == 1
    result = workflows.resume_run(world.app)
    assert (result.changed, result.skipped) == (2, 1)
    assert [len(world.contents(genre)) for genre in ("hip-hop", "jazz", "metal")] == [2, 2, 2]
    assert world.contents("jazz")[0] == THEIRS


def test_it_can_be_taken_back_instead(world, changing: Plan) -> None:
    """Then all is as it was, but for what the person did."""
    with pytest.raises(ChangedMeanwhileError):
        workflows.apply_plan(world.app, changing)
    workflows.undo_run(world.app)
    assert [len(world.contents(genre)) for genre in ("hip-hop", "jazz", "metal")] == [1, 2, 1]


def test_unattended_it_goes_on(world, changing: Plan) -> None:
    """Nobody is there to be asked; what was changed meanwhile is read and written by the next run."""
    applied = workflows.keep_current(world.app).applied
    assert applied is not None
    assert (applied.changed, applied.skipped) == (2, 1)
    assert workflows.unfinished_run(world.app) is None
    workflows.keep_current(world.app)
    assert len(world.contents("jazz")) == 3


@pytest.mark.parametrize(("answer", "n_metal"), [("y", 2), ("n", 1)])
def test_the_terminal_asks(world, changing: Plan, monkeypatch: pytest.MonkeyPatch, answer: str, n_metal: int) -> None:
    """A yes goes on, a no leaves the run to be gone on with or undone, and says so."""
    monkeypatch.setattr(playlists, "opened", lambda _: nullcontext(world.app))
    app = typer.Typer()
    playlists.register(app)
    ran = CliRunner().invoke(app, ["apply"], input=f"y\n{answer}\n")
    assert "'Jazz · liked' was changed since the plan was made. It stays as it is." in " ".join(ran.stdout.split())
    assert "Go on with the other playlists?" in ran.stdout
    assert len(world.contents("metal")) == n_metal
    assert isinstance(ran.exception, ChangedMeanwhileError) == (answer == "n")
    assert (workflows.unfinished_run(world.app) is None) == (answer == "y")


def test_with_yes_nothing_is_asked(world, changing: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result says what was left."""
    monkeypatch.setattr(playlists, "opened", lambda _: nullcontext(world.app))
    app = typer.Typer()
    playlists.register(app)
    ran = CliRunner().invoke(app, ["apply", "--yes"], catch_exceptions=False)
    assert "1 skipped because somebody changed them" in ran.stdout
    assert len(world.contents("metal")) == 2
