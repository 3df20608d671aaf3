"""The account as the workflows see it."""

from dataclasses import dataclass
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
class LikedPage:
    """Up to 50 liked songs, newest first.

    Attributes:
        songs: The songs of the page.
        left_aside: Entries of the page that are no songs on Spotify (local files, episodes).
        total: Number of entries on all pages.
        next_offset: Where the next page begins, `None` on the last.
    """

    songs: tuple[SavedSong, ...]
    left_aside: int
    total: int
    next_offset: int | None


class Account(PlaylistAccount, Protocol):
    """Everything the workflows ask of an account."""

    def profile(self) -> Profile:
        """Whose account it is."""

    def liked_songs(self, offset: int) -> LikedPage:
        """The page of liked songs that begins at `offset`."""

    def check_writing(self) -> None:
        """Makes sure that playlists may be written; asks nobody and writes nothing.

        Raises:
            CratewiseError: The person has not allowed it yet; the message says how they can.
        """

    def close(self) -> None:
        """Closes the connection."""
