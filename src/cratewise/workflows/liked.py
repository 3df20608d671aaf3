"""Reading the liked songs in as few calls as their number allows, also when reading them was stopped on the way.

Spotify gives them newest first. What was liked since is therefore on top, and the number of all of them shows whether
anything else has changed. Nothing counts as un-liked that Spotify may only have kept back: a page that was cut off, or
an entry that says nothing, stands between two songs, and what was liked between these may be what is hidden.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cratewise.errors import SpotifyError
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.progress import KEPT_EVERY_S, Progress
from cratewise.workflows.account import Account, LikedEntry, LikedPage

STAGE_SONGS = "Reading liked songs"
STAGE_GONE = "Looking for songs that are no longer liked"

_PAGE = 50
PAGES_IN_A_COMMIT = 40
"""How many pages of a first reading are kept at once, or as many as come in a second (`KEPT_EVERY_S`): each time that
some are, the indexes of a large library change in as many places as they have songs."""

_MOST_PAGES_OF_NOTHING_NEW = 3
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Before:
    """What was known before this reading.

    Attributes:
        account: The account as it was left, `None` when it was never read.
        liked_at: When each known song was liked, by track id.
    """

    account: KnownAccount | None
    liked_at: Mapping[str, datetime]

    @property
    def n_read(self) -> int:
        """Entries from the top that a first reading came to before it was stopped; 0 when it wasn't."""
        return self.account.liked_read if self.account else 0

    @property
    def total(self) -> int | None:
        """How many entries there were, `None` when that isn't known for sure."""
        return self.account.liked_total if self.account and self.account.liked_total >= 0 else None

    def knows(self, song: SavedSong) -> bool:
        """Whether this very liking is known: a song that was liked again is not."""
        return self.liked_at.get(song.track.track_id) == song.added_at

    def is_older(self, entry: LikedEntry) -> bool:
        """Whether something that is no song was liked before the account was read last."""
        read_at = self.account.synced_at if self.account else None
        return read_at is not None and entry.added_at <= read_at


@dataclass(frozen=True, slots=True)
class _Gap:
    """A place where something may be hidden, between what was liked `after` and what was liked `before`."""

    after: datetime
    before: datetime


@dataclass(slots=True)
class Reading:
    """What reading has come to.

    Attributes:
        songs: What was read, by track id.
        unliked: Ids of the known songs that are certainly not liked any more.
        left_aside: Entries that are no songs, as far as they were met.
        n_missing: Entries that Spotify counts and did not give.
        total: Entries that Spotify counts.
        is_whole: Whether every page was read.
        is_certain: Whether the songs known now are all there are: else the next sync has to read every page.
    """

    songs: dict[str, SavedSong] = field(default_factory=dict)
    unliked: set[str] = field(default_factory=set)
    left_aside: int = 0
    n_missing: int = 0
    total: int = 0
    is_whole: bool = False
    is_certain: bool = True


Keep = Callable[[Sequence[SavedSong], int], None]
"""Is given the songs of a first reading, some pages at a time, with the number of entries read from the top so far."""


def read_liked(
    account: Account, before: Before, progress: Progress, keep: Keep, clock: Callable[[], float] = time.monotonic
) -> Reading:
    """Reads what is not known yet: the top, the rest of a reading that was stopped, or everything.

    Whatever ends a first reading, the pages that came are kept; a process that is killed loses none that `progress`
    had been told of.
    """
    reader = _Reader(account, before, progress, keep, clock)
    try:
        if before.n_read:
            reader.read_rest()
        else:
            reader.read_from_top()
    finally:
        reader.keep()
    return reader.found


