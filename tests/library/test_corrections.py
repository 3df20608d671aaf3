from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cratewise.classification import Classification
from cratewise.library.accounts import KnownAccount
from cratewise.library.corrections import Correction, GenreChange, Kind, Pin
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import Track

START = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 2, START)
BEN = KnownAccount("ben", "Ben", 1, START)


def song(number: int, album: str = "Kind of Blue", artist: str = "Miles Davis", isrc: str = "") -> SavedSong:
    """A liked song."""
    track = Track(f"t{number}", f"Title {number}", (artist, "John Coltrane"), album=album, isrc=isrc)
    return SavedSong(track, f"spotify:track:t{number}", START + timedelta(days=number))


def said(kind: Kind, key: str, genre: str, family: str = "rock") -> Correction:
    """What Ada said."""
    return Correction(kind, key, key, genre, family, "Ada", START)


def genres(library: Library, account_id: str = "ada") -> dict[str, str]:
    """The genre of each song, and who it comes from."""
    songs = library.genres.songs(account_id, 0.5)
    return {
        one.song.track.track_id: f"{one.classification.genre} by {one.said_by}" for one in songs if one.classification
    }


def classify(library: Library, *track_ids: str, model: str = "m1", genre: str = "bebop") -> None:
    """Lets a model call these jazz."""
    said_of = [Classification(one, genre, "jazz", 0.9, "", False, "It swings.") for one in track_ids]
    library.genres.write("ada", model, said_of)


def test_a_song_counts_before_its_album_and_that_before_its_artist(library: Library) -> None:
    """A person's word beats the model's; the more exact it is, the more it counts, whatever was said first."""
    library.songs.write(ADA, [song(1), song(2), song(3, "Tutu"), song(4, "Tutu", "Marcus Miller")])
    classify(library, "t1", "t2", "t3", "t4")
    library.corrections.add("ada", [said("song", "t1", "punk"), said("album", "miles davis\nkind of blue", "grunge")])
    library.corrections.add("ada", [said("artist", "miles davis", "rock")])
    assert genres(library) == {
        "t1": "punk by song",
        "t2": "grunge by album",
        "t3": "rock by artist",
        "t4": "bebop by model",
    }
    (first, *_) = [one for one in library.genres.songs("ada", 0.95) if one.song.track.track_id == "t1"]
    assert first.classification is not None
    assert (first.classification.confidence, first.classification.is_unsure) == (1.0, False)


def test_a_word_outlives_syncs_models_and_unliking(library: Library) -> None:
    """It holds for songs that come later, after a new model, and for a song that was un-liked and liked again."""
    library.songs.write(ADA, [song(1)])
    library.corrections.add("ada", [said("song", "t1", "punk"), said("artist", "miles davis", "rock")])
    assert genres(library) == {"t1": "punk by song"}
    library.songs.write(ADA, [song(2)], ["t1"])
    classify(library, "t2", model="m2")
    library.songs.write(ADA, [song(1)])
    assert genres(library) == {"t1": "punk by song", "t2": "rock by artist"}


def test_a_word_on_one_release_holds_for_the_song(library: Library) -> None:
    """Said of the single, it holds for the album's release; the newest word counts, whichever release it was on."""
    library.songs.write(ADA, [song(1, isrc="X"), song(2, "Another", isrc="X")])
    library.corrections.add("ada", [said("song", "t1", "punk")])
    assert genres(library) == {"t2": "punk by song"}
    library.corrections.add("ada", [said("song", "t2", "grunge")])
    assert genres(library) == {"t2": "grunge by song"}
    library.songs.write(ADA, [], ["t1"])
    assert genres(library) == {"t2": "grunge by song"}


def test_what_was_taken_back_leaves_what_was_said_before(library: Library) -> None:
    """Taking back goes one word at a time, down to the model's; it shows in the history, and works once."""
    library.songs.write(ADA, [song(1)])
    classify(library, "t1")
    library.corrections.add("ada", [said("song", "t1", "punk")])
    library.corrections.add("ada", [said("song", "t1", "grunge")])
    newest, oldest = library.corrections.all("ada")
    assert (newest.genre, oldest.genre, newest.said_by, newest.said_at) == ("grunge", "punk", "Ada", START)
    later = START + timedelta(days=1)
    assert newest.correction_id is not None
    assert [one.genre for one in library.corrections.take_back("ada", [newest.correction_id], later)] == ["grunge"]
    assert genres(library) == {"t1": "punk by song"}
    assert library.corrections.take_back("ada", [newest.correction_id], later) == ()
    assert oldest.correction_id is not None
    library.corrections.take_back("ada", [oldest.correction_id], later)
    assert genres(library) == {"t1": "bebop by model"}
    assert [one.taken_back_at for one in library.corrections.all("ada")] == [later, later]


