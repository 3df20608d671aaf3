"""What writes do to an account: functions from an account to the next one. No I/O; the rules are Spotify's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cratewise.spotify.sandbox.ids import is_catalogue_uri, revision_of
from cratewise.spotify.sandbox.refusals import RefusalError
from cratewise.spotify.sandbox.values import Account, Entry, Playlist, SavedTrack

PLAYLIST_CAPACITY = 10_000
_PLAYLIST_URI = "spotify:playlist:"
_TRACK_URI = "spotify:track:"


@dataclass(frozen=True, slots=True)
class Move:
    """A range of items, and the place (counted before the move) that it goes in front of."""

    range_start: int
    range_length: int
    insert_before: int


def playlist_of(account: Account, playlist_id: str) -> Playlist:
    """The playlist with that id, in the library or not.

    Raises:
        RefusalError: 404, there is none.
    """
    playlist = account.playlists.get(playlist_id)
    if playlist is None:
        raise RefusalError(404, "Resource not found")
    return playlist


def own_playlist(account: Account, playlist_id: str) -> Playlist:
    """The playlist with that id, where the account's person may read and write what is in it.

    Raises:
        RefusalError: 404, there is none; 403, somebody else owns it.
    """
    playlist = playlist_of(account, playlist_id)
    if playlist.owner.id != account.person.id and not playlist.collaborative:
        raise RefusalError(403, "Forbidden")
    return playlist


def with_playlist(account: Account, playlist: Playlist) -> Account:
    """The account with a new playlist, or a new version of one."""
    return replace(account, playlists={**account.playlists, playlist.id: playlist})


def with_details(account: Account, playlist_id: str, changes: Mapping[str, Any]) -> Account:
    """Changes name, description, `public` and `collaborative`, whichever are given."""
    playlist = own_playlist(account, playlist_id)
    changed = replace(playlist, **changes, revision=playlist.revision + 1)
    if changed.collaborative and changed.public:
        raise RefusalError(400, "A collaborative playlist cannot be public")
    return with_playlist(account, changed)


def with_cover(account: Account, playlist_id: str, cover: str) -> Account:
    """Gives a playlist a cover (base64 of a JPEG)."""
    playlist = own_playlist(account, playlist_id)
    return with_playlist(account, replace(playlist, cover=cover, revision=playlist.revision + 1))


def with_items_added(
    account: Account, playlist_id: str, uris: Sequence[str], position: int | None, at: datetime
) -> Account:
    """Adds items at a position (`None`: at the end), without looking whether they are in already, as Spotify does."""
    playlist = own_playlist(account, playlist_id)
    if position is not None and not 0 <= position <= len(playlist.entries):
        raise RefusalError(400, "Index out of bounds.")
    place = len(playlist.entries) if position is None else position
    new = _entries(account, uris, at)
    return _with_entries(account, playlist, (*playlist.entries[:place], *new, *playlist.entries[place:]))


def with_items_replaced(account: Account, playlist_id: str, uris: Sequence[str], at: datetime) -> Account:
    """Puts these items in the place of everything a playlist held, null entries and local files too."""
    playlist = own_playlist(account, playlist_id)
    return _with_entries(account, playlist, _entries(account, uris, at))


def with_items_reordered(account: Account, playlist_id: str, move: Move, snapshot: str | None) -> Account:
    """Moves a range of items to before another item."""
    playlist = own_playlist(account, playlist_id)
    _check_snapshot(playlist, snapshot)
    entries = playlist.entries
    start, end, target = move.range_start, move.range_start + move.range_length, move.insert_before
    if not 0 <= start < end <= len(entries) or not 0 <= target <= len(entries):
        raise RefusalError(400, "Index out of bounds.")
    moved, before, after = entries[start:end], entries[:start], entries[end:]
    if target <= start:
        order = (*before[:target], *moved, *before[target:], *after)
    else:
        place = max(0, target - end)
        order = (*before, *after[:place], *moved, *after[place:])
    return _with_entries(account, playlist, order)


def with_items_removed(account: Account, playlist_id: str, uris: Sequence[str], snapshot: str | None) -> Account:
    """Takes out every occurrence of each uri; uris that are not in it are passed over."""
    playlist = own_playlist(account, playlist_id)
    _check_snapshot(playlist, snapshot)
    for uri in uris:
        if not is_catalogue_uri(uri):
            raise RefusalError(400, f"Invalid track uri: {uri}")
    gone = set(uris)
    left = tuple(entry for entry in playlist.entries if entry.uri not in gone)
    return account if len(left) == len(playlist.entries) else _with_entries(account, playlist, left)


def with_library_items(account: Account, uris: Sequence[str], at: datetime) -> Account:
    """Likes songs and follows playlists."""
    for uri in uris:
        if uri.startswith(_PLAYLIST_URI):
            account = _followed(account, uri, is_followed=True)
        elif uri.startswith(_TRACK_URI):
            if uri not in account.items:
                raise RefusalError(404, "Resource not found")
            rest = tuple(saved for saved in account.saved if saved.uri != uri)
            account = replace(account, saved=(SavedTrack(uri, at), *rest))
        else:
            raise RefusalError(400, f"Unsupported URI: {uri}")
    return account


def without_library_items(account: Account, uris: Sequence[str]) -> Account:
    """Takes songs out of the liked ones and playlists out of the library; a playlist itself stays as it is."""
    for uri in uris:
        if uri.startswith(_PLAYLIST_URI):
            account = _followed(account, uri, is_followed=False)
        elif uri.startswith(_TRACK_URI):
            account = replace(account, saved=tuple(saved for saved in account.saved if saved.uri != uri))
        else:
            raise RefusalError(400, f"Unsupported URI: {uri}")
    return account


def _followed(account: Account, uri: str, *, is_followed: bool) -> Account:
    playlist = playlist_of(account, uri.removeprefix(_PLAYLIST_URI))
    return with_playlist(account, replace(playlist, is_followed=is_followed))


def _entries(account: Account, uris: Sequence[str], at: datetime) -> tuple[Entry, ...]:
    for uri in uris:
        if not is_catalogue_uri(uri):
            raise RefusalError(400, f"Invalid track uri: {uri}")
        if uri not in account.items:
            raise RefusalError(400, "Payload contains a non-existing ID")
    return tuple(Entry(uri, at, account.person.id) for uri in uris)


def _with_entries(account: Account, playlist: Playlist, entries: tuple[Entry, ...]) -> Account:
    if len(entries) > PLAYLIST_CAPACITY:
        raise RefusalError(500, "Server error.")
    return with_playlist(account, replace(playlist, entries=entries, revision=playlist.revision + 1))


def _check_snapshot(playlist: Playlist, snapshot: str | None) -> None:
    """An older version is as good as the newest, as Spotify merges; a made-up one is refused."""
    if snapshot is None:
        return
    revision = revision_of(snapshot, playlist.id)
    if revision is None or revision > playlist.revision:
        raise RefusalError(400, "Invalid snapshot id")
