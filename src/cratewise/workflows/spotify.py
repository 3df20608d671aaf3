"""A Spotify client as the workflows want an account."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from cratewise.errors import SpotifyError
from cratewise.library.songs import NOT_LIKED, SavedSong
from cratewise.playlists.account import PlaylistHead, UncertainWriteError
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.errors import CallFailed, QuotaExceeded
from cratewise.spotify.values import Item, Page, PlaylistSummary, SavedItem, User
from cratewise.workflows.account import Budget, LikedEntry, LikedPage, PlaylistPage, Profile

T = TypeVar("T")
_LONGEST_LIST = 30_000  # of playlists, or of entries in one, which takes 10,000


class SpotifyAccount:
    """A Spotify account (or the sandbox's) behind a client; each list is read to its last page."""

    def __init__(
        self, client: SpotifyClient, budget: Callable[[], Budget], check_login: Callable[[bool], None]
    ) -> None:
        """Asks nothing yet.

        Args:
            client: Speaks with Spotify.
            budget: Says how many calls were made, and are likely to be taken.
            check_login: Raises unless somebody is logged in and has allowed reading, or with `True` also writing.
        """
        self._client = client
        self._budget = budget
        self._check_login = check_login
        self._user: User | None = None
        self._first_page: LikedPage | None = None

    def profile(self) -> Profile:
        """Whose account it is; asked once, since a client stays with one account."""
        user = self._current_user()
        return Profile(user.account_id, user.display_name)

    def liked_total(self) -> int:
        """How many entries the liked songs have; the page that told it is kept for `liked_songs`."""
        self._first_page = self.liked_songs(0)
        return self._first_page.total

    def liked_songs(self, offset: int) -> LikedPage:
        """The page of liked songs that begins at `offset`."""
        kept, self._first_page = self._first_page, None
        if offset == 0 and kept is not None:
            return kept
        page = self._client.saved_tracks(offset=offset)
        return LikedPage(offset, tuple(_liked(saved) for saved in page.items), page.total, page.next)

    def own_playlists(self, until: Collection[str] = ()) -> tuple[PlaylistHead, ...]:
        """Every playlist in the library that belongs to the account itself, or those down to the last of `until`."""
        user_id = self._current_user().id
        own: list[PlaylistHead] = []
        for page in _pages(lambda offset: self._client.playlists(offset=offset)):
            own += [_head(one) for one in page.items if one.owner_id == user_id]
            if until and {head.playlist_id for head in own}.issuperset(until):
                break
        return tuple(own)

    def snapshot(self, playlist_id: str) -> str:
        """The snapshot of a playlist as it is now."""
        return self._client.playlist(playlist_id).snapshot_id

    def contents(self, playlist_id: str) -> tuple[str | None, ...]:
        """URIs of all entries in order; `None` for an entry without one."""
        pages = _pages(lambda offset: self._client.playlist_items(playlist_id, offset=offset))
        return tuple(entry.uri for page in pages for entry in page.items)

    def playlist_page(self, playlist_id: str, offset: int) -> PlaylistPage:
        """The page of a playlist's entries that begins at `offset`."""
        page = self._client.playlist_items(playlist_id, offset=offset)
        items = (entry.item for entry in page.items)
        songs = tuple(_song(item, NOT_LIKED) for item in items if item is not None and item.kind == "track")
        return PlaylistPage(tuple(entry.uri for entry in page.items), songs, page.next)

    def create(self, name: str, description: str, *, public: bool) -> PlaylistHead:
        """Makes an empty playlist."""
        return _head(_sure(lambda: self._client.create_playlist(name, description, public)))

    def add(self, playlist_id: str, uris: Sequence[str], position: int | None = None) -> str:
        """Puts at most 100 songs in; returns the new snapshot."""
        return _sure(lambda: self._client.add_items(playlist_id, uris, position))

    def remove(self, playlist_id: str, uris: Sequence[str], snapshot_id: str | None = None) -> str:
        """Takes every occurrence of at most 100 URIs out; returns the new snapshot."""
        return _sure(lambda: self._client.remove_items(playlist_id, uris, snapshot_id))

    def unfollow(self, playlist_id: str) -> None:
        """Takes a playlist out of the library."""
        _sure(lambda: self._client.unfollow_playlist(playlist_id))

    def change_cover(self, playlist_id: str, jpeg: bytes) -> bool:
        """Gives a playlist a cover; whether Spotify took it."""
        try:
            self._client.change_cover(playlist_id, jpeg)
        except CallFailed:
            return False
        return True

    def budget(self) -> Budget:
        """How many calls were made, and are likely to be taken."""
        return self._budget()

    def check_quota(self) -> None:
        """Makes sure that Spotify takes calls now."""
        until = self._budget().stopped_until
        if until is not None:
            raise QuotaExceeded(until.timestamp())

    def check_login(self, *, writing: bool = False) -> None:
        """Makes sure that somebody is logged in, and has allowed what reading or writing needs."""
        self._check_login(writing)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _current_user(self) -> User:
        if self._user is None:
            self._user = self._client.current_user()
        return self._user


def _sure(write: Callable[[], T]) -> T:
    try:
        return write()
    except CallFailed as error:
        if error.maybe_carried_out:
            raise UncertainWriteError(str(error), hint=error.hint) from error
        raise


def _pages(read: Callable[[int], Page[T]]) -> Iterator[Page[T]]:
    offset: int | None = 0
    while offset is not None:
        if offset > _LONGEST_LIST:
            raise SpotifyError(
                f"A list at Spotify has no end: it goes on after {offset:,} entries",
                hint="Try again; if it stays, Spotify has changed something and cratewise needs an update.",
            )
        page = read(offset)
        yield page
        offset = page.next


def _liked(saved: SavedItem) -> LikedEntry:
    if saved.item is None:
        return LikedEntry(saved.added_at, is_hidden=True)
    is_song = saved.item.kind == "track"
    return LikedEntry(saved.added_at, _song(saved.item, saved.added_at) if is_song else None)


def _song(item: Item, added_at: datetime) -> SavedSong:
    return SavedSong(item.track, item.uri, added_at, item.available, item.cover_url, item.artist_ids)


def _head(playlist: PlaylistSummary) -> PlaylistHead:
    return PlaylistHead(
        playlist_id=playlist.id,
        name=playlist.name,
        description=playlist.description,
        snapshot_id=playlist.snapshot_id,
        total=playlist.total,
        url=playlist.url,
    )
