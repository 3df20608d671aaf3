"""Songs from files: without Spotify, beside Spotify, and once more."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import LibraryError
from cratewise.exports.files import read_file
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.playlists.rules import Rules
from cratewise.tracks import AudioStatistics, Track

from .conftest import HEADER, NOW, ONE_MORE_TIME, SO_WHAT, same, songs


def test_a_file_is_a_library_without_spotify(full: Application) -> None:
    """With the day each song was liked; songs without an id have one by their names."""
    rows = {row.title: row for row in workflows.list_songs(full)}
    assert rows["So What"].added_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert rows["So What"].uri == "spotify:track:4vLYewWIvqHfKtJDk8c8tq"
    assert rows["Untitled Demo"].artists == ("Somebody", "Nobody")
    assert rows["Untitled Demo"].track_id.startswith("named-")
    assert rows["One More Time"].said_by == "album"
    assert workflows.known_from(full) == {
        "statistics": {"exportify": 2, "": 1},
        "tags": {"exportify": 2, "": 1},
    }


def test_importing_a_file_twice_is_importing_it_once(full: Application, exportify: Path) -> None:
    """Nothing is new, and nothing that was said is lost."""
    before = same(workflows.library_record(full))
    found = workflows.import_file(full, exportify)
    assert (found.added, found.removed, found.found) == (0, 0, 3)
    assert same(workflows.library_record(full)) == before


def test_songs_that_left_the_file_leave_on_request_only(full: Application, tmp_path: Path) -> None:
    """A word on a song outlives it."""
    file = tmp_path / "less.csv"
    file.write_text("\n".join([HEADER, ONE_MORE_TIME]))
    assert workflows.import_file(full, file).removed == 0
    assert len(songs(full)) == 3
    assert workflows.import_file(full, file, replace_songs=True).removed == 2
    assert list(songs(full)) == ["One More Time"]
    file.write_text("\n".join([HEADER, SO_WHAT]))
    workflows.import_file(full, file)
    assert songs(full)["So What"][1] == "song"


def from_spotify(app: Application, *liked: SavedSong) -> None:
    """Reads an account whose songs say nothing but their names."""
    app.library.songs.write(KnownAccount("spotify-id", "Ada", len(liked), NOW - timedelta(days=1)), liked)


def test_beside_spotify_a_file_adds_no_songs(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """It says what the songs are like and what the person said of them, also of another release."""
    file = tmp_path / "library.json"
    workflows.export_library(full, file)
    app = make("spotify")
    track = Track("1" * 22, "So what", ("Miles Davis",), duration_ms=545_900)
    from_spotify(app, SavedSong(track, f"spotify:track:{'1' * 22}", NOW))
    found = workflows.import_file(app, file)
    assert (found.takes_songs, found.added, found.account_name) == (False, 0, "Ada")
    (row,) = workflows.list_songs(app)
    assert (row.track_id, row.said_by) == ("1" * 22, "song")
    (song,) = app.library.genres.songs("spotify-id", 0.4)
    assert song.song.track.statistics == AudioStatistics(0.3, 0.2, 2, -16.0, 1, 0.04, 0.9, 0.4, 0.1, 0.3, 136.0, 4)
    assert app.library.accounts.latest() == KnownAccount("spotify-id", "Ada", 1, NOW - timedelta(days=1))
    with pytest.raises(LibraryError, match="Spotify says"):
        workflows.import_file(app, file, replace_songs=True)


def test_the_rows_numbers_of_two_files_are_not_one_song(make: Callable[[str], Application], tmp_path: Path) -> None:
    """An id that is not Spotify's is a file's own: the next file's songs neither replace the first's nor its words."""
    app = make("numbers")
    for name, text in (
        ("a.csv", "id,title,artist\n1,Song A,Alice\n2,Song B,Bob\n"),
        ("b.csv", "id,title,artist\n1,Other C,Carol\n2,Other D,Dave\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        workflows.import_file(app, path)
        workflows.classify_library(app)
        if name == "a.csv":
            workflows.correct(app, "jazz", [workflows.find_song(app, "song a")])
    assert {title: by for title, (_, by) in songs(app).items()} == {
        "Song A": "song", "Song B": "model", "Other C": "model", "Other D": "model",
    }  # fmt: skip


def test_statistics_alone_take_no_names_away(full: Application, tmp_path: Path) -> None:
    """Nor the day the song was liked; they count for it."""
    path = tmp_path / "statistics.csv"
    path.write_text("track_id,energy\n4vLYewWIvqHfKtJDk8c8tq,0.25\n")
    before = {row.title: row for row in workflows.list_songs(full)}
    workflows.import_file(full, path)
    workflows.classify_library(full)
    after = {row.title: row for row in workflows.list_songs(full)}
    assert after.keys() == before.keys()
    assert after["So What"].added_at == before["So What"].added_at
    assert after["So What"].artists == before["So What"].artists


def test_songs_that_share_an_address_or_have_none_are_apart(make: Callable[[str], Application], tmp_path: Path) -> None:
    """In the lists of playlists too, which go by addresses."""
    app = make("shared")
    file = tmp_path / "library.json"
    rows = [{"track_id": one, "title": one, "genre_slug": "jazz", "genre_from": "song"} for one in "abcdef"]
    rows[3]["uri"] = rows[4]["uri"] = "spotify:track:same"
    file.write_text(json.dumps({"cratewise": 1, "songs": rows}))
    workflows.import_file(app, file)
    workflows.classify_library(app)
    workflows.save_rules(app, Rules(("jazz",), least_songs=1))
    (jazz,) = workflows.export_playlists(app, tmp_path / "lists", "json")
    assert {song.title for song in read_file(jazz.path).songs} == set("abcdef")
