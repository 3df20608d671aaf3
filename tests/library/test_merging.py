"""Taking what a file says into a library, as plain values."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cratewise.library.contents import Contents, KnownTrack, StatisticsAnswer, TagsAnswer
from cratewise.library.corrections import Correction, GenreChange, Pin
from cratewise.library.merging import merged, only
from cratewise.library.songs import SavedSong
from cratewise.playlists.rules import Rules
from cratewise.tracks import AudioStatistics, Track

AT = datetime(2026, 1, 1, tzinfo=UTC)
LOUD = AudioStatistics(energy=0.9)


def known(track_id: str, title: str = "", isrc: str = "", day: int = 0, *, is_liked: bool = True) -> KnownTrack:
    """A release of a song."""
    track = Track(track_id, title or track_id, ("Ada",), duration_ms=200_000, isrc=isrc)
    return KnownTrack(SavedSong(track, f"spotify:track:{track_id}", AT + timedelta(days=day)), is_liked)


def said(key: str, genre: str, day: int, number: int | None = None, back: datetime | None = None) -> Correction:
    """A word on a song."""
    return Correction("song", key, key, genre, genre, "Ada", AT + timedelta(days=day), number, back)


def liked(contents: Contents) -> set[str]:
    """The ids of the liked releases."""
    return {one.song.track.track_id for one in contents.tracks if one.is_liked}


def test_a_file_adds_its_songs() -> None:
    """Beside those that are there; a song that is liked in either is liked."""
    own = Contents(tracks=(known("a"), known("b", is_liked=False)))
    given_ = Contents(tracks=(known("b"), known("c"), known("d", is_liked=False), known("a", is_liked=False)))
    together = merged(own, given_, takes_songs=True)
    assert liked(together) == {"a", "b", "c"}
    assert {one.song.track.track_id for one in together.tracks} == {"a", "b", "c", "d"}
    assert liked(only(together, given_)) == {"b", "c"}


def test_a_file_that_says_less_takes_nothing_away() -> None:
    """The recording code and the cover stay where the file has none."""
    own = Contents(tracks=(known("a", "Song", "ISRC1", day=3),))
    (track,) = merged(own, Contents(tracks=(known("a", "Song!"),)), takes_songs=True).tracks
    assert (track.song.track.isrc, track.song.track.title) == ("ISRC1", "Song!")
    assert track.song.added_at == AT + timedelta(days=3)


def test_what_a_file_says_finds_the_song_under_another_id() -> None:
    """By its id, by its recording code, by its names and length; of other songs nothing is taken."""
    own = Contents(tracks=(known("a", "One"), known("b", "Two", "X1"), known("b2", "Two", "X1"), known("c", "Three")))
    given_ = Contents(
        tracks=(known("a", "Other"), known("other", "Anything", "X1"), known("third", "three!"), known("z", "Four")),
        statistics=tuple(StatisticsAnswer(one, "csv", AT, LOUD) for one in ("a", "other", "third", "z")),
        tags=(TagsAnswer("track:third", "csv", AT, {"jazz": 1.0}), TagsAnswer("artist:x", "lastfm", AT, {})),
        corrections=(said("third", "jazz", 1), said("z", "rock", 1)),
        pins=(Pin("other", "pop", True, AT),),
    )
    together = merged(own, given_, takes_songs=False)
    assert together.tracks == own.tracks
    assert [one.track_id for one in together.statistics] == ["a", "b", "b2", "c"]
    assert [one.subject for one in together.tags] == ["track:c", "artist:x"]
    assert [one.key for one in together.corrections] == ["c", "z"]  # of a song that may be liked one day
    assert [one.track_id for one in together.pins] == ["b"]


def test_a_word_is_kept_once_and_stays_taken_back() -> None:
    """Said before and in the file: one; taken back in either: taken back; numbers of the library stay."""
    back = AT + timedelta(days=9)
    own = Contents(corrections=(said("a", "jazz", 1, 7), said("b", "jazz", 1, 8, back)))
    given_ = Contents(corrections=(said("a", "jazz", 1, 1, back), said("b", "jazz", 1), said("a", "pop", 2, 3)))
    assert merged(own, given_, takes_songs=True).corrections == (
        said("a", "jazz", 1, 7, back),
        said("b", "jazz", 1, 8, back),
        said("a", "pop", 2),
    )


def test_what_the_library_says_of_genres_stays() -> None:
    """Its own changes and rules count before those of the file; of two pins the later one."""
    own = Contents(
        genre_changes=(GenreChange("pop", "Mine"),), rules=Rules(("pop",)), pins=(Pin("a", "pop", True, AT),)
    )
    given_ = Contents(
        genre_changes=(GenreChange("pop", "Theirs"), GenreChange("jazz", "Jazz!")),
        rules=Rules(("jazz",)),
        pins=(Pin("a", "pop", False, AT + timedelta(days=1)), Pin("b", "pop", True, AT)),
    )
    together = merged(own, given_, takes_songs=True)
    assert [one.name for one in together.genre_changes] == ["Mine", "Jazz!"]
    assert together.rules == Rules(("pop",))
    assert together.pins == (Pin("a", "pop", False, AT + timedelta(days=1)), Pin("b", "pop", True, AT))
    assert merged(Contents(), given_, takes_songs=True).rules == Rules(("jazz",))


ids = st.sampled_from("abc")
days = st.integers(0, 3)
libraries = st.builds(
    Contents,
    tracks=st.lists(
        st.builds(known, ids, ids, st.just(""), days, is_liked=st.booleans()),
        max_size=4,
        unique_by=lambda one: one.song.track.track_id,
    ).map(tuple),
    corrections=st.lists(st.builds(said, ids, ids, days), max_size=4).map(tuple),
    pins=st.lists(st.builds(lambda one, day: Pin(one, "pop", day > 1, AT + timedelta(day)), ids, days)).map(tuple),
)


@given(libraries, libraries, st.booleans())
def test_merging_the_same_again_changes_nothing(own: Contents, given_: Contents, takes_songs: bool) -> None:
    """And nothing that the library knew is lost."""
    once = merged(own, given_, takes_songs=takes_songs)
    again = merged(once, given_, takes_songs=takes_songs)
    assert (set(again.tracks), set(again.corrections), set(again.pins)) == (
        set(once.tracks),
        set(once.corrections),
        set(once.pins),
    )
    assert liked(own) <= liked(once)
    assert {(one.key, one.genre, one.said_at) for one in own.corrections} <= {
        (one.key, one.genre, one.said_at) for one in once.corrections
    }


def test_a_file_without_names_or_times_takes_none_away() -> None:
    """Statistics for songs that are there, without title, artists, album and the day they were liked."""
    track = Track("a", "Song", ("Ada",), "Album")
    own = Contents(tracks=(KnownTrack(SavedSong(track, "spotify:track:a", AT)),))
    bare = KnownTrack(SavedSong(Track("a", ""), "spotify:track:a", AT + timedelta(days=9)), is_dated=False)
    (one,) = merged(own, Contents(tracks=(bare,)), takes_songs=True).tracks
    assert (one.song.track.title, one.song.track.artists, one.song.track.album) == ("Song", ("Ada",), "Album")
    assert one.song.added_at == AT
