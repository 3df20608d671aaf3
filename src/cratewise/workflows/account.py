"""The account as the workflows see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cratewise.library.songs import SavedSong
from cratewise.playlists.account import PlaylistAccount


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose account it is.

    Attributes:
        account_id: The account's immutable key.
        name: Display name.
    """

    account_id: str
    name: str


@dataclass(frozen=True, slots=True)
class LikedEntry:
    """One place in the liked songs.

    Attributes:
        added_at: When it was liked (UTC); 1970 when that isn't said.
        song: The song; `None` for what is none on Spotify (a local file, an episode).
        is_hidden: Nothing is said of it, so that it may be a song.
    """

    added_at: datetime
    song: SavedSong | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class LikedPage:
    """Up to 50 liked songs, newest first.

    Attributes:
        offset: Where the page begins.
        entries: What stands there.
        total: Number of entries on all pages.
        next_offset: Where the next page begins, `None` on the last.
    """

    offset: int
    entries: tuple[LikedEntry, ...]
    total: int
    next_offset: int | None

    @property
    def songs(self) -> tuple[SavedSong, ...]:
        """The songs of the page."""
        return tuple(entry.song for entry in self.entries if entry.song is not None)

    @property
    def n_missing(self) -> int:
        """Entries that should stand between this page and the next, or the end, and were not given."""
        end = self.total if self.next_offset is None else self.next_offset
        return max(0, end - self.offset - len(self.entries))


@dataclass(frozen=True, slots=True)
class PlaylistPage:
    """Up to 50 entries of a playlist, in order.

    Attributes:
        uris: What stands there; `None` for an entry without an address.
        songs: Those of them that are songs on Spotify, added at a time that means nothing.
        next_offset: Where the next page begins, `None` on the last.
    """

    uris: tuple[str | None, ...]
    songs: tuple[SavedSong, ...]
    next_offset: int | None


@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls the account's service takes.

    Attributes:
        used: Calls made in the last 24 hours.
        limit: Calls in 24 hours that are likely to be taken.
        stopped_until: When the service takes calls again (UTC), `None` when it takes them now.
    """

    used: int
    limit: int
    stopped_until: datetime | None = None

    @property
    def left(self) -> int:
        """Calls that are likely to be taken now."""
        return max(0, self.limit - self.used)


class Account(PlaylistAccount, Protocol):
    """Everything the workflows ask of an account; what makes no call says so."""

    def profile(self) -> Profile:
        """Whose account it is."""

    def liked_total(self) -> int:
        """How many entries the liked songs have; `liked_songs(0)` then gives the page that told it, without a call."""

    def liked_songs(self, offset: int) -> LikedPage:
        """The page of liked songs that begins at `offset`."""

    def playlist_page(self, playlist_id: str, offset: int) -> PlaylistPage:
        """The page of a playlist's entries that begins at `offset`."""

    def budget(self) -> Budget:
        """How many calls were made, and are likely to be taken. Makes no call."""

    def check_quota(self) -> None:
        """Makes sure that the service takes calls now; nothing is sent.

        Raises:
            CratewiseError: It does not; the message says until when.
        """

    def check_login(self, *, writing: bool = False) -> None:
        """Makes sure that somebody is logged in, and has allowed what reading or writing needs; nothing is sent.

        Raises:
            CratewiseError: That is not so; the message says what to do.
        """

    def close(self) -> None:
        """Closes the connection."""
