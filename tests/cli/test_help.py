"""What the commands say of themselves, and the options they share."""

from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from cratewise.cli import program
from cratewise.cli.program import app
from cratewise.errors import CratewiseError, SpotifyError
from cratewise.exclusive import InUseError
from cratewise.settings import load_settings
from cratewise.spotify.errors import LoginRequired, QuotaExceeded
from cratewise.workflows import OverBudgetError

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined] # the program is a group
KEEPERS = ("apply", "demo", "history", "login", "logout", "plan", "sync", "undo", "web")


def help_of(command: str) -> str:
    """The help, on a terminal wide enough that no option is cut."""
    done = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("command", COMMANDS)
def test_a_default_is_shown_as_it_would_be_typed(command: str) -> None:
    """No default stands in brackets of its own."""
    assert "[default: (" not in help_of(command)


@pytest.mark.parametrize("command", KEEPERS)
def test_whoever_keeps_something_can_be_told_where(command: str) -> None:
    """Every command that reads or writes the data folder takes another one."""
    assert "--data-dir" in help_of(command)


def test_the_port_in_the_help_is_the_one_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help of `web` names the port that the settings start from."""
    monkeypatch.setenv("CRATEWISE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("CRATEWISE_PORT", raising=False)
    assert f"Port of the pages, {load_settings().port} if nothing else is set." in help_of("web")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LoginRequired("Nobody is logged in"), 4),
        (QuotaExceeded(2e9), 5),
        (OverBudgetError("too many calls"), 5),
        (InUseError("busy"), 6),
        (SpotifyError("anything else"), 1),
    ],
)
def test_a_script_can_tell_what_became_of_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: CratewiseError, code: int
) -> None:
    """By the exit code; the message goes to standard error."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(program, "app", fail)
    with pytest.raises(SystemExit) as raised:
        program.main()
    assert raised.value.code == code
    assert str(error) in " ".join(capsys.readouterr().err.split())


def test_what_keeps_running_writes_playlists() -> None:
    """The options of `sync --apply` mean nothing without it."""
    for options in (["--every", "6h"], ["--quiet"], ["--apply", "--every", "soon"]):
        assert CliRunner().invoke(app, ["sync", *options]).exit_code == 2
