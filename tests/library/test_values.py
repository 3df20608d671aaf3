"""What cannot be kept as it is becomes the same on every kind of database."""

from datetime import UTC, datetime
from math import inf, nan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratewise.classification import Classification
from cratewise.errors import LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.columns import json_from, storable
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import AudioStatistics, Track

AT = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 1, AT)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(["a\0b", "\ud83d", "\ude00 "])


def kept(library: Library, track: Track) -> Track:
    """The song as it comes back."""
    library.songs.write(ADA, [SavedSong(track, "spotify:track:t", AT)])
    (found,) = [one.song.track for one in library.genres.songs("ada", 0.5)]
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(ANY_TEXT, ANY_TEXT)
def test_any_title_can_be_kept(library: Library, title: str, artist: str) -> None:
    """Every text comes back as it was, but for NUL and half a surrogate pair, which no database takes."""
    found = kept(library, Track("t", title, (artist,), album=title))
    assert (found.title, found.album) == (storable(title), storable(title))
    assert found.artists == (storable(artist),)


def test_what_cannot_be_kept_is_marked(library: Library) -> None:
    """NUL and half an emoji become U+FFFD in text and in lists alike, and a whole emoji stays."""
    found = kept(library, Track("t", "a\0b\ud83d 😀", ("c\0", "\ude00😀"), artist_tags=("\0",)))
    assert found.title == "a\ufffdb\ufffd 😀"
    assert found.artists == ("c\ufffd", "\ufffd😀")
    assert found.artist_tags == ("\ufffd",)


def test_names_of_any_kind_are_found_again(library: Library) -> None:
    """What is looked up is written as what is kept."""
    library.songs.write(KnownAccount("ada\0", "\ud83d", 1, AT), [SavedSong(Track("t\0", "T"), "uri\0", AT)])
    assert library.accounts.find("ada\0") == KnownAccount("ada\ufffd", "\ufffd", 1, AT)
    assert list(library.songs.names("ada\0", ["uri\0"]).values()) == [("T", ())]
    (waiting,) = library.genres.unsorted("ada\0", "m")
    said = Classification(waiting.track_id, "bebop", "jazz", 0.5, "blues", False, "\0")
    library.genres.write("ada\0", "m", [said])
    assert library.genres.unsorted("ada\0", "m") == ()


def test_numbers_beyond_all_measure_can_be_kept(library: Library) -> None:
    """A length of 200 digits is kept as the greatest there is; a statistic that is no number is unknown."""
    found = kept(library, Track("t", duration_ms=10**200, statistics=AudioStatistics(energy=nan, tempo_bpm=inf)))
    assert found.duration_ms == 2**31 - 1
    assert found.statistics is None


def test_a_damaged_value_is_one_clear_error() -> None:
    """JSON that was damaged on the disk is an error of the library, not of the program."""
    with pytest.raises(LibraryError, match="damaged"):
        json_from('{"energy": 0.')
