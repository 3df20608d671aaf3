import csv
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cratewise.genres.taxonomy import load_taxonomy

ROOT = Path(__file__).resolve().parents[3]
SANDBOX = ROOT / "src/cratewise/spotify/sandbox"

FAMILIES = {family.name for family in load_taxonomy().families}
SCRIPTS = {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "CYRILLIC", "ARABIC", "HEBREW", "GREEK", "DEVANAGARI"}


def rows(path: Path) -> list[dict[str, str]]:
    """Every row of a CSV file by its header; a row of the wrong width fails."""
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, restval="<short>"))
    assert all(None not in row and "<short>" not in row.values() for row in found)
    return found


def first_artist(song: dict[str, str]) -> str:
    """The artist a song is filed under."""
    return song["artists"].split(" ; ")[0]


@pytest.fixture(scope="module")
def songs() -> list[dict[str, str]]:
    """The demo library."""
    return rows(SANDBOX / "demo_library.csv")


@pytest.fixture(scope="module")
def families() -> dict[tuple[str, str], set[str]]:
    """The families a listener would accept, by first artist and title."""
    judged = rows(ROOT / "tests/model/demo_families.csv")
    assert len({(row["artist"], row["title"]) for row in judged}) == len(judged)
    return {(row["artist"], row["title"]): set(row["families"].split(";")) - {""} for row in judged}


@pytest.fixture(scope="module")
def playlists() -> list[dict[str, Any]]:
    """The playlists made by hand."""
    found: list[dict[str, Any]] = tomllib.loads((SANDBOX / "demo_playlists.toml").read_text("utf-8"))["playlist"]
    return found


def test_the_library_is_large_and_every_row_is_whole(songs: list[dict[str, str]]) -> None:
    """There are at least 400 songs, each with a title, artists, an album and a believable year."""
    assert len(songs) >= 400
    for song in songs:
        assert song["title"].strip() == song["title"] != ""
        assert song["album"].strip() == song["album"] != ""
        assert all(artist.strip() == artist != "" for artist in song["artists"].split(" ; "))
        assert 1900 <= int(song["year"]) <= 2025


def test_it_has_the_awkward_cases_of_real_libraries(songs: list[dict[str, str]]) -> None:
    """Second copies, songs no longer available and local files are there, and no other note."""
    notes = Counter(song["note"] for song in songs)
    del notes[""]
    assert notes == {"duplicate": 4, "unavailable": 3, "local": 2}


def test_a_song_stands_twice_only_where_noted_and_on_another_album(songs: list[dict[str, str]]) -> None:
    """Apart from the rows noted as duplicates no artist and title repeat, and each duplicate follows its original."""
    originals: dict[tuple[str, str], str] = {}
    for song in songs:
        key = (song["artists"], song["title"])
        if song["note"] == "duplicate":
            assert originals[key] != song["album"]
        else:
            assert key not in originals
            originals[key] = song["album"]


def test_it_is_written_in_several_scripts(songs: list[dict[str, str]]) -> None:
    """Titles and names stand in their own scripts, ten of them."""
    letters = {letter for song in songs for letter in song["title"] + song["artists"] if letter.isalpha()}
    assert {unicodedata.name(letter).split()[0] for letter in letters} >= SCRIPTS
    assert all(unicodedata.is_normalized("NFC", song["title"] + song["artists"]) for song in songs)


def test_every_song_is_judged_with_known_families(
    songs: list[dict[str, str]], families: dict[tuple[str, str], set[str]]
) -> None:
    """The judgement covers exactly the library's songs, with known families; only made-up artists have none."""
    assert families.keys() == {(first_artist(song), song["title"]) for song in songs}
    assert set().union(*families.values()) <= FAMILIES
    unknown = {artist for (artist, _), accepted in families.items() if not accepted}
    local = {first_artist(song) for song in songs if song["note"] == "local"}
    assert local < unknown
    assert unknown - local == {"The Lantern Parish", "Ferrous Kite", "Okwudili Brandt"}


def test_many_families_are_well_filled(families: dict[tuple[str, str], set[str]]) -> None:
    """At least 16 families have a dozen songs or more, and every family has at least one."""
    counts = Counter(family for accepted in families.values() for family in accepted)
    assert sum(count >= 12 for count in counts.values()) >= 16
    assert set(counts) == set(FAMILIES)


def test_every_playlist_song_is_in_the_library(songs: list[dict[str, str]], playlists: list[dict[str, Any]]) -> None:
    """A playlist names its songs exactly as the library does, each once."""
    known = {f"{first_artist(song)} - {song['title']}" for song in songs}
    for playlist in playlists:
        assert [name for name in playlist["songs"] if name not in known] == []
        assert len(set(playlist["songs"])) == len(playlist["songs"])


def test_the_playlists_hold_what_sorting_must_leave_alone(playlists: list[dict[str, Any]]) -> None:
    """One playlist has an episode, a local file and a null entry; another only looks like a sorted one."""
    trip, lookalike, _ = playlists
    assert trip["name"] == "Road trip 2019 (do not touch)"
    assert [extra["kind"] for extra in trip["extra"]] == ["episode", "local", "null"]
    positions = [extra["position"] for extra in trip["extra"]]
    assert positions == sorted(positions)
    assert positions[-1] < len(trip["songs"]) + len(positions)
    assert lookalike["name"] == "Jazz · liked"
    assert len(lookalike["songs"]) == 3
