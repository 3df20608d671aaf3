"""Files as they are written: for players and file systems, and never over another."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.errors import DataFileError
from cratewise.exports.files import FORMATS, file_name, write_file, write_folder
from cratewise.exports.record import LibraryRecord, SongRecord

SONG = SongRecord(
    "4uLU6hMCjMI75M1A2tKUQC",
    title="Never\nGonna",
    artists=("Rick Astley", "Ada"),
    album="Whenever",
    genre="Dance Pop",
    duration_ms=213_573,
    uri="spotify:track:4uLU6hMCjMI75M1A2tKUQC",
)
NAMELESS = SongRecord("named-1", title="A/B & C", artists=("Ada",), uri="cratewise:track:named-1")


def test_a_list_for_players(tmp_path: Path) -> None:
    """Length, names and genre of each song, one line each, and where it plays; a search where Spotify has no page."""
    file = tmp_path / "list.m3u8"
    write_file(LibraryRecord((SONG, NAMELESS), name="Pop"), file)
    assert file.read_text(encoding="utf-8").splitlines() == [
        "#EXTM3U",
        "#EXTENC:UTF-8",
        "#PLAYLIST:Pop",
        "#EXTINF:214,Rick Astley, Ada - Never Gonna",
        "#EXTALB:Whenever",
        "#EXTGENRE:Dance Pop",
        "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
        "#EXTINF:-1,Ada - A/B & C",
        "https://open.spotify.com/search/Ada%20A%2FB%20%26%20C",
    ]


def test_jspf_has_what_other_programs_read(tmp_path: Path) -> None:
    """Title, creator, album, length in milliseconds, location and identifier as JSPF names them."""
    file = tmp_path / "list.jspf"
    write_file(LibraryRecord((SONG,), name="Pop"), file)
    playlist = json.loads(file.read_bytes())["playlist"]
    assert playlist["title"] == "Pop"
    (track,) = playlist["track"]
    del track["extension"]
    assert track == {
        "location": ["https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"],
        "identifier": ["spotify:track:4uLU6hMCjMI75M1A2tKUQC"],
        "title": "Never\nGonna",
        "creator": "Rick Astley, Ada",
        "album": "Whenever",
        "duration": 213_573,
        "annotation": "Dance Pop",
    }


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_is_there_stays(form: str, tmp_path: Path) -> None:
    """Unless it may be replaced; a folder is never taken for a file."""
    file = tmp_path / f"library.{form}"
    file.write_text("mine")
    with pytest.raises(DataFileError, match="is there already"):
        write_file(LibraryRecord((SONG,)), file)
    assert file.read_text() == "mine"
    write_file(LibraryRecord((SONG,)), file, replace=True)
    assert file.read_bytes() != b"mine"
    folder = tmp_path / f"folder.{form}"
    folder.mkdir()
    with pytest.raises(DataFileError, match="is a folder"):
        write_file(LibraryRecord((SONG,)), folder, replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file.name, folder.name])


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    """An unknown ending, a missing folder, a name that no file system takes; nothing is left behind."""
    with pytest.raises(DataFileError, match="cannot tell the format") as raised:
        write_file(LibraryRecord(), tmp_path / "library.xml")
    assert ".json" in raised.value.hint
    with pytest.raises(DataFileError, match="no folder"):
        write_file(LibraryRecord(), tmp_path / "none" / "library.json")
    with pytest.raises(DataFileError, match="cannot be written"):
        write_file(LibraryRecord(), tmp_path / f"{'x' * 300}.json", replace=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_looked_into_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where another person's home stands above it."""

    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(DataFileError, match="Permission denied"):
        write_folder([LibraryRecord((SONG,))], tmp_path / "lists", "json")


def test_an_identifier_is_an_address_whatever_the_id(tmp_path: Path) -> None:
    """Blanks and quotation marks are written as JSPF wants them."""
    file = tmp_path / "list.jspf"
    write_file(LibraryRecord((SongRecord("x", uri='cratewise:track:my "id"'), SongRecord("y"))), file)
    tracks = json.loads(file.read_bytes())["playlist"]["track"]
    assert [track.get("identifier") for track in tracks] == [["cratewise:track:my%20%22id%22"], None]


def test_a_folder_has_a_file_for_each(tmp_path: Path) -> None:
    """Named by what is in it, no two the same; where one is there already, none is written."""
    names = ["Drum & Bass, Dubstep", "R/B", "R:B", "r-b", "CON"]
    files = write_folder([LibraryRecord((SONG,), name=name) for name in names], tmp_path / "new" / "lists", "csv")
    assert [path.name for path in files] == [
        "Drum & Bass, Dubstep.csv",
        "R-B.csv",
        "R-B (2).csv",
        "r-b (3).csv",
        "_CON.csv",
    ]
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "B.csv").write_text("mine")
    with pytest.raises(DataFileError, match="is there already"):
        write_folder([LibraryRecord(name="A"), LibraryRecord(name="B")], folder, "csv")
    assert [path.name for path in folder.iterdir()] == ["B.csv"]


@given(st.text())
def test_any_name_becomes_a_file_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """One that can be written, in that folder and no other."""
    made = file_name(name)
    folder = tmp_path_factory.mktemp("names")
    (folder / made).write_text("")
    assert [path.name for path in folder.iterdir()] == [made]
    assert not made.startswith(".")
