"""What the commands say of themselves, and the options they share."""

from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from cratewise.cli.program import app
from cratewise.settings import load_settings

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
