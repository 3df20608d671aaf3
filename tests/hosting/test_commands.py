"""The commands of a host where something is missing: one clear sentence each, as on a machine without the extra."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cratewise

APP = "0123456789abcdef0123456789abcdef"
ELSEWHERE = "postgresql://ada:secret@127.0.0.1:1/cratewise"
WITHOUT = "import sys; sys.modules.update(psycopg=None, procrastinate=None); from cratewise.cli import main; main()"
WITH = "from cratewise.cli import main; main()"


def said(tmp_path: Path, program: str, command: str, **settings: str) -> str:
    """What a command says before it fails."""
    source = str(Path(cratewise.__file__).parents[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CRATEWISE_")}
    environment |= {f"CRATEWISE_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-c", program, command],
        capture_output=True, text=True, check=False, timeout=60,
        env={**environment, "PYTHONPATH": source, "CRATEWISE_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize("command", ["web", "worker"])
def test_what_is_not_installed_is_named(tmp_path: Path, command: str) -> None:
    """With the command that installs it."""
    told = said(tmp_path, WITHOUT, command, database_url=ELSEWHERE, spotify_client_id=APP)
    assert "psycopg, procrastinate" in told
    assert "pip install 'cratewise[postgres]'" in told


def test_a_worker_without_a_host_says_that_it_is_not_needed(tmp_path: Path) -> None:
    """Also where the extra is not installed."""
    assert "There is nothing for a worker to do" in said(tmp_path, WITHOUT, "worker")


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_host_without_an_app_says_how_to_make_one(tmp_path: Path, command: str) -> None:
    """Before anything is opened."""
    assert "CRATEWISE_SPOTIFY_CLIENT_ID" in said(tmp_path, WITH, command, database_url=ELSEWHERE)


@pytest.mark.parametrize("command", ["web", "worker"])
def test_what_is_missing_is_a_line_of_json_where_the_log_is(tmp_path: Path, command: str) -> None:
    """One object with the message and what to do."""
    told = said(tmp_path, WITH, command, database_url=ELSEWHERE, log_format="json")
    assert ["CRATEWISE_SPOTIFY_CLIENT_ID" in json.dumps(json.loads(line)) for line in told.splitlines()] == [True]


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_database_that_is_away_is_said_without_its_password(tmp_path: Path, command: str) -> None:
    """With what to look at."""
    told = said(tmp_path, WITH, command, database_url=ELSEWHERE, spotify_client_id=APP)
    assert "cannot be reached" in told
    assert "secret" not in told


@pytest.mark.parametrize("command", ["web", "worker"])
def test_in_a_log_for_machines_the_end_is_one_line_of_json(tmp_path: Path, command: str) -> None:
    """Why a program cannot start, and what to do, as a unit's journal has it each time that it is tried again."""
    told = said(tmp_path, WITH, command, database_url=ELSEWHERE, spotify_client_id=APP, log_format="json")
    (line,) = [json.loads(line) for line in told.splitlines()]
    assert (line["level"], "cannot be reached" in line["message"]) == ("error", True)
    assert "the server runs" in line["hint"]
