"""A library carried from one machine to another in a file."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import CratewiseError, LibraryError
from cratewise.exports.files import read_file

from .conftest import HEADER, NOW, SO_WHAT, same, songs


@pytest.mark.parametrize("form", ["json", "jspf", "parquet"])
def test_export_then_import_is_the_same_library(
    full: Application, make: Callable[[str], Application], form: str, tmp_path: Path
) -> None:
    """Songs, genres, who said them, every word, every answer of a source; also when it is imported twice."""
    file = tmp_path / f"library.{form}"
    workflows.export_library(full, file)
    other = make("other")
    for _ in range(2):
        found = workflows.import_file(other, file)
        workflows.classify_library(other)
        assert same(workflows.library_record(other)) == same(workflows.library_record(full))
        assert songs(other) == songs(full)
        assert workflows.genre_names(other)["jazz"] == "Blue Notes"
    assert (found.added, found.corrections) == (0, 0)


def test_a_csv_export_carries_songs_and_the_words_on_them(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """The same songs with the same genres by the same word; who tells the numbers is the file now."""
    file = tmp_path / "library.csv"
    workflows.export_library(full, file)
    other = make("other")
    for _ in range(2):
        workflows.import_file(other, file)
        workflows.classify_library(other)
        assert songs(other) == songs(full)
        assert len(workflows.corrections(other)) == 2  # the one that was taken back is of no song
    before, after = (workflows.library_record(app).songs for app in (full, other))
    apart = {"statistics_from": (), "tags_from": (), "genre": "", "family": "", "runner_up": ""}  # renamed
    assert [replace(one, **apart) for one in after] == [replace(one, **apart) for one in before]


def test_a_table_of_merged_genres_is_nothing_new(full: Application, tmp_path: Path) -> None:
    """It names a song by each of its releases, and by the genre its own counts as; the word is the same."""
    again = tmp_path / "again.csv"
    again.write_text("\n".join([HEADER, SO_WHAT.replace("4vLYewWIvqHfKtJDk8c8tq", "2" * 22)]))
    workflows.import_file(full, again)
    workflows.classify_library(full)
    workflows.change_genre(full, "house", merged_into="pop")
    workflows.correct(full, "deep-house", [workflows.find_song(full, "untitled")])
    workflows.change_genre(full, "deep-house", hidden=True)
    before = workflows.corrections(full)
    file = tmp_path / "library.csv"
    workflows.export_library(full, file)
    assert workflows.import_file(full, file).corrections == 0
    assert workflows.corrections(full) == before


def test_a_table_says_a_song_once_for_all_its_releases(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """Also where the library is new: taking the word back takes it from all of them."""
    again = tmp_path / "again.csv"
    again.write_text("\n".join([HEADER, SO_WHAT.replace("4vLYewWIvqHfKtJDk8c8tq", "2" * 22)]))
    workflows.import_file(full, again)
    workflows.classify_library(full)
    file = tmp_path / "library.csv"
    workflows.export_library(full, file)
    other = make("other")
    workflows.import_file(other, file)
    assert [one.kind for one in workflows.corrections(other)].count("song") == 1


def test_a_name_that_another_genre_has_stays_away(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """It is said, and the rest of the file is taken."""
    file = tmp_path / "library.json"
    workflows.export_library(full, file)
    other = make("other")
    workflows.import_file(other, file)
    workflows.change_genre(other, "jazz", name="")
    workflows.change_genre(other, "rock", name="blue notes")
    found = workflows.import_file(other, file)
    assert "“Blue Notes” is the name of another genre." in found.notes
    assert workflows.genre_names(other)["jazz"] == "Jazz"


def test_an_older_export_does_not_pin_again(full: Application, tmp_path: Path) -> None:
    """A song that is pinned no more stays so; what is pinned since, too."""
    so_what, one_more_time = (workflows.find_song(full, words) for words in ("so what", "one more time"))
    workflows.pin(full, so_what, "blues", is_in=True)
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    workflows.export_library(full, older)
    full.now = lambda: NOW + timedelta(days=1)  # type: ignore[method-assign]
    workflows.pin(full, so_what, "blues", is_in=None)
    workflows.pin(full, one_more_time, "pop", is_in=False)
    before = workflows.pins(full)
    workflows.export_library(full, newer)
    workflows.import_file(full, older)
    assert workflows.pins(full) == before
    assert so_what.key not in {one.track_id for one in before if one.genre == "blues"}
    assert read_file(newer).background is not None
    workflows.import_file(full, newer)
    assert workflows.pins(full) == before


def test_the_later_word_on_genres_and_rules_counts(full: Application, make: Callable[[str], Application]) -> None:
    """Whichever file is imported first: a merging that was taken back stays so, and a newer name and rule are taken."""
    older, newer = (full.settings.data_dir / f"{name}.json" for name in ("older", "newer"))
    workflows.change_genre(full, "soul-and-funk", merged_into="pop")
    workflows.change_genre(full, "jazz", name="Sunday")
    workflows.change_rules(full, lambda rules: replace(rules, least_songs=3))
    workflows.export_library(full, older)
    full.now = lambda: NOW + timedelta(days=1)  # type: ignore[method-assign]
    workflows.change_genre(full, "soul-and-funk", merged_into="")
    workflows.change_genre(full, "jazz", name="Monday")
    workflows.change_rules(full, lambda rules: replace(rules, least_songs=11))
    workflows.export_library(full, newer)
    forwards, backwards = make("forwards"), make("backwards")
    for app, files in ((full, (older,)), (forwards, (older, newer)), (backwards, (newer, older))):
        for file in files:
            workflows.import_file(app, file)
        changes = {one.genre: one for one in workflows.genre_changes(app)}
        assert changes["jazz"].name == "Monday"
        assert "soul-and-funk" not in changes
        assert workflows.current_rules(app).least_songs == 11


def test_the_lists_of_each_genre(full: Application, tmp_path: Path) -> None:
    """As the rules ask for them, with pins, in every format; nothing is replaced unasked."""
    files = workflows.export_playlists(full, tmp_path / "lists", "m3u8")
    assert {one.path.name: one.songs for one in files} == {
        "Blue Notes · liked.m3u8": 2,
        "Electronic · liked.m3u8": 1,
    }
    assert "Untitled Demo" in (tmp_path / "lists" / "Blue Notes · liked.m3u8").read_text(encoding="utf-8")
    with pytest.raises(CratewiseError, match="is there already"):
        workflows.export_playlists(full, tmp_path / "lists", "m3u8")
    for form in ("csv", "json", "parquet", "jspf"):
        assert len(workflows.export_playlists(full, tmp_path / form, form)) == 2


def test_an_empty_library_cannot_be_exported(make: Callable[[str], Application], tmp_path: Path) -> None:
    """It says how to fill it."""
    with pytest.raises(LibraryError, match="empty") as raised:
        workflows.export_library(make("empty"), tmp_path / "library.json")
    assert "cratewise import" in raised.value.hint
    assert not (tmp_path / "library.json").exists()
