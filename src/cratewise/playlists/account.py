"""The account that playlists live in, as this room sees it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from cratewise.errors import PlaylistsError

BATCH = 100
"""URIs that Spotify takes in one call."""


class UncertainWriteError(PlaylistsError):
    """A write was sent and its answer was lost: it may or may not have been carried out."""


@dataclass(frozen=True, slots=True)
class PlaylistHead:
    """A playlist without its contents.

    Attributes:
        playlist_id: Spotify's id.
        name: Name, as the person sees it.
        description: Description, empty when there is none.
        snapshot_id: Changes with each write, whoever wrote.
        total: Number of entries.
        url: Address of the playlist's page, empty when unknown.
    """

    playlist_id: str
    name: str
    description: str = ""
    snapshot_id: str = ""
    total: int = 0
    url: str = ""


class PlaylistAccount(Protocol):
    """The calls that applying and undoing need.

    A write that may have been carried out without an answer raises `UncertainWriteError`; every other failure raises
    another `CratewiseError` and has changed nothing.
    """

    def own_playlists(self, until: Collection[str] = ()) -> tuple[PlaylistHead, ...]:
        """Every playlist in the library that belongs to the account itself.

        Args:
            until: Ids to look for; once all were met, the rest of the list may be left out.
        """

    def snapshot(self, playlist_id: str) -> str:
        """The snapshot of a playlist as it is now: one call."""

    def contents(self, playlist_id: str) -> tuple[str | None, ...]:
        """URIs of all entries in order, local files and episodes included; `None` for an entry without one."""

    def create(self, name: str, description: str, *, public: bool) -> PlaylistHead:
        """Makes an empty playlist."""

    def add(self, playlist_id: str, uris: Sequence[str], position: int | None = None) -> str:
        """Puts at most 100 songs in, at the end or from `position` on; returns the new snapshot."""

    def remove(self, playlist_id: str, uris: Sequence[str], snapshot_id: str | None = None) -> str:
        """Takes every occurrence of at most 100 URIs out; returns the new snapshot."""

    def change_cover(self, playlist_id: str, jpeg: bytes) -> bool:
        """Gives a playlist a cover; says whether the account took it, as nothing is worth stopping for that."""

    def unfollow(self, playlist_id: str) -> None:
        """Takes a playlist out of the library, which is what Spotify calls deleting."""
