import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cratewise.app import Application
from cratewise.cli import demo
from cratewise.errors import PlaylistsError
from cratewise.settings import load_settings
from cratewise.tracks import normalised

Run = Callable[..., Result]


def test_a_run_that_spotify_may_stop_is_warned_of(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sync, apply and undo say what they cost and ask; a no leaves everything as it was, --yes asks nothing."""
    monkeypatch.setenv("CRATEWISE_CALLS_A_DAY", "2")
    calls = tmp_path / "demo" / "spotify-calls.log"
    before = len(calls.read_text().split())
    for command in ("sync", "apply"):
        refused = run(command, input="n\n")
        assert refused.exit_code == 1
        said = re.search(r"about (\d+) calls? to Spotify, and (\d+) were made", " ".join(refused.output.split()))
        assert said
        assert int(said[1]) >= 1
        assert int(said[2]) >= before
    assert "Nothing was written yet" in run("history").stdout
    assert run("sync", "--yes").exit_code == 0
    assert "created" in run("apply", "--yes").stdout
    assert run("undo", input="n\n").exit_code == 1
    assert "deleted" in run("undo", "--yes").stdout


def test_a_run_that_fits_is_not_warned_of(run: Run) -> None:
    """Nobody is bothered on a usual day."""
    for command in (("sync",), ("apply", "--yes"), ("undo", "--yes")):
        done = run(*command)
        assert done.exit_code == 0
        assert "calls to Spotify" not in done.output


@pytest.fixture
def sandbox_playlist(run: Run) -> Callable[[str], None]:
    """Makes a playlist in the sandbox account, as its owner would."""

    def make(name: str) -> None:
        with Application(load_settings()) as app:
            app.account.create(name, "", public=False)

    return make


def test_plan_apply_history_undo(run: Run) -> None:
    """The commands follow each other: a plan is shown, applied, listed, applied again to no effect, and undone."""
    planned = run("plan", "--songs")
    assert "Jazz · liked" in planned.stdout
    assert "It swings." in planned.stdout
    assert "created" in run("apply", "--yes").stdout
    assert "1 new, 0 changed" in run("history").stdout
    assert "Everything is up to date" in run("apply", "--yes").stdout
    assert "Jazz · liked: It is up to date." in " ".join(run("plan").stdout.split())
    declined = run("undo", input="n\n")
    assert "would be deleted Jazz · liked" in declined.stdout
    assert declined.exit_code == 1
    assert "deleted   Jazz · liked" in run("undo", input="y\n").stdout
    assert "undone" in run("history").stdout


def test_a_plan_as_json_can_be_held_against_what_is_applied(run: Run) -> None:
    """The id in the JSON is what `apply --plan` takes; any other is refused and nothing is written."""
    plan = json.loads(run("plan", "--json").stdout)
    assert plan["changes"][0]["genre"] == "jazz"
    assert len(plan["changes"][0]["adds"]) == plan["in_playlists"] > 100
    assert set(plan["left_out"]) == {"duplicate", "unavailable"}
    with pytest.raises(Exception, match="nothing was written"):
        run("apply", "--yes", "--plan", "another")
    assert "Nothing was written yet." in run("history").stdout
    assert run("apply", "--yes", "--plan", plan["plan_id"]).exit_code == 0


def test_nothing_is_written_without_consent(run: Run) -> None:
    """Whoever does not say yes gets the preview and nothing else."""
    result = run("apply", input="n\n")
    assert result.exit_code == 1
    assert "Jazz · liked" in result.stdout
    assert "Nothing was written yet." in run("history").stdout


def test_rules_can_be_given_as_options(run: Run) -> None:
    """Options change the rules for the plan, and applying keeps them."""
    assert "there is nothing to write" in run("plan", "--genre", "metal").stdout
    assert "there is nothing to write" in run("plan", "--least-confidence", "0.95").stdout
    assert run("apply", "--yes", "--genre", "metal", "--genre", "bebop-and-cool-jazz").exit_code == 0
    assert "there is nothing to write" in run("plan").stdout


def numbers(output: str) -> dict[str, int]:
    """What stands before "liked songs are in playlists" and behind each "Left out:", by its words."""
    lines = re.findall(r"^(?:Left out: )?([\d,]+) (.*)$", output, re.MULTILINE)
    return {words: int(number.replace(",", "")) for number, words in lines}


def test_what_is_left_out_is_told_song_by_song(run: Run) -> None:
    """The plan says how many liked songs are in playlists and, by reason, where every other one stays."""
    found = numbers(run("plan").stdout)
    total, held = next((words, number) for words, number in found.items() if "in playlists" in words)
    left_out = {words: number for words, number in found.items() if "in playlists" not in words}
    assert total.startswith(f"of {held + sum(left_out.values())} liked songs")
    assert left_out["songs in a playlist already, under another id."] > 1


def test_a_namesake_is_pointed_out_on_the_terminal(run: Run, sandbox_playlist: Callable[[str], None]) -> None:
    """The table says when a new playlist will stand beside one of the same name."""
    sandbox_playlist("Jazz · liked")
    run("sync")
    assert "that cratewise did not make" in " ".join(re.sub(r"[│┃]", " ", run("plan").stdout).split())


def test_the_demo_says_what_it_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`demo --once` names every song that is in no playlist by its reason, also when there is nothing to write."""
    monkeypatch.setenv("CRATEWISE_CONFIG", str(tmp_path / "none.toml"))
    app = typer.Typer()
    demo.register(app)
    for written in ("created", "nothing was written"):
        output = CliRunner().invoke(app, ["--once", "--data-dir", str(tmp_path)], catch_exceptions=False).stdout
        found = numbers(output)
        songs = int(re.search(r": ([\d,]+) liked songs", output)[1])
        assert written in output
        assert sum(found.values()) == songs
        assert len(found) > 3


def test_own_playlists_are_read_when_that_is_asked_for(run) -> None:
    """Listed before as not read, and after with how many of their songs are liked."""
    assert "`cratewise sync --playlists` reads what stands in them." in run("playlists").stdout
    said = run("sync", "--playlists").stdout
    assert "3 of your 3 playlists are new or changed." in said
    listed = run("playlists").stdout
    assert "not read" not in listed
    assert re.search(r"^Sunday morning +10 +\d+ *$", listed, re.MULTILINE)
    assert "0 of your 3 playlists are new or changed." in run("sync", "--playlists").stdout


def test_the_report_lists_songs_in_no_playlist(run: Run) -> None:
    """In words, and as JSON; what was not looked in is said."""
    shown = " ".join(run("report").stdout.split())
    assert "474 liked songs, looked for in 0 playlists of your own." in shown
    assert "In no playlist: 474" in shown
    assert "and 454 more (--all lists them)" in shown
    run("apply", "--yes")
    run("sync", "--playlists", "--yes")
    everything = json.loads(run("report", "--json").stdout)
    assert (everything["unread"], len(everything["in_none"]) < 20) == ([], True)
    assert {song["title"] for song in everything["doubles"]} >= {"Billie Jean", "Jolene"}


def test_rules_are_kept_and_planned_by(run: Run) -> None:
    """Each option changes one rule; `none` and --reset take back; what makes no sense changes nothing."""
    assert "A song stands only in its best" in " ".join(run("rules").stdout.split())
    changed = run(
        "rules", "--genre", "Jazz", "--only", "year  before 1970", "--without", "artist is Nina Simone",
        "--order", "artist", "--name", "{genre}, {count}", "--several", "0.3", "--keep-unliked", "--public",
        "--least-songs", "2",
    )  # fmt: skip
    assert changed.exit_code == 0
    shown = " ".join(run("rules").stdout.split())
    for said in (
        "Playlists for Jazz", "from 30% on", "Only year < 1970", "Without artist = Nina Simone", "Order by artist",
        "Name {genre}, {count}", "On the profile yes", "Un-liked songs stay", "Least songs 2",
    ):  # fmt: skip
        assert said in shown
    planned = json.loads(run("plan", "--json").stdout)
    (change,) = planned["changes"]
    assert change["name"] == f"Jazz, {len(change['adds'])}"
    artists = [normalised(song["artists"][0]) for song in change["adds"]]
    assert artists == sorted(artists)
    assert "nina simone" not in artists
    assert planned["left_out"]["ruled out"] > 100
    for wrong in (["--only", "mood = happy"], ["--order", "random"], ["--name", "{mood}"], ["--several", "0.01"]):
        with pytest.raises(PlaylistsError):
            run("rules", *wrong)
    assert " ".join(run("rules").stdout.split()) == shown
    assert "Only no condition" in " ".join(run("rules", "--only", "none", "--several", "none").stdout.split())
    assert "Name {genre} · liked" in " ".join(run("rules", "--reset").stdout.split())


def test_one_run_is_shown_with_its_rules(run: Run) -> None:
    """What it did to each playlist, with which rules and model; a run that is not there is said."""
    run("apply", "--yes", "--genre", "Jazz")
    shown = " ".join(run("history", "1", "--songs").stdout.split())
    for said in ("Run 1,", "done. Model jazz-1.", "Playlists for Jazz", "Jazz · liked", "new", "It swings."):
        assert said in shown
    with pytest.raises(PlaylistsError, match="no run 7"):
        run("history", "7")
