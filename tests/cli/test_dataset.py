"""`cratewise dataset`, as it is typed."""

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cratewise.cli.dataset import dataset_app
from cratewise.csvcolumns import CsvError
from cratewise.dataset import download as fetching

COLUMNS = (
    "track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,energy,key,loudness,mode,"
    "speechiness,acousticness,instrumentalness,liveness,valence,tempo,time_signature,track_genre"
)
ROW = "x1,The Police,Regatta,Roxanne,{popularity},192586,False,0.5,0.5,1,-6,1,0.1,0.1,0,0.1,0.5,{tempo},4,{label}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small dataset: one track of two labels, whose tempo cannot be."""
    path = tmp_path / "songs.csv"
    rows = [ROW.format(popularity=popularity, tempo=0, label=label) for popularity, label in ((3, "rock"), (9, "ska"))]
    path.write_text("\n".join([COLUMNS, *rows]), encoding="utf-8")
    return path


def test_check_prints_what_was_found(file: Path) -> None:
    """Rows, tracks, several genres, and what was mended, each with its number; exit code 0."""
    result = CliRunner().invoke(dataset_app, ["check", str(file)], env={"COLUMNS": "120"})
    assert result.exit_code == 0
    found = {
        cells[1].strip(): cells[2].strip() for line in result.output.splitlines() if len(cells := line.split("│")) > 3
    }
    assert found["tracks of several genres"] == "1"
    assert found["ids whose rows differ in popularity"] == "1"
    assert found["tracks with an impossible tempo"] == "1"
    assert "songs.csv: 2 rows" in result.output
    assert hashlib.sha256(file.read_bytes()).hexdigest() in result.output
    assert "not the published file" in result.output


def test_check_lets_the_error_through(file: Path) -> None:
    """What is wrong with a file reaches the one place that prints errors."""
    file.write_text(file.read_text(encoding="utf-8").replace("ska", "skaa"), encoding="utf-8")
    result = CliRunner().invoke(dataset_app, ["check", str(file)])
    assert isinstance(result.exception, CsvError)
    assert result.exception.line == 3


def test_download_says_that_the_file_is_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose checksum is right is not fetched again, and its owner is named."""
    content = file.read_bytes()
    origin = fetching.Origin("http://127.0.0.1:9/unused", hashlib.sha256(content).hexdigest(), len(content))
    monkeypatch.setattr(fetching, "DATASET", origin)
    result = CliRunner().invoke(dataset_app, ["download", "--out", str(file)])
    assert result.exit_code == 0
    assert "was there already" in result.output
    assert "Open Database License" in result.output


def test_every_command_says_what_it_does() -> None:
    """The help names both commands."""
    result = CliRunner().invoke(dataset_app, ["--help"])
    assert result.exit_code == 0
    assert "check" in result.output
    assert "download" in result.output
