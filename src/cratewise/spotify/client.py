"""The client: every method is one call."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from cratewise.spotify.answers import perform
from cratewise.spotify.endpoints import library, playlists, profile
from cratewise.spotify.request import Call
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.transport import Sender
from cratewise.spotify.values import Page, PlaylistEntry, PlaylistSummary, SavedItem, User

T = TypeVar("T")


class SpotifyClient:
    """Calls Spotify in the name of one account; may be used by several threads.

    Every method raises a `SpotifyError`, in most cases one of those in `cratewise.spotify.errors`.
    """

    def __init__(self, sender: Sender, close: Callable[[], None], timing: Timing = SYSTEM_TIME) -> None:
        """Sends nothing yet.

        Args:
            sender: Sends requests, with all policy about failures.
            close: Closes its connections.
            timing: The clock.
        """
        self._sender = sender
        self._close = close
        self._timing = timing

    def current_user(self) -> User:
        """The account itself."""
        return self._perform(profile.current_user())

    def saved_tracks(self, offset: int = 0, limit: int = 50) -> Page[SavedItem]:
        """Liked songs, the latest first; at most 50 a page."""
        return self._perform(library.saved_tracks(offset, limit))

    def playlists(self, offset: int = 0, limit: int = 50) -> Page[PlaylistSummary]:
        """The playlists the person owns or follows; at most 50 a page."""
        return self._perform(playlists.playlists(offset, limit))

    def playlist(self, playlist_id: str) -> PlaylistSummary:
        """One playlist without its contents."""
        return self._perform(playlists.playlist(playlist_id))

    def playlist_items(self, playlist_id: str, offset: int = 0, limit: int = 50) -> Page[PlaylistEntry]:
        """A part of a playlist's contents, at most 50; `Forbidden` unless owner or collaborator."""
        return self._perform(playlists.playlist_items(playlist_id, offset, limit))

    def create_playlist(self, name: str, description: str, public: bool) -> PlaylistSummary:
        """Makes an empty playlist; reading it may lag a second or two."""
        return self._perform(playlists.create_playlist(name, description, public))

    def change_playlist(
        self, playlist_id: str, name: str | None = None, description: str | None = None, public: bool | None = None
    ) -> None:
        """Changes what is given; `None` leaves it as it is."""
        self._perform(playlists.change_playlist(playlist_id, name, description, public))

    def add_items(self, playlist_id: str, uris: Sequence[str], position: int | None = None) -> str:
        """Adds 1 to 100 items at `position` or at the end, also those already there; gives the new snapshot's id."""
        return self._perform(playlists.add_items(playlist_id, uris, position))

    def replace_items(self, playlist_id: str, uris: Sequence[str]) -> str:
        """Puts 0 to 100 items in place of all there were; gives the new snapshot's id."""
        return self._perform(playlists.replace_items(playlist_id, uris))

    def remove_items(self, playlist_id: str, uris: Sequence[str], snapshot_id: str | None = None) -> str:
        """Takes every occurrence of 1 to 100 items out; gives the new snapshot's id."""
        return self._perform(playlists.remove_items(playlist_id, uris, snapshot_id))

    def change_cover(self, playlist_id: str, jpeg: bytes) -> None:
        """Gives a playlist a cover, a JPEG of at most 192 KB."""
        self._perform(playlists.change_cover(playlist_id, jpeg))

    def unfollow_playlist(self, playlist_id: str) -> None:
        """Takes a playlist out of the library, which is all that deleting one means at Spotify."""
        self._perform(library.unfollow_playlist(playlist_id))

    def close(self) -> None:
        """Closes the connections."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _perform(self, call: Call[T]) -> T:
        return perform(self._sender, call, self._timing)
