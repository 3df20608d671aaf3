import gc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cratewise.classification import Classification
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import AudioStatistics, Track

START = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 2, START)
BEN = KnownAccount("ben", "Ben", 1, START + timedelta(days=1))


def song(number: int, **details: object) -> SavedSong:
    """A liked song; the greater the number, the later liked."""
    track = Track(f"t{number}", f"Title {number}", ("Artist",), **details)  # type: ignore[arg-type]
    return SavedSong(track, f"spotify:track:t{number}", START + timedelta(days=number), cover_url="https://c/1")


def classified(number: int, confidence: float = 0.9) -> Classification:
    """A classification as bebop."""
    return Classification(f"t{number}", "bebop", "jazz", confidence, "blues", confidence < 0.5, "It swings.")


def test_songs_come_back_as_they_were_kept(library: Library) -> None:
    """Every field of a song survives, and the newest liked song comes first."""
    details = {
        "album": "Album",
        "duration_ms": 1000,
        "explicit": False,
        "popularity": 7,
        "release_year": 1959,
        "isrc": "US1",
        "statistics": AudioStatistics(energy=0.5, key=3),
        "artist_tags": ("bebop", "cool jazz"),
    }
    songs = [song(2), song(1, **details)]
    library.songs.write(ADA, songs)
    assert [one.song for one in library.genres.songs("ada", 0.5)] == songs
    assert library.accounts.find("ada") == ADA


def test_accounts_do_not_see_each_other(library: Library) -> None:
    """Two accounts that like the same song each have their own likes and genres."""
    library.songs.write(ADA, [song(1), song(2)])
    library.songs.write(BEN, [song(1)])
    library.genres.write("ada", "m1", [classified(1)])
    library.songs.write(ADA, [], ["t1"])
    assert list(library.songs.added_at("ada")) == ["t2"]
    (bens,) = library.genres.songs("ben", 0.5)
    assert bens.classification is None
    assert library.accounts.latest() == BEN


def test_a_sync_keeps_statistics_and_tags(library: Library) -> None:
    """What other sources said of a song stays when the account, which knows none of it, is read again."""
    library.songs.write(ADA, [song(1, statistics=AudioStatistics(energy=0.5), artist_tags=("bebop",))])
    library.songs.write(ADA, [song(1, album="New album")])
    (kept,) = library.genres.songs("ada", 0.5)
    assert kept.song.track.album == "New album"
    assert kept.song.track.statistics == AudioStatistics(energy=0.5)
    assert kept.song.track.artist_tags == ("bebop",)


def test_writing_leaves_little_behind_for_python_to_find(library: Library) -> None:
    """Objects that hold each other stay until Python looks for them, which takes the longer the more a library has."""
    songs = [song(number) for number in range(2_000)]
    said = [classified(number) for number in range(2_000)]
    library.songs.write(ADA, songs[:1])
    library.genres.write("ada", "m1", said[:1])
    gc.collect()
    gc.disable()
    try:
        library.songs.write(ADA, songs)
        library.genres.write("ada", "m1", said)
        assert gc.collect() < len(songs)
    finally:
        gc.enable()


def test_only_new_and_changed_songs_are_classified_again(library: Library) -> None:
    """A song waits for the classifier when it is new, was changed, or was seen by another model only.

    The newest liked waits first.
    """
    library.songs.write(ADA, [song(1), song(2)])
    assert [track.track_id for track in library.genres.unsorted("ada", "m1")] == ["t2", "t1"]
    library.genres.write("ada", "m1", [classified(1), classified(2)])
    assert library.genres.unsorted("ada", "m1") == ()
    library.songs.write(ADA, [replace(song(1), is_available=False), song(2, album="Another"), song(3)])
    assert [track.track_id for track in library.genres.unsorted("ada", "m1")] == ["t3", "t2"]
    assert len(library.genres.unsorted("ada", "m2")) == 3
    assert len(library.genres.unsorted("ada", "m1", everything=True)) == 3


def test_unsure_depends_on_what_is_asked_for(library: Library) -> None:
    """The same classification is unsure or not by the confidence asked for when it is read."""
    library.songs.write(ADA, [song(1)])
    library.genres.write("ada", "m1", [classified(1, 0.6)])
    assert library.genres.songs("ada", 0.5)[0].classification == replace(classified(1, 0.6), is_unsure=False)
    said = library.genres.songs("ada", 0.7)[0].classification
    assert said is not None
    assert said.is_unsure
    assert library.genres.model_version("ada") == "m1"


def test_names_outlive_the_like(library: Library) -> None:
    """A song that is no longer liked can still be named."""
    library.songs.write(ADA, [song(number) for number in range(1200)])
    library.songs.write(ADA, [], ["t1"])
    names = library.songs.names("ada", {f"spotify:track:t{number}" for number in range(1300)})
    assert len(names) == 1200
    assert names["spotify:track:t1"] == ("Title 1", ("Artist",))
