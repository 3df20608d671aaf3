"""Reading the liked songs: nothing is missed and nothing is read twice, whatever happens on the way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.errors import SpotifyError
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.progress import silent
from cratewise.tracks import Track
from cratewise.workflows.account import LikedEntry, LikedPage
from cratewise.workflows.liked import Before, Reading, read_liked

START = datetime(2026, 1, 1, tzinfo=UTC)
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


def song(number: int) -> SavedSong:
    """A song that was liked at the minute of its number."""
    track = Track(f"id-{number}", f"Song {number}", ("Ada",))
    return SavedSong(track, f"spotify:track:id-{number}", START + timedelta(minutes=number))


class Likes:
    """Liked songs that may change, or fail to come, before any page.

    Attributes:
        numbers: The songs, newest first; `None` stands for an entry that says nothing, a float for a local file.
        hidden: Songs that Spotify gives as an entry that says nothing, for now.
        ends_at: Where Spotify cuts the list off, saying that it was whole.
        calls: Offsets asked for.
        before_call: Things to do before the call of that number.
    """

    def __init__(self, numbers: Sequence[float | None]) -> None:
        self.numbers = list(numbers)
        self.hidden: set[float] = set()
        self.ends_at: int | None = None
        self.calls: list[int] = []
        self.before_call: dict[int, Callable[[], object]] = {}
        self.known: dict[str, datetime] = {}
        self.account: KnownAccount | None = None
        self.now = START + timedelta(days=30)

    def liked_songs(self, offset: int) -> LikedPage:
        """Fifty a page."""
        self.calls.append(offset)
        if (happening := self.before_call.pop(len(self.calls), None)) is not None:
            happening()
        given, end = self.numbers[: self.ends_at], offset + 50
        entries = tuple(self._entry(number) for number in given[offset:end])
        return LikedPage(offset, entries, len(self.numbers), end if end < len(given) else None)

    def _entry(self, number: float | None) -> LikedEntry:
        if number is None or number in self.hidden:
            return LikedEntry(UNKNOWN, is_hidden=True)
        one = song(int(number))
        return LikedEntry(one.added_at, one if isinstance(number, int) else None)

    def sync(self) -> Reading:
        """Reads, and keeps what was read as the library does."""
        self.calls.clear()
        before = Before(self.account, dict(self.known))
        found = read_liked(self, before, silent, self._keep)  # type: ignore[arg-type]
        self.known = {key: at for key, at in self.known.items() if key not in found.unliked}
        self.known |= {track_id: one.added_at for track_id, one in found.songs.items()}
        self.account = KnownAccount("ada", "Ada", found.total if found.is_certain else -1, self.now)
        return found

    def is_right(self) -> bool:
        """Whether what is kept is what is liked."""
        liked = [song(number) for number in self.numbers if isinstance(number, int)]
        return self.known == {one.track.track_id: one.added_at for one in liked}

    def _keep(self, songs: Sequence[SavedSong], n_read: int) -> None:
        self.known |= {one.track.track_id: one.added_at for one in songs}
        self.account = KnownAccount("ada", "Ada", -1, None, liked_read=n_read)


def fail() -> None:
    """The quota is used up."""
    raise SpotifyError("no more calls today")


def newest_first(n_songs: int) -> list[int]:
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


@pytest.mark.parametrize(("page_s", "n_kept"), [(0.01, [50, 2_000, 950]), (0.3, [50] + [200] * 14 + [150])])
def test_songs_are_kept_some_pages_at_a_time(page_s: float, n_kept: list[int]) -> None:
    """At once, then forty pages, or what came within about a second; never is more said to be read than is kept."""
    likes, now_s = Likes(newest_first(3_000)), 0.0
    kept, told = [], []

    def keep(songs: Sequence[SavedSong], n_read: int) -> None:
        kept.append(len(songs))
        assert n_read == sum(kept)

    def say(_stage: str, done: int, total: int | None) -> None:
        nonlocal now_s
        told.append(done)
        assert done <= sum(kept)
        assert total == 3_000
        now_s += page_s

    read_liked(likes, Before(None, {}), say, keep, lambda: now_s)  # type: ignore[arg-type]
    assert kept == n_kept
    assert len(told) == 60  # each page, so that a stop need not wait
    assert told[-1] == 3_000


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


def test_songs_unliked_before_a_reading_goes_on_are_gone_in_the_end() -> None:
    """The rest has moved up: nothing of it is missed, and that some are gone is found by the count."""
    likes = Likes(newest_first(1_000))
    likes.before_call[11] = fail
    with pytest.raises(SpotifyError):
        likes.sync()
    del likes.numbers[100:103]
    assert likes.sync().unliked == {"id-897", "id-898", "id-899"}
    assert likes.is_right()
    likes.sync()
    assert likes.calls == [0]


def test_a_song_unliked_while_the_rest_is_read_is_gone_in_the_end() -> None:
    """Also one that this very reading had found."""
    likes = Likes(newest_first(1_000))
    likes.before_call[11] = fail
    with pytest.raises(SpotifyError):
        likes.sync()
    likes.before_call[2] = lambda: likes.numbers.remove(900)
    likes.before_call[15] = lambda: likes.numbers.remove(450)
    assert likes.sync().unliked == {"id-900", "id-450"}
    assert likes.is_right()


@pytest.mark.parametrize("liked_since", [30, 120])
def test_each_stop_leaves_as_many_as_were_told(liked_since: int) -> None:
    """Songs liked between the stretches are neither counted twice nor told of before they are kept."""
    likes, told = Likes(newest_first(2_000)), [0]

    def say(_stage: str, done: int, _total: int | None) -> None:
        told.append(done)
        assert done <= len(likes.known)

    for stretch in range(4):
        likes.calls.clear()
        likes.before_call[7] = fail
        with pytest.raises(SpotifyError):
            read_liked(likes, Before(likes.account, dict(likes.known)), say, likes._keep)  # type: ignore[arg-type]
        assert likes.account is not None
        assert likes.account.liked_read == len(likes.known)
        assert told[-1] <= len(likes.known)
        first = 2_000 + stretch * liked_since
        likes.numbers[:0] = reversed(range(first, first + liked_since))
    likes.before_call.clear()
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
    assert {song(number).track.track_id for number in likes.numbers if isinstance(number, int)} <= set(found.songs)
    likes.sync()
    assert likes.is_right()


def test_entries_that_are_no_songs_do_not_make_every_sync_a_long_one() -> None:
    """Local files and nulls count as Spotify counts them."""
    likes = Likes([None, *newest_first(300), None])
    assert likes.sync().is_certain
    likes.sync()
    assert likes.calls == [0]


@pytest.mark.parametrize("ends_at", [0, 20, 50, 100, 298])
def test_a_list_that_is_cut_off_unlikes_nothing(ends_at: int) -> None:
    """Spotify counts 300 and says after some that these were all: the others stay, and are read the next time."""
    likes = Likes(newest_first(300))
    likes.sync()
    del likes.numbers[10]
    likes.ends_at = ends_at
    found = likes.sync()
    assert (found.unliked, found.is_certain) == ({"id-289"} if ends_at > 10 else set(), False)
    assert found.n_missing == 299 - ends_at
    likes.ends_at = None
    likes.sync()
    assert likes.is_right()


def test_an_entry_that_says_nothing_may_be_the_song_that_was_there() -> None:
    """It stays liked; one that is missing elsewhere does not."""
    likes = Likes(newest_first(300))
    likes.sync()
    likes.hidden = {298, 120}
    likes.numbers.remove(200)
    assert likes.sync().unliked == {"id-200"}
    likes.hidden.clear()
    likes.sync()
    assert likes.is_right()


def test_a_page_that_is_too_short_hides_songs_only_there() -> None:
    """Between two pages some are kept back: what was liked between their neighbours stays."""
    likes = Likes(newest_first(150))
    likes.sync()
    likes.numbers.remove(20)
    whole = likes.liked_songs

    def short(offset: int) -> LikedPage:
        page = whole(offset)
        return replace(page, entries=page.entries[:45]) if offset == 50 else page

    likes.liked_songs = short  # type: ignore[method-assign]
    assert likes.sync().unliked == {"id-20"}
    assert len(likes.known) == 149


def test_a_local_file_liked_where_a_song_was_unliked_is_no_excuse() -> None:
    """Their number is the same as before, and yet a song is gone."""
    likes = Likes(newest_first(300))
    likes.sync()
    del likes.numbers[100]
    likes.numbers.insert(0, (likes.now - START) / timedelta(minutes=1) + 5.5)
    likes.now += timedelta(days=1)
    likes.sync()
    assert likes.is_right()
    likes.sync()
    assert likes.calls == [0]


def test_pages_that_repeat_themselves_come_to_an_end() -> None:
    """A server that ignores the offset, and says that there is more."""
    likes = Likes(newest_first(50))
    page = likes.liked_songs(0)
    likes.liked_songs = lambda offset: replace(  # type: ignore[method-assign]
        page, offset=offset, total=offset + 100, next_offset=offset + 50
    )
    with pytest.raises(SpotifyError, match="GET /me/tracks: 3 pages"):
        likes.sync()


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
