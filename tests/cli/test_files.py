"""`cratewise import` and `cratewise export` as a person runs them."""

import json
from pathlib import Path

import pytest

from cratewise.errors import CratewiseError

WIDE = {"COLUMNS": "200"}


@pytest.fixture
def nobody(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The same commands on a machine where nobody ever logged in."""
    monkeypatch.setenv("CRATEWISE_DATA_DIR", str(tmp_path / "nobody"))
    return run


def test_a_person_without_spotify_sorts_corrects_and_gets_lists(nobody, tmp_path: Path) -> None:
    """From a file to files, by name, with a correction between."""
    file = tmp_path / "songs.csv"
    file.write_text("track_name,artists\nHallowed Be Thy Name,Iron Maiden\nJolene,Dolly Parton\n")
    said = nobody("import", str(file), env=WIDE).stdout
    assert "songs.csv, a file with the dataset's columns: 2 songs, 2 of them new." in said
    assert "Note: 2 of 2 tracks have no audio statistics." in said
    assert "1  Metal" in said
    assert nobody("correct", "folk", "--song", "jolene").exit_code == 0
    assert "0 of them new" in nobody("import", str(file)).stdout
    lists = tmp_path / "lists"
    assert "No genre has enough songs" in nobody("export", str(lists), "--by-genre").stdout
    library = tmp_path / "library.json"
    assert nobody("export", str(library)).stdout.split() == ["2", str(library)]
    songs = {song["title"]: song for song in json.loads(library.read_text())["songs"]}
    assert (songs["Jolene"]["genre"], songs["Jolene"]["genre_from"]) == ("Folk", "song")
    assert songs["Hallowed Be Thy Name"]["genre_from"] == "model"
    with pytest.raises(CratewiseError, match="is there already") as raised:
        nobody("export", str(library))
    assert "--force" in raised.value.hint
    assert nobody("export", str(library), "--force").exit_code == 0
    file.write_text("track_name,artists\nJolene,Dolly Parton\n")
    assert "1 song, 0 of them new, 1 no longer liked" in nobody("import", str(file), "--replace", env=WIDE).stdout


def test_a_file_beside_spotify_says_more_of_its_songs(run, tmp_path: Path) -> None:
    """It is said that it adds none; what was exported is imported as nothing new."""
    file = tmp_path / "library.csv"
    run("export", str(file))
    said = run("import", str(file), env=WIDE).stdout
    assert "in the library of" in said
    assert "which takes no others" in said
    with pytest.raises(CratewiseError, match="Spotify says which songs you like"):
        run("import", str(file), "--replace")


def test_the_lists_of_a_real_library(run, tmp_path: Path) -> None:
    """One file for each playlist that would be made, in the format that was asked for."""
    said = run("export", str(tmp_path / "lists"), "--by-genre", "--format", "jspf").stdout
    (file,) = (tmp_path / "lists").iterdir()
    assert file.name == "Jazz · liked.jspf"
    assert str(file) in said
