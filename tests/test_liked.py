"""Reading the liked songs: nothing is missed and nothing is read twice, whatever happens on the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.errors import SpotifyError
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.progress import silent
from cratewise.tracks import Track
from cratewise.workflows.account import LikedPage
from cratewise.workflows.liked import Before, Reading, read_liked

START = datetime(2026, 1, 1, tzinfo=UTC)


def song(number: int) -> SavedSong:
    """A song that was liked at the minute of its number."""
    track = Track(f"id-{number}", f"Song {number}", ("Ada",))
    return SavedSong(track, f"spotify:track:id-{number}", START + timedelta(minutes=number))


class Likes:
    """Liked songs that may change, or fail to come, before any page.

    Attributes:
        numbers: The songs, newest first; `None` stands for an entry that is no song.
        calls: Offsets asked for.
        before_call: Things to do before the call of that number.
    """

    def __init__(self, numbers: list[int | None]) -> None:
        self.numbers = numbers
        self.calls: list[int] = []
        self.before_call: dict[int, Callable[[], object]] = {}
        self.known: dict[str, datetime] = {}
        self.account: KnownAccount | None = None

    def liked_songs(self, offset: int) -> LikedPage:
        """Fifty a page."""
        self.calls.append(offset)
        if (happening := self.before_call.pop(len(self.calls), None)) is not None:
            happening()
        part, end = self.numbers[offset : offset + 50], offset + 50
        songs = tuple(song(number) for number in part if number is not None)
        return LikedPage(songs, part.count(None), len(self.numbers), end if end < len(self.numbers) else None)

    def sync(self) -> Reading:
        """Reads, and keeps what was read as the library does."""
        self.calls.clear()
        before = Before(self.account, dict(self.known))
        found = read_liked(self, before, silent, self._keep)  # type: ignore[arg-type]
        if found.is_whole:
            self.known.clear()
        self.known |= {track_id: one.added_at for track_id, one in found.songs.items()}
        self.account = KnownAccount("ada", "Ada", found.total if found.is_certain else -1, START)
        return found

    def is_right(self) -> bool:
        """Whether what is kept is what is liked."""
        liked = [song(number) for number in self.numbers if number is not None]
        return self.known == {one.track.track_id: one.added_at for one in liked}

    def _keep(self, page: LikedPage, n_read: int) -> None:
        self.known |= {one.track.track_id: one.added_at for one in page.songs}
        self.account = KnownAccount("ada", "Ada", -1, None, liked_read=n_read)


def fail() -> None:
    """The quota is used up."""
    raise SpotifyError("no more calls today")


def newest_first(n_songs: int) -> list[int | None]:
    """So many songs."""
    return list(reversed(range(n_songs)))


def test_a_first_reading_that_was_stopped_goes_on_where_it_was() -> None:
    """Page 120 of 200 failed: the next sync looks at the top and reads the other 81, once."""
    likes = Likes(newest_first(10_000))
    likes.before_call[120] = fail
    with pytest.raises(SpotifyError):
        likes.sync()
    assert len(likes.known) == 119 * 50
    likes.sync()
    assert likes.is_right()
    assert len(likes.calls) == 1 + 82
    likes.sync()
    assert likes.calls == [0]


@pytest.mark.parametrize("liked_since", [1, 50, 51, 120])
def test_songs_liked_before_a_reading_goes_on_are_not_missed(liked_since: int) -> None:
    """They stand on top and have moved the rest down."""
    likes = Likes([*newest_first(1_000)])
    likes.before_call[11] = fail
    with pytest.raises(SpotifyError):
        likes.sync()
    likes.numbers[:0] = reversed(range(1_000, 1_000 + liked_since))
    assert likes.sync().is_certain
    assert likes.is_right()


def test_songs_unliked_before_a_reading_goes_on_cost_a_full_reading_later() -> None:
    """The rest has moved up: nothing of it is missed, and that one is gone is found by the count."""
    likes = Likes(newest_first(1_000))
    likes.before_call[11] = fail
    with pytest.raises(SpotifyError):
        likes.sync()
    del likes.numbers[100:103]
    likes.sync()
    assert {f"id-{number}" for number in likes.numbers} <= set(likes.known)
    likes.sync()
    assert likes.is_right()


def test_a_song_liked_while_others_are_read_costs_one_call() -> None:
    """The top is looked at again, and the next sync is a short one."""
    likes = Likes(newest_first(1_000))
    likes.before_call[7] = lambda: likes.numbers.insert(0, 5_000)
    assert likes.sync().is_certain
    assert likes.is_right()
    assert len(likes.calls) == 22  # 1,001 songs are 21 pages
    likes.sync()
    assert likes.calls == [0]


def test_a_song_unliked_while_others_are_read_hides_none() -> None:
    """All below have moved up by one: the page is asked for from there."""
    likes = Likes(newest_first(200))
    likes.before_call[3] = lambda: likes.numbers.pop(0)
    found = likes.sync()
    assert {song(number).track.track_id for number in likes.numbers if number is not None} <= set(found.songs)
    likes.sync()
    assert likes.is_right()


def test_entries_that_are_no_songs_do_not_make_every_sync_a_long_one() -> None:
    """Local files and nulls count as Spotify counts them."""
    likes = Likes([None, *newest_first(300), None])
    assert likes.sync().is_certain
    likes.sync()
    assert likes.calls == [0]


changes = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(["like", "unlike", "fail"]), st.integers(0, 400)), max_size=6
)


@given(st.integers(0, 260), changes)
def test_in_the_end_the_library_is_right(n_songs: int, happenings: list[tuple[int, str, int]]) -> None:
    """Whatever is liked, un-liked and lost during syncs: once it is quiet, two syncs bring everything to rights."""
    likes = Likes(newest_first(n_songs))
    numbers = iter(range(10_000, 20_000))
    for at, what, which in happenings:
        match what:
            case "like":
                likes.before_call[at] = lambda: likes.numbers.insert(0, next(numbers))
            case "unlike":
                likes.before_call[at] = lambda which=which: likes.numbers.__delitem__(slice(which, which + 2))
            case "fail":
                likes.before_call[at] = fail
        try:
            likes.sync()
        except SpotifyError:
            continue
    likes.before_call.clear()
    likes.sync()
    likes.sync()
    assert likes.is_right()
