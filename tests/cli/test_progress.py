"""The bar on the terminal."""

import sys

import pytest
import typer

from cratewise.cli.progress import progress_bar
from cratewise.progress import silent


class Terminal:
    """Standard error as a terminal that remembers what was written to it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.written = ""

    def isatty(self) -> bool:
        """It is one."""
        return True

    def write(self, text: str) -> int:
        """Takes the text."""
        self.written += text
        return len(text)

    def flush(self) -> None:
        """Has nothing to do."""


def test_a_stage_ends_when_the_next_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage of unknown length doesn't go on pulsing beside those after it."""
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar() as progress:
        progress("Reading", 0, None)
        progress("Training", 3, 7)
    last = terminal.written[terminal.written.rindex("Reading") :]
    assert "1/1" in last
    assert "3/7" in last


def test_nothing_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a log or a pipe the progress is silent."""
    with progress_bar() as progress:
        assert progress is silent
    assert capsys.readouterr().err == ""


def test_ctrl_c_says_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """And the exit code is the one that shells have for it."""
    with pytest.raises(typer.Exit) as raised, progress_bar():
        raise KeyboardInterrupt
    assert raised.value.exit_code == 130
    assert "What was done so far is kept" in capsys.readouterr().err
