"""Reading the liked songs in as few calls as their number allows, also when reading them was stopped on the way.

Spotify gives them newest first. What was liked since is therefore on top, and the number of all of them shows whether
anything else has changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.progress import Progress
from cratewise.workflows.account import Account, LikedPage

STAGE_SONGS = "Reading liked songs"

_PAGE = 50


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


@dataclass(slots=True)
class Reading:
    """What reading has come to.

    Attributes:
        songs: What was read, by track id.
        left_aside: Entries that are no songs, as far as they were met.
        total: Entries that Spotify counts.
        is_whole: Whether every page was read, so that a known song that was not met is not liked any more.
        is_certain: Whether the songs known now are all there are: else the next sync has to read every page.
    """

    songs: dict[str, SavedSong] = field(default_factory=dict)
    left_aside: int = 0
    total: int = 0
    is_whole: bool = False
    is_certain: bool = True


Keep = Callable[[LikedPage, int], None]
"""Is given each page of a first reading, with the number of entries read from the top so far."""


def read_liked(account: Account, before: Before, progress: Progress, keep: Keep) -> Reading:
    """Reads what is not known yet: the top, the rest of a reading that was stopped, or everything."""
    reader = _Reader(account, before, progress, keep)
    if before.n_read:
        reader.read_rest()
    else:
        reader.read_from_top()
    return reader.found


class _Reader:
    def __init__(self, account: Account, before: Before, progress: Progress, keep: Keep) -> None:
        self.found = Reading()
        self._account = account
        self._before = before
        self._progress = progress
        self._keep = keep

    def read_from_top(self) -> None:
        """Reads until the count shows that nothing further down has changed, or to the end."""
        offset: int | None = 0
        while offset is not None:
            page = self._take(self._page(offset), keeps=not self._before.liked_at)
            if self._knows_one(page) and self._before.total == page.total - self._n_new():
                return
            offset = page.next_offset
        self.found.is_whole = True
        self._check()

    def read_rest(self) -> None:
        """Reads what was liked since, and goes on where the reading before was stopped."""
        page = self._take(self._page(0), counts=False)
        while page.next_offset is not None and not self._knows_one(page):
            page = self._take(self._page(page.next_offset), counts=False)
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

    def _take(self, page: LikedPage, *, counts: bool = True, keeps: bool = False) -> LikedPage:
        self.found.songs |= {song.track.track_id: song for song in page.songs}
        if counts:
            self.found.left_aside += page.left_aside
        if keeps:  # before it is said to be read: a program that is killed then has lost nothing that it had said
            self._keep(page, self._n_known())
        n_read = max(self._before.n_read, len(self.found.songs) + self.found.left_aside)
        self._progress(STAGE_SONGS, min(n_read, page.total), page.total)
        return page

    def _check(self) -> None:
        """Looks at the top again when songs were liked while the others were read."""
        offset: int | None = 0
        while self._n_known() < self.found.total and offset is not None:
            n_before = self._n_known()
            page = self._take(self._page(offset), counts=False)
            offset = page.next_offset if self._n_known() > n_before else None
        self.found.is_certain = self._n_known() == self.found.total

    def _knows_one(self, page: LikedPage) -> bool:
        return any(self._before.knows(song) for song in page.songs)

    def _n_new(self) -> int:
        return sum(1 for track_id in self.found.songs if track_id not in self._before.liked_at)

    def _n_known(self) -> int:
        """Entries read by now; of a reading that goes on, with those that it had read before."""
        if not self._before.n_read:
            return len(self.found.songs) + self.found.left_aside
        aside_before = max(0, self._before.n_read - len(self._before.liked_at))
        return len(self._before.liked_at) + self._n_new() + aside_before + self.found.left_aside