class _Reader:
    def __init__(
        self, account: Account, before: Before, progress: Progress, keep: Keep, clock: Callable[[], float]
    ) -> None:
        self.found = Reading()
        self._account = account
        self._before = before
        self._progress = progress
        self._keep = keep
        self._clock = clock
        self._unkept: list[LikedPage] = []
        self._liked_at = dict(before.liked_at)  # of all that the library has by now
        self._kept_at_s = -math.inf  # the first page at once: a person waits to see that it begins
        self._stage = STAGE_SONGS
        self._n_read_before = before.n_read
        self._n_told = before.n_read
        self._entries: list[LikedEntry] = []
        self._furthest = 0
        self._n_in_vain = 0

    def keep(self) -> None:
        """Has kept what was read and is not kept yet."""
        if self._unkept:
            songs = [song for page in self._unkept for song in page.songs]
            self._keep(songs, self._n_known())
            self._liked_at |= {song.track.track_id: song.added_at for song in songs}
            self._unkept, self._kept_at_s = [], self._clock()

    def read_from_top(self) -> None:
        """Reads until the count shows that nothing further down has changed, or to the end."""
        offset: int | None = 0
        while offset is not None:
            page = self._take(self._page(offset), keeps=not self._before.liked_at)
            if self._knows_one(page) and self._before.total == page.total - self._n_new() - self._n_new_others():
                return
            offset = page.next_offset
        self.found.is_whole = True
        self._check()
        gaps = self._gaps()
        self.found.unliked = {
            track_id
            for track_id, liked_at in self._liked_at.items()
            if track_id not in self.found.songs and not any(gap.after <= liked_at <= gap.before for gap in gaps)
        }

    def read_rest(self) -> None:
        """Reads what was liked since, and goes on where the reading before was stopped.

        What was liked since is kept once all of it is there: else the next reading would take its end for what was
        known before. Where more is known in the end than is liked, some of it was un-liked since, and all is read.
        """
        self._read_rest()
        if self._n_known() > self.found.total:
            self._stage, self._n_read_before, self._n_told = STAGE_GONE, 0, 0
            self._entries, self.found.songs, self.found.left_aside = [], {}, 0
            self.read_from_top()

    def _read_rest(self) -> None:
        tops = [self._take(self._page(0), counts=False, tells=False)]
        while (page := tops[-1]).next_offset is not None and not self._knows_one(page):
            tops.append(self._take(self._page(page.next_offset), counts=False, tells=False))
        if self._n_new():
            self._unkept += tops
            self.keep()
        if page.next_offset is None:
            self._check()
            return
        top, rest = page.next_offset, max(page.next_offset, self._before.n_read + self._n_new() - 1)
        page = self._page(rest)
        while rest > top and not self._knows_one(page):  # some were un-liked since, and the rest has moved up
            rest = max(top, rest - _PAGE)
            page = self._page(rest)
        following: int | None = rest
        while following is not None:
            page = self._take(page if following == rest else self._page(following), keeps=True)
            following = page.next_offset
        self._check()

    def _page(self, offset: int) -> LikedPage:
        """The page at `offset`, or above it when songs were un-liked meanwhile and those below have moved up."""
        while True:
            page = self._account.liked_songs(offset)
            missing, self.found.total = self.found.total - page.total, page.total
            if missing <= 0 or offset == 0:
                return page
            offset = max(0, offset - missing)

    def _take(self, page: LikedPage, *, counts: bool = True, keeps: bool = False, tells: bool = True) -> LikedPage:
        self._check_progress(page)
        self.found.songs |= {song.track.track_id: song for song in page.songs}
        if counts:
            self.found.left_aside += sum(1 for entry in page.entries if entry.song is None)
            missing = (LikedEntry(_FIRST_MOMENT, is_hidden=True),) if page.n_missing else ()
            self._entries += (*page.entries, *missing)
        if keeps:
            self._unkept.append(page)
            is_enough = len(self._unkept) == PAGES_IN_A_COMMIT or page.next_offset is None
            if is_enough or self._clock() >= self._kept_at_s + KEPT_EVERY_S:
                self.keep()
        if tells and not self._unkept:  # what is not kept is not said to be read: who is killed has lost nothing then
            self._n_told = max(self._n_told, self._n_known())
        self._progress(self._stage, min(self._n_told, page.total), page.total)
        return page

    def _check_progress(self, page: LikedPage) -> None:
        """Stops where Spotify gives the same songs again and again."""
        if page.offset <= self._furthest:
            return
        self._furthest = page.offset
        is_new = any(song.track.track_id not in self.found.songs for song in page.songs)
        self._n_in_vain = 0 if is_new or not page.songs else self._n_in_vain + 1
        if self._n_in_vain >= _MOST_PAGES_OF_NOTHING_NEW:
            raise SpotifyError(
                f"GET /me/tracks: {self._n_in_vain} pages down to entry {page.offset + len(page.entries):,} bring only "
                "songs that were there before",
                hint="Try again later; what was read is kept.",
            )

    def _check(self) -> None:
        """Looks at the top again when songs were liked while the others were read."""
        offset: int | None = 0
        while self._n_known() < self.found.total and offset is not None:
            n_before = self._n_known()
            page = self._take(self._page(offset), counts=False)
            offset = page.next_offset if self._n_known() > n_before else None
        self.found.n_missing = max(0, self.found.total - self._n_known())
        self.found.is_certain = self._n_known() == self.found.total

    def _gaps(self) -> list[_Gap]:
        """Where something may be hidden; everywhere when entries are missing and no page says where."""
        gaps = []
        newer, is_open = _LAST_MOMENT, False
        for entry in self._entries:
            if entry.song is None:
                is_open = is_open or entry.is_hidden
                continue
            if is_open:
                gaps.append(_Gap(min(newer, entry.added_at), max(newer, entry.added_at)))
            newer, is_open = entry.added_at, False
        if is_open:
            gaps.append(_Gap(_FIRST_MOMENT, newer))
        is_explained = self.found.n_missing == 0 or any(entry.is_hidden for entry in self._entries)
        return gaps if is_explained else [_Gap(_FIRST_MOMENT, _LAST_MOMENT)]

    def _knows_one(self, page: LikedPage) -> bool:
        return any(self._before.knows(song) for song in page.songs)

    def _n_new(self) -> int:
        return sum(1 for track_id in self.found.songs if track_id not in self._before.liked_at)

    def _n_new_others(self) -> int:
        return sum(1 for one in self._entries if not (one.song or one.is_hidden or self._before.is_older(one)))

    def _n_known(self) -> int:
        """Entries read by now; of a reading that goes on, with those that it had read before."""
        if not self._n_read_before:
            return len(self.found.songs) + self.found.left_aside
        aside_before = max(0, self._before.n_read - len(self._before.liked_at))
        return len(self._before.liked_at) + self._n_new() + aside_before + self.found.left_aside
