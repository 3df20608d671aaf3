from pathlib import Path

import pytest
from typer.testing import CliRunner

from cratewise.cli.optionalvalue import with_value
from cratewise.cli.program import app


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["in.parquet", "--ray"], ["in.parquet", "--ray", "local"]),
        (["--ray", "in.parquet", "--out", "o"], ["--ray", "local", "in.parquet", "--out", "o"]),
        (["--ray", "--out", "o", "folder/"], ["--ray", "local", "--out", "o", "folder/"]),
        (["--ray", "10.0.0.1:6379", "in"], ["--ray", "10.0.0.1:6379", "in"]),
        (["--ray", "auto", "in"], ["--ray", "auto", "in"]),
        (["--ray", "ray://head:10001", "in"], ["--ray", "ray://head:10001", "in"]),
        (["--ray=head:6379", "in"], ["--ray=head:6379", "in"]),
        (["in", "--ray", "data/2026:01"], ["in", "--ray", "local", "data/2026:01"]),
        (["--", "--ray"], ["--", "--ray"]),
        (["in"], ["in"]),
    ],
)
def test_the_address_may_be_left_out(words: list[str], read: list[str]) -> None:
    """What stands behind `--ray` is its address only where it looks like one."""
    assert with_value(words) == read


def test_ray_is_for_parquet(tmp_path: Path) -> None:
    """A CSV file fits into memory."""
    path = tmp_path / "songs.csv"
    path.write_text("track_id,artists,track_name\na,Nas,One Mic\n")
    done = CliRunner().invoke(app, ["classify", str(path), "--ray"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert done.exit_code == 2
    assert "it works on Parquet, which songs.csv is not" in done.output


def test_the_help_says_that_it_may_be_left_out() -> None:
    """In the brackets that stand for it."""
    done = CliRunner().invoke(app, ["classify", "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert "[ADDRESS]" in done.output
