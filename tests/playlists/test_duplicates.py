from datetime import UTC, datetime, timedelta

import pytest

from cratewise.playlists.duplicates import same_songs
from cratewise.playlists.plan import LikedSong


def release(number: int, title: str = "Song", artists: tuple[str, ...] = ("A", "B"), **known: object) -> LikedSong:
    """A liked song with what is known of it."""
    added_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return LikedSong(f"uri:{number}", str(number), title, artists, added_at, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        (release(1, "X", isrc="DE1"), release(2, "Y", isrc="de1"), True),
        (release(1, isrc="DE1"), release(2, isrc="DE2"), True),
        (release(1, "Café"), release(2, "CAFE!"), True),
        (release(1, artists=("A", "B")), release(2, artists=("B", "A")), True),
        (release(1, artists=("A",)), release(2, artists=("A", "B")), False),
        (release(1, "Song (Live)"), release(2, "Song"), False),
        (release(1, duration_ms=200_000), release(2, duration_ms=202_000), True),
        (release(1, duration_ms=200_000), release(2, duration_ms=202_001), False),
        (release(1, duration_ms=200_000), release(2), True),
        (release(1, ""), release(2, ""), False),
        (release(1, artists=()), release(2, artists=()), False),
    ],
)
def test_releases_of_one_song_are_recognised(one: LikedSong, other: LikedSong, are_same: bool) -> None:
    """The same recording code, or the same artists and title with a duration within 2 s, is the same song."""
    assert len(same_songs([one, other])) == (1 if are_same else 2)


def test_releases_are_grouped_across_both_ways() -> None:
    """One song known by its code to a second release, and by its name to a third, has three releases."""
    releases = [release(1, isrc="X"), release(2, "Other title", isrc="X"), release(3)]
    assert [[one.track_id for one in group] for group in same_songs(releases)] == [["3", "2", "1"]]
