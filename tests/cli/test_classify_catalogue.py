"""`cratewise classify` on Parquet."""

import os
import pty
import re
import signal
import subprocess
import sys
from importlib import resources
from pathlib import Path

import polars
import pytest

from cratewise.cli.progress import lines

from ..bulk.conftest import songs

COLUMNS = ["track_id", "title", "artists", "genre", "family", "confidence", "runner_up", "reason"]


def command(*arguments: object) -> list[str]:
    """The words of the command."""
    return [sys.executable, "-m", "cratewise", "classify", *map(str, arguments)]


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Runs the command as a person would."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)


def refused(*arguments: object) -> str:
    """The error of a command that is refused; one, and no traceback."""
    done = run(*arguments)
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("Error:") == 1
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of 60 songs."""
    path = tmp_path / "songs.parquet"
    songs(60).write_parquet(path)
    return path


def test_a_catalogue_becomes_partitions_and_a_summary(source: Path, tmp_path: Path) -> None:
    """The columns are those of a CSV file's result; the second time nothing is left to do."""
    out = tmp_path / "out"
    done = run(source, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "60 songs from songs.parquet, 1 Parquet file" in done.stdout
    assert re.search(r"Hip-Hop +\d+ +█+", done.stdout)
    assert "9 of 60 tracks have no audio statistics." in done.stdout
    assert "1 partition." in done.stdout
    assert "Classifying: 60 of 60 tracks" in done.stderr
    frame = polars.read_parquet(out / "partitions")
    assert frame.columns == COLUMNS
    assert frame["track_id"].to_list() == [f"id{row}" for row in range(60)]
    again = run(source, "--out", out)
    assert "1 partition, 1 of them by an earlier run." in again.stdout
    assert [line for line in again.stdout.splitlines() if "songs" in line] == [
        line for line in done.stdout.splitlines() if "songs" in line
    ]


def test_the_options_work_there_too(source: Path, tmp_path: Path) -> None:
    """Probabilities, places, another least confidence and another model."""
    model = Path(str(resources.files("cratewise.model") / "weights"))
    out = tmp_path / "out"
    words = ("--probabilities", "family", "--places", "--least-confidence", 1, "--model", model)
    done = run(source, "--out", out, *words)
    assert done.returncode == 0, done.stderr
    assert "0 songs in 0 genres" in done.stdout
    frame = polars.read_parquet(out / "partitions")
    assert frame.columns[: len(COLUMNS) + 2] == [*COLUMNS, "x", "y"]
    assert len(frame.columns) == len(COLUMNS) + 2 + 31
    assert "begun with options" in refused(source, "--out", out)
    assert "there is no model in" in refused(source, "--out", tmp_path / "other", "--model", tmp_path)
    assert not (tmp_path / "other").exists()


def test_parquet_is_known_by_what_it_is(source: Path, tmp_path: Path) -> None:
    """Whatever it is called; a column that its files lack is noted once."""
    folder = tmp_path / "folder"
    folder.mkdir()
    done = run(source.rename(tmp_path / "songs.pq"), "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert polars.read_parquet(tmp_path / "out" / "partitions").height == 60
    for name in ("a", "b", "c"):
        songs(9).drop("track_name").write_parquet(folder / f"{name}.parquet")
    done = run(folder, "--out", tmp_path / "other")
    assert " ".join(done.stdout.split()).count("a.parquet and 2 more: There is no column of titles") == 1


def test_what_is_no_catalogue_is_one_clear_error(source: Path, tmp_path: Path) -> None:
    """A file that is missing, cut off, empty or something else, a folder without Parquet; nothing is made then."""
    out, folder = tmp_path / "out", tmp_path / "folder"
    folder.mkdir()
    (folder / "_hidden.parquet").write_bytes(source.read_bytes())
    cut, text, empty = (tmp_path / f"{name}.parquet" for name in ("cut", "text", "empty"))
    cut.write_bytes(source.read_bytes()[:-100])
    text.write_text("track_id,artists\n")
    empty.write_bytes(b"")
    assert "none.parquet does not exist" in refused(tmp_path / "none.parquet", "--out", out)
    assert f"there is no Parquet file in {folder}" in refused(folder, "--out", out)
    for path in (cut, text, empty):
        assert f"{path} is no Parquet file that can be read" in refused(path, "--out", out)
    (folder / "cut.parquet").write_bytes(cut.read_bytes())
    (folder / "a.parquet").write_bytes(source.read_bytes())
    assert "cut.parquet is no Parquet file" in refused(folder, "--out", out)
    polars.DataFrame({"track_name": [1, 2]}).write_parquet(text)
    assert "text.parquet, column 'track_name': it holds Int64, not text" in refused(text, "--out", out)
    assert not out.exists()


def test_a_folder_that_is_something_else_is_left_alone(source: Path, tmp_path: Path) -> None:
    """Where it holds other files, is a file, is the input or in it, or has no parent."""
    holiday = tmp_path / "holiday"
    holiday.mkdir()
    (holiday / "photo.jpg").write_text("a photo")
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    source = source.rename(catalogue / "songs.parquet")
    before = source.read_bytes()
    assert "holds 'photo.jpg', which is not of such a job" in refused(source, "--out", holiday)
    assert [path.name for path in holiday.iterdir()] == ["photo.jpg"]
    assert "is a file" in refused(source, "--out", source)
    assert "is in the folder that is read" in refused(catalogue, "--out", catalogue)
    assert "is in the folder that is read" in refused(catalogue, "--out", catalogue / "out")
    assert "holds 'songs.parquet'" in refused(source, "--out", catalogue)
    assert "there is no folder" in refused(source, "--out", tmp_path / "none" / "out")
    assert source.read_bytes() == before
    assert [path.name for path in catalogue.iterdir()] == ["songs.parquet"]


def test_parquet_needs_a_folder_to_write_to(source: Path) -> None:
    """A catalogue is too long for a terminal."""
    done = run(source)
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_an_empty_catalogue_is_no_error(source: Path, tmp_path: Path) -> None:
    """It comes to no partitions, and the summary says why."""
    songs(0).write_parquet(source)
    done = run(source, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "There are no tracks in it" in done.stdout


def test_rows_that_cannot_be_read_are_an_error_when_all_else_is_done(tmp_path: Path) -> None:
    """The summary is there, and what is missing from it is said."""
    source, out = tmp_path / "catalogue", tmp_path / "out"
    source.mkdir()
    songs(60).write_parquet(source / "a.parquet")
    songs(60).write_parquet(source / "b.parquet", compression="uncompressed", statistics=False)
    content = (source / "b.parquet").read_bytes()
    (source / "b.parquet").write_bytes(content[:4] + b"\xff" * 20 + content[24:])
    assert "b.parquet, rows 1 to 60: they cannot be read" in refused(source, "--out", out)
    assert polars.read_parquet(out / "partitions").height == 60
    assert "All else is done" in refused(source, "--out", out)


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    """No half partition is left, and where there is room again the same command goes on."""
    source, out = tmp_path / "songs.parquet", tmp_path / "out"
    songs(2000).write_parquet(source)
    limit = "import resource, subprocess, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000)); "
    code = f"{limit}sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    words = [sys.executable, "-c", code, *command(source, "--out", out)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((out / "partitions").iterdir())
    assert sorted(path.name for path in out.iterdir()) == [".lock", "manifest.json", "partitions"]
    assert run(source, "--out", out).returncode == 0


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    """On a terminal, with the bar drawn; what is left is no half partition."""
    source, out = tmp_path / "songs.parquet", tmp_path / "out"
    songs(40_000).write_parquet(source)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(source, "--out", out), stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        said = b""
        while b"Classifying" not in said:
            said += os.read(ours, 4096)
        os.kill(process.pid, signal.SIGINT)
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # the terminal is closed
            pass
        assert process.wait() == 130
    os.close(ours)
    assert b"the same command goes on from there" in said
    assert b"Traceback" not in said
    assert not list((out / "partitions").iterdir())
    assert sorted(path.name for path in out.iterdir()) == [".lock", "manifest.json", "partitions"]


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Every ten seconds, with pace and time left, and one at the end."""
    times = iter([0.0, 0.0, 5.0, 10.0, 12.0, 20.0])
    tell = lines("tracks", lambda: next(times))
    for done in (0, 50_000, 100_000, 120_000, 200_000):
        tell("Classifying", done, 200_000)
    assert capsys.readouterr().err.splitlines() == [
        "Classifying: 100,000 of 200,000 tracks, 10,000 tracks/s, 0:00:10 left",
        "Classifying: 200,000 of 200,000 tracks, 10,000 tracks/s, 0:00:00 left",
    ]
