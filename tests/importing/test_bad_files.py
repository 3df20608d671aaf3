"""Files that are damaged, or hold what is no song."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import DataFileError, GenresError, LibraryError

from .conftest import HEADER, ONE_MORE_TIME, SO_WHAT, same, songs

BAD = {
    "a quote never closed": f'{HEADER}\n{SO_WHAT}\nspotify:track:x,"Open,y',
    "a row cut off": f"{HEADER}\n{SO_WHAT}\nspotify:track:x,Title",
    "a number that is none": f"{HEADER}\n{SO_WHAT}\n{ONE_MORE_TIME.replace('122.7', 'fast')}",
    "only the header": f"{HEADER}\n",
    "no known column": ",".join(f"column {number}" for number in range(500)) + "\n" + "," * 499 + "\n",
    "binary rubbish": "\0\1\2",
    "nothing": "",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_file_changes_nothing(full: Application, text: str, tmp_path: Path) -> None:
    """One clear error that names the file, and no half import."""
    before = same(workflows.library_record(full))
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(DataFileError, match=r"bad\.csv"):
        workflows.import_file(full, file)
    assert same(workflows.library_record(full)) == before


def test_500_columns_are_read_where_titles_are_among_them(make: Callable[[str], Application], tmp_path: Path) -> None:
    """Whatever the others are."""
    file = tmp_path / "wide.csv"
    file.write_text(",".join([*(f"column {number}" for number in range(499)), "title"]) + "\n" + "," * 499 + "Jolene\n")
    app = make("wide")
    assert workflows.import_file(app, file).added == 1
    assert list(songs(app)) == ["Jolene"]


def test_an_unknown_genre_is_refused_and_nothing_is_imported(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """As a newer version might name one."""
    file = tmp_path / "library.json"
    workflows.export_library(full, file)
    file.write_text(file.read_text().replace('"genre": "house", "family"', '"genre": "vapornoise", "family"'))
    app = make("other")
    with pytest.raises(GenresError, match=r"library\.json, your word on “Daft Punk”: .*vapornoise"):
        workflows.import_file(app, file)
    assert workflows.list_songs(app) == ()


def test_a_file_without_songs_empties_no_library(full: Application, tmp_path: Path) -> None:
    """Taken as the whole truth it would."""
    file = tmp_path / "library.json"
    file.write_text('{"cratewise": 1, "songs": []}')
    with pytest.raises(LibraryError, match="no songs in it"):
        workflows.import_file(full, file, replace_songs=True)
    assert len(songs(full)) == 3


@pytest.mark.parametrize("address", ["spotify:episode:", "https://open.spotify.com/episode/"])
def test_episodes_are_no_songs(make: Callable[[str], Application], tmp_path: Path, address: str) -> None:
    """Podcasts in a file are left out and counted; where there is nothing else in it, nothing is imported."""
    episode = SO_WHAT.replace("spotify:track:", address).replace("So What", "Ep. 1")
    file = tmp_path / "mixed.csv"
    file.write_text("\n".join([HEADER, ONE_MORE_TIME, episode]) + "\n", encoding="utf-8")
    app = make("mixed")
    found = workflows.import_file(app, file)
    assert (found.added, found.notes[-1]) == (1, "1 line is an episode of a podcast and was left out.")
    file.write_text("\n".join([HEADER, episode, episode]) + "\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"mixed\.csv: there are no songs in it, only episodes of podcasts"):
        workflows.import_file(app, file)


def test_lines_without_names_are_no_songs(make: Callable[[str], Application], tmp_path: Path) -> None:
    """As spreadsheets write them below a table; a file of nothing else is refused."""
    file = tmp_path / "table.csv"
    file.write_text("title,artist,energy\nOne More Time,Daft Punk,0.7\n,,\n,,0.5\n", encoding="utf-8")
    app = make("table")
    found = workflows.import_file(app, file)
    assert (found.added, found.notes[-1]) == (1, "2 lines name no song and were left out.")
    file.write_text("nombre,artista,energy\nOne More Time,Daft Punk,0.7\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"table\.csv: there are no songs in it, only lines without a title"):
        workflows.import_file(app, file)


@pytest.mark.parametrize(("times", "said"), [(2, "1 line repeats"), (4, "3 lines repeat")])
def test_lines_of_the_same_song_are_counted_as_lines(
    make: Callable[[str], Application], tmp_path: Path, times: int, said: str
) -> None:
    """One song three times more is one song, and three lines too many."""
    file = tmp_path / "twice.csv"
    file.write_text("\n".join([HEADER, *[SO_WHAT] * times]) + "\n", encoding="utf-8")
    assert f"{said} a song that stands above." in workflows.import_file(make("twice"), file).notes


def test_what_is_too_long_for_an_id_is_none(make: Callable[[str], Application], tmp_path: Path) -> None:
    """The address of a local file holds its names: of two long ones the songs are still two. Nor is it a code."""
    file = tmp_path / "local.csv"
    rows = [f"spotify:local:{'%E6%BC%A2' * 90}:{number},Song {number},Ada,{'9' * 600}" for number in range(2)]
    file.write_text("\n".join(["Track URI,Track Name,Artist Name(s),ISRC", *rows]) + "\n", encoding="utf-8")
    app = make("local")
    workflows.import_file(app, file)
    record = workflows.library_record(app)
    assert {(song.title, song.isrc, song.track_id[:6]) for song in record.songs} == {
        ("Song 0", "", "named-"),
        ("Song 1", "", "named-"),
    }
