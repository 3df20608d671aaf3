"""`cratewise classify`."""

import json
import re
import subprocess
import sys
from pathlib import Path

import polars
import pytest

COLUMNS = ["track_id", "title", "artists", "genre", "family", "confidence", "runner_up", "reason"]
EXPORTIFY = """\ufeff"Track URI","Track Name","Album Name","Artist Name(s)","Genres","Energy"
"spotify:track:5ByAIlEEnxYdvpnezg7HTX","Juicy","Ready to Die","The Notorious B.I.G.","",""
"spotify:track:3bbjDFVu9BtFtGD2fZpVfz","Blut & Eisen","Nobody's Album","Nobody At All","black metal,death metal","0.98"
"""
DATASET = """track_id,artists,track_name,danceability,tempo
a,Bob Marley & The Wailers,Is This Love,0.7,122
b,Johann Sebastian Bach,Air,,
"""


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Runs the command as a person would."""
    words = [str(argument) for argument in arguments]
    return subprocess.run(
        [sys.executable, "-m", "cratewise", "classify", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A file as Exportify writes it."""
    path = tmp_path / "liked.csv"
    path.write_text(EXPORTIFY, encoding="utf-8")
    return path


def test_a_summary_is_printed(exported: Path) -> None:
    """Genres with their counts, and how many songs are uncertain."""
    done = run(exported)
    assert done.returncode == 0
    assert re.search(r"Hip-Hop +1 +█+", done.stdout)
    assert "2 songs" in done.stdout
    assert "uncertain" in done.stdout


def test_songs_of_which_nothing_is_known_are_counted_apart(tmp_path: Path) -> None:
    """The summary tells a mere guess from no knowledge at all; the file that is written has no column for it."""
    path, out = tmp_path / "songs.csv", tmp_path / "sorted.csv"
    songs = "a,,,\nb,ABBA,Waterloo,\n"
    path.write_text(f"track_id,artists,track_name,danceability\n{songs}", encoding="utf-8")
    done = run(path, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "0 uncertain (only a best guess); 1 unknown (hardly a guess)." in " ".join(done.stdout.split())
    assert polars.read_csv(out).columns == COLUMNS


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json"])
def test_results_have_one_row_a_track_in_input_order(exported: Path, tmp_path: Path, suffix: str) -> None:
    """All three kinds of file hold the same columns and rows."""
    out = tmp_path / f"sorted.{suffix}"
    assert run(exported, "--out", out).returncode == 0
    read = {"csv": polars.read_csv, "parquet": polars.read_parquet, "json": polars.read_json}[suffix]
    frame = read(out)
    assert frame.columns == COLUMNS
    assert frame["family"].to_list() == ["Hip-Hop", "Metal"]
    assert frame["track_id"].to_list() == ["5ByAIlEEnxYdvpnezg7HTX", "3bbjDFVu9BtFtGD2fZpVfz"]
    assert "no audio statistics" in frame["reason"][0]
    assert "no audio statistics" not in frame["reason"][1]


@pytest.mark.parametrize(("level", "total"), [("family", 1.0), ("label", 1.0), ("genre", None)])
def test_probabilities_are_written_on_request(tmp_path: Path, level: str, total: float | None) -> None:
    """A column p:<name> for each; families and labels sum to 1; a genre is a family or a style."""
    path, out = tmp_path / "songs.csv", tmp_path / "sorted.parquet"
    path.write_text(DATASET, encoding="utf-8")
    assert run(path, "--out", out, "--probabilities", level).returncode == 0
    frame = polars.read_parquet(out)
    p = frame.select([name for name in frame.columns if name.startswith("p:")]).to_numpy()
    assert p.shape[1] == {"family": 31, "label": 114, "genre": 231}[level]
    if total is not None:
        assert p.sum(axis=1) == pytest.approx([total, total], abs=1e-4)


def test_places_on_the_map_are_written_on_request(exported: Path, tmp_path: Path) -> None:
    """Columns x and y from -1 to 1; without a file to write to, the option is refused."""
    out = tmp_path / "sorted.parquet"
    assert run(exported, "--out", out, "--places").returncode == 0
    frame = polars.read_parquet(out)
    assert frame.columns == [*COLUMNS, "x", "y"]
    places = frame.select("x", "y").to_numpy()
    assert abs(places).max() <= 1
    assert abs(places[0] - places[1]).max() > 0.1
    refused = run(exported, "--places")
    assert refused.returncode == 2
    assert "--places" in refused.stderr


def test_a_wrong_value_is_an_error_with_its_line_and_column(tmp_path: Path) -> None:
    """Text where a number belongs stops everything, and no file is written."""
    path, out = tmp_path / "songs.csv", tmp_path / "sorted.csv"
    path.write_text(DATASET.replace("0.7", "loud"), encoding="utf-8")
    done = run(path, "--out", out)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "danceability" in done.stderr
    assert "loud" in done.stderr
    assert not out.exists()


def test_an_unknown_kind_of_result_is_refused_at_once(exported: Path, tmp_path: Path) -> None:
    """An ending that cannot be written is named before anything is read."""
    done = run(exported, "--out", tmp_path / "sorted.xlsx")
    assert done.returncode == 1
    assert "sorted.xlsx" in done.stderr


def test_the_file_that_is_read_is_never_written_over(exported: Path) -> None:
    """Naming the input as the output is refused, and the input stays as it was."""
    before = exported.read_bytes()
    done = run(exported, "--out", exported)
    assert done.returncode == 1
    assert "is the file that is read" in done.stderr
    assert exported.read_bytes() == before


def test_json_is_a_list_of_songs(exported: Path, tmp_path: Path) -> None:
    """Each song is an object with the columns as keys."""
    out = tmp_path / "sorted.json"
    run(exported, "--out", out)
    assert [song["title"] for song in json.loads(out.read_text(encoding="utf-8"))] == ["Juicy", "Blut & Eisen"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json"])
def test_no_other_file_is_touched(exported: Path, tmp_path: Path, suffix: str) -> None:
    """Not even one that is called like a part of the result, though it be the very file that is read."""
    source = exported.rename(tmp_path / f"sorted.{suffix}.part")
    before = source.read_bytes()
    assert run(source, "--out", tmp_path / f"sorted.{suffix}").returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"sorted.{suffix}", source.name]
    assert source.read_bytes() == before


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json"])
def test_a_full_disk_is_one_clear_error(tmp_path: Path, suffix: str) -> None:
    """What was there stays as it was, and nothing half written is left."""
    source, out = tmp_path / "songs.csv", tmp_path / f"sorted.{suffix}"
    rows = "".join(f"{n},Artist {n},Song {n},,\n" for n in range(300))
    source.write_text("track_id,artists,track_name,danceability,tempo\n" + rows, encoding="utf-8")
    out.write_text("as it was")
    words = [sys.executable, "-m", "cratewise", "classify", source, "--out", out, "--probabilities", "genre"]
    code = (
        "import resource, subprocess, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)); "
        "sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, out.name])


def test_a_file_name_is_shown_as_it_is(exported: Path, tmp_path: Path) -> None:
    """Brackets in it are no colours."""
    assert "[red]liked.csv" in run(exported.rename(tmp_path / "[red]liked.csv")).stdout