def test_nobody_speaks_for_another(library: Library) -> None:
    """What Ada says changes nothing for Ben, and Ben can take nothing of it back."""
    library.songs.write(ADA, [song(1)])
    library.songs.write(BEN, [song(1)])
    library.corrections.add("ada", [said("artist", "miles davis", "rock")])
    library.corrections.write_genre_changes("ada", [GenreChange("rock", counts_as="pop", counts_as_family="pop")])
    library.corrections.pin("ada", [Pin("t1", "rock", True, START)])
    assert genres(library, "ben") == {}
    assert library.corrections.all("ben") == ()
    assert library.corrections.genre_changes("ben") == {}
    assert library.corrections.pins("ben") == ()
    (mine,) = library.corrections.all("ada")
    assert mine.correction_id is not None
    assert library.corrections.take_back("ben", [mine.correction_id], START) == ()
    assert genres(library) == {"t1": "pop by artist"}


def test_merged_genres_count_as_another(library: Library) -> None:
    """A style or a whole family counts as another genre, by the model or by a person; taken back, it is as before."""
    library.songs.write(ADA, [song(1), song(2)])
    classify(library, "t1")
    classify(library, "t2", genre="jazz")
    into_blues = {"counts_as": "blues", "counts_as_family": "blues"}
    library.corrections.write_genre_changes("ada", [GenreChange("bebop", merged_into="blues", **into_blues)])
    assert genres(library) == {"t1": "blues by model", "t2": "jazz by model"}
    library.corrections.write_genre_changes("ada", [GenreChange("jazz", merged_into="blues", **into_blues)])
    assert genres(library) == {"t1": "blues by model", "t2": "blues by model"}
    library.corrections.write_genre_changes("ada", [])
    assert genres(library) == {"t1": "bebop by model", "t2": "jazz by model"}


def test_of_a_pin_the_last_word_is_kept(library: Library) -> None:
    """On each song and genre, also that it is pinned no more."""
    library.songs.write(ADA, [song(1)])
    library.corrections.pin("ada", [Pin("t1", "rock", True, START)])
    library.corrections.pin("ada", [Pin("t1", "rock", False, START), Pin("t1", "pop", True, START)])
    assert {(one.genre, one.is_in) for one in library.corrections.pins("ada")} == {("rock", False), ("pop", True)}
    library.corrections.pin("ada", [Pin("t1", "rock", None, START + timedelta(days=1))])
    assert [(one.genre, one.is_in) for one in library.corrections.pins("ada")] == [("rock", None), ("pop", True)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("song", "t1"), ("song", "t1")),
        (("song", "t1"), ("song", "t2")),
        (("album", "miles davis\nkind of blue"), ("album", "miles davis\nkind of blue")),
        (("artist", "miles davis"), ("artist", "miles davis")),
    ],
    ids=["song", "another release", "album", "artist"],
)
def test_the_last_word_counts_though_the_clock_was_set_back(
    library: Library, first: tuple[Kind, str], second: tuple[Kind, str]
) -> None:
    """It is dated behind the one before, which counts again once it is taken back."""
    library.songs.write(ADA, [song(1, isrc="X"), song(2, isrc="X")])
    library.corrections.add("ada", [replace(said(*first, "punk"), said_at=START + timedelta(hours=1))])
    (last,) = library.corrections.add("ada", [said(*second, "grunge")])
    assert genres(library) == {"t2": f"grunge by {second[0]}"}
    assert [one.genre for one in library.corrections.all("ada")] == ["grunge", "punk"]
    assert last.said_at == START + timedelta(hours=1, microseconds=1)
    assert last.correction_id is not None
    library.corrections.take_back("ada", [last.correction_id], START)
    assert genres(library) == {"t2": f"punk by {first[0]}"}
