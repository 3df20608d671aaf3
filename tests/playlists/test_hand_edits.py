"""What a person does to a playlist while it is written, while a run is stopped, or before it is taken back."""

from contextlib import nullcontext

import pytest
import typer
from typer.testing import CliRunner

from cratewise import workflows
from cratewise.cli import playlists
from cratewise.errors import PlaylistsError, SpotifyError

THEIRS = "spotify:track:theirs"


def test_each_playlist_is_looked_at_before_it_is_written(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was changed a moment ago, to as many entries as before, is left as it is."""
    for number, genre in enumerate(("hip-hop", "jazz", "metal")):
        world.like(number, f"{genre} 0.9")
    world.apply()
    for number, genre in enumerate(("hip-hop", "jazz", "metal")):
        world.like(10 + number, f"{genre} 0.9")
    plan = world.plan()
    write = world.account.add

    def add(playlist_id: str, uris: list[str], position: int | None = None) -> str:
        if playlist_id == world.playlist("hip-hop"):
            for genre in ("jazz", "metal"):
                world.account.edit(world.playlist(genre), [THEIRS])
        return write(playlist_id, uris, position)

    monkeypatch.setattr(world.account, "add", add)
    result = workflows.apply_plan(world.app, plan)  # no playlist is left that could be asked about
    assert (result.changed, result.skipped) == (1, 2)
    assert world.contents("jazz") == world.contents("metal") == [THEIRS]
    for _ in range(2):
        workflows.undo_run(world.app)
    assert [entries for entries in world.account.contents_of.values() if entries] == [[THEIRS], [THEIRS]]


def test_undo_reads_what_it_takes_away(world) -> None:
    """A song that was put in where nobody saw it is not lost with the playlist."""
    world.like(1)
    world.apply()
    jazz = world.playlist("jazz")
    world.account.contents_of[jazz] = [THEIRS]  # with the snapshot of the last write
    assert workflows.undo_run(world.app).kept == ("Jazz · liked: it stays, with what you put in (1 entry).",)
    assert world.account.contents_of[jazz] == [THEIRS]


def test_an_empty_playlist_of_the_persons_own_is_not_taken_for_ours(world) -> None:
    """Neither after a refusal nor after a lost answer: it has another description."""
    for fault in ("refused", "killed before"):
        world.like(1)
        world.account.faults.append(fault)
        assert world.is_stopped(world.plan())
        mine = world.account.make("Jazz · liked", [], "my own")
        workflows.resume_run(world.app)
        assert world.account.contents_of[mine] == []
        assert len(world.contents("jazz")) == 1
        workflows.undo_run(world.app)
        assert world.account.contents_of.pop(mine) == []


def test_a_creation_that_was_refused_is_as_if_it_was_never_begun(world) -> None:
    """So that nothing is looked for when the run goes on."""
    world.like(1)
    world.account.faults.append("refused")
    assert world.is_stopped(world.plan())
    run = workflows.unfinished_run(world.app)
    assert run is not None
    assert [step.state for step in run.steps] == ["planned"]


def test_a_creation_without_an_answer_is_looked_for_until_somebody_has_looked(
    world, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the look itself fails, it is looked for when the run goes on, and no second one is made."""
    world.like(1)
    plan = world.plan()
    world.account.faults.append("lost after")
    look, looks = world.account.own_playlists, iter([True, False])

    def failing(until: object = ()) -> object:
        if next(looks, True):
            return look(until)
        raise SpotifyError("no network")

    monkeypatch.setattr(world.account, "own_playlists", failing)
    assert world.is_stopped(plan)
    workflows.resume_run(world.app)
    assert list(world.account.names.values()) == ["Jazz · liked"]
    assert len(world.contents("jazz")) == 1


@pytest.mark.parametrize("fault", ["refused", "killed before", "killed after", "lost after"])
def test_what_is_taken_out_while_a_run_is_stopped_stays_out(world, fault: str) -> None:
    """Of the songs that were put in already; the others still come, each once."""
    uris = [world.like(number) for number in range(250)][::-1]
    world.account.faults.extend(["", "", fault, *["lost before"] * 9] if fault == "lost after" else ["", "", fault])
    assert world.is_stopped(world.plan())
    world.account.faults.clear()
    jazz = next(one for one, name in world.account.names.items() if name == "Jazz · liked")
    entries = world.account.contents_of[jazz]
    world.account.edit(jazz, [THEIRS, *entries[:2], *entries[3:]])
    workflows.resume_run(world.app)
    held = world.account.contents_of[jazz]
    assert uris[2] not in held
    assert sorted(map(str, held)) == sorted([THEIRS, *uris[:2], *uris[3:]])


@pytest.mark.parametrize("edit", ["renamed", "moved"])
def test_a_playlist_that_became_the_persons_own_stays_when_it_is_taken_back(world, edit: str) -> None:
    """It is said before and after, and the playlist is theirs from then on."""
    world.like(1)
    world.like(2)
    world.apply()
    jazz = world.playlist("jazz")
    if edit == "renamed":
        world.account.names[jazz] = "Sunday morning"
    world.account.edit(jazz, world.contents("jazz")[:: -1 if edit == "moved" else 1])
    before = list(world.account.contents_of[jazz])
    outlook = workflows.look_at_undo(world.app)
    result = workflows.undo_run(world.app)
    assert outlook.result == result
    assert "it stays as it is, since you renamed it or moved its songs" in result.kept[0]
    assert world.account.contents_of[jazz] == before
    assert workflows.managed_playlists(world.app) == ()


def test_repeats_come_back_as_often_as_they_were_there(world) -> None:
    """Taking a song out takes every copy of it; putting it back puts back as many."""
    first, second = world.like(1), world.like(2)
    world.apply()
    jazz = world.playlist("jazz")
    world.account.edit(jazz, [second, first, THEIRS, second])
    world.unlike(second)
    world.apply()
    assert world.contents("jazz") == [first, THEIRS]
    assert workflows.undo_run(world.app).restored == ("Jazz · liked",)
    assert world.contents("jazz") == [second, first, THEIRS, second]


def test_a_plan_that_was_named_is_not_another_run(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --plan, a run that was stopped is gone on with only if it is that plan's."""
    world.like(1)
    world.account.faults.append("refused")
    plan = world.plan()
    assert world.is_stopped(plan)
    monkeypatch.setattr(playlists, "opened", lambda _: nullcontext(world.app))
    app = typer.Typer()
    playlists.register(app)
    refused = CliRunner().invoke(app, ["apply", "--plan", "deadbeef"])
    assert isinstance(refused.exception, PlaylistsError)
    assert world.account.writes == []
    assert CliRunner().invoke(app, ["apply", "--plan", plan.plan_id]).exit_code == 0
    assert len(world.contents("jazz")) == 1


def test_what_was_undone_is_not_written_again_unasked(world) -> None:
    """Until somebody applies something."""
    world.like(1)
    world.apply()
    workflows.undo_run(world.app)
    with pytest.raises(PlaylistsError, match="was undone"):
        workflows.keep_current(world.app)
    assert world.account.contents_of == {}
    world.apply()
    world.like(2)
    assert workflows.keep_current(world.app).applied is not None


def test_what_was_undone_is_no_playlist_any_more(world) -> None:
    """Neither in the list of playlists nor in the report."""
    world.like(1)
    world.like(2, "metal 0.9")
    world.apply()
    world.like(3)
    world.apply()
    for _ in range(2):
        workflows.undo_run(world.app)
    workflows.sync_library(world.app)
    assert workflows.own_playlists(world.app) == ()
    assert workflows.playlist_report(world.app).unread == ()
