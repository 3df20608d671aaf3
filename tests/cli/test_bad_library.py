"""What the commands say when the library cannot be opened."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cratewise.library.store import Library


@pytest.mark.parametrize("command", ["plan", "undo"])
@pytest.mark.parametrize("wrong", ["damaged", "newer", "another", "down"])
def test_a_library_that_cannot_be_opened_is_one_clear_error(tmp_path: Path, command: str, wrong: str) -> None:
    """Two lines on standard error, exit code 1, and what lay there is untouched."""
    environment = os.environ | {"CRATEWISE_DATA_DIR": str(tmp_path), "COLUMNS": "400"}
    file = tmp_path / "library.sqlite3"
    if wrong == "damaged":
        file.write_bytes(b"no database" * 1000)
    elif wrong == "newer":
        Library.open(f"sqlite:///{file}").close()
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
    elif wrong == "another":
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE moz_places (url)")
        connection.close()
    else:
        environment["CRATEWISE_DATABASE_URL"] = "postgresql://ada:hunter2@127.0.0.1:1/music"
    before = file.read_bytes() if file.exists() else b""
    done = subprocess.run(
        [sys.executable, "-m", "cratewise", command], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.strip().splitlines()) == 2
    assert "hunter2" not in done.stderr
    assert (file.read_bytes() if file.exists() else b"") == before
