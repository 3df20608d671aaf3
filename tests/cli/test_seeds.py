"""Seeds on the command line: any that every library can take, and one sentence for the others."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", ["train", "baselines"])
@pytest.mark.parametrize("seed", ["-1", "2147483648", "99999999999999999999", "x"])
def test_a_seed_that_no_library_can_take_is_refused_at_once(command: str, seed: str, tmp_path: Path) -> None:
    """Before any file is looked at."""
    words = ["--tracks", tmp_path / "none.csv", "--out", tmp_path / "run", "--seed", seed]
    done = subprocess.run(
        [sys.executable, "-m", "cratewise", command, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--seed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()
