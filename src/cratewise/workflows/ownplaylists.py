"""Reading what stands in the person's own playlists: in full once, later only those that changed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from math import ceil

from cratewise.errors import PlaylistsError
from cratewise.library.playlists import PlaylistSongs
from cratewise.playlists.account import PlaylistHead
from cratewise.progress import Progress, silent
from cratewise.workflows.budget import PAGE
from cratewise.workflows.services import Services, working_alone
from cratewise.workflows.sync import current_account

STAGE = "Reading your playlists"


@dataclass(frozen=True, slots=True)
class OwnPlaylist:
    """One of the person's own playlists.

    Attributes:
        playlist_id: Spotify's id.
        name: Its name.
        entries: How many entries it has.
        liked: How many of them are liked songs; `None` where it was not read.
        is_managed: Whether this program made it.
    """

    playlist_id: str
    name: str
    entries: int
    liked: int | None
    is_managed: bool


def source_called(app: Services, name: str) -> str:
    """The id of the one playlist of the person's own with that name, whose contents were read.

    Raises:
        PlaylistsError: There is none, or there are several, or it was made here, or it was not read.
    """
    account_id = current_account(app).account_id
    wanted = name.strip().casefold()
    made = {one.playlist_id for one in app.library.playlists.managed(account_id)}
    own = [head for head in app.library.playlists.own(account_id) if head.playlist_id not in made]
    named = [head for head in own if wanted in (head.name.strip().casefold(), head.playlist_id.casefold())]
    if not named:
        raise PlaylistsError(f"You have no playlist {name!r} of your own.", hint="`cratewise playlists` lists them.")
    if len(named) > 1:
        ids = ", ".join(head.playlist_id for head in named)
        raise PlaylistsError(f"Several playlists are called {name!r}.", hint=f"Name one by its id: {ids}.")
    if (read := app.library.playlists.songs(account_id).get(named[0].playlist_id)) is None or not read.is_whole:
        raise PlaylistsError(f"What stands in {name!r} is not known.", hint="Run `cratewise sync --playlists` first.")
    return named[0].playlist_id


@dataclass(frozen=True, slots=True)
class PlaylistReading:
    """Which playlists have to be read.

    Attributes:
        own: The account's own playlists as they are now.
        changed: Those to be read, each as far as it was read before it was stopped.
        calls: How many calls that takes.
    """

    own: tuple[PlaylistHead, ...]
    changed: tuple[PlaylistSongs, ...]
    calls: int


def look_for_playlists(app: Services, only: Collection[str] | None = None) -> PlaylistReading:
    """Looks which of the account's own playlists have changed since they were read: one call for 50 playlists.

    Args:
        app: What to work with.
        only: Ids of those that are asked about; `None` for all.

    Raises:
        LibraryError: Nothing was synced yet.
    """
    account_id = current_account(app).account_id
    own = app.account.own_playlists()
    known = app.library.playlists.songs(account_id)
    made = {one.playlist_id for one in app.library.playlists.managed(account_id)}
    changed = []
    calls = 0
    for head in own:
        read = known.get(head.playlist_id)
        if read is None or read.snapshot_id != head.snapshot_id:
            read = PlaylistSongs(head.playlist_id, head.snapshot_id)
        is_wanted = head.playlist_id not in made and (only is None or head.playlist_id in only)
        if is_wanted and not read.is_whole:
            changed.append(read)
            calls += max(1, ceil((head.total - read.n_read) / PAGE))
    return PlaylistReading(own, tuple(changed), calls)


def read_playlists(app: Services, found: PlaylistReading, progress: Progress = silent) -> int:
    """Reads the playlists that changed, page by page; what was read is kept when it is stopped, and gone on from there.

    Returns:
        How many playlists were read.

    Raises:
        InUseError: Another process works with the account.
    """
    with working_alone(app):
        account_id = current_account(app).account_id
        present = {head.playlist_id for head in found.own}
        app.library.playlists.write_seen(account_id, found.own, ())
        app.library.playlists.forget_songs(account_id, app.library.playlists.songs(account_id).keys() - present)
        done = 0
        progress(STAGE, done, found.calls)
        for playlist in found.changed:
            for _ in _pages(app, account_id, playlist):
                done += 1
                progress(STAGE, min(done, found.calls), found.calls)
        return len(found.changed)


def own_playlists(app: Services) -> tuple[OwnPlaylist, ...]:
    """The account's own playlists as they were last seen, by name."""
    account_id = current_account(app).account_id
    made = {one.playlist_id for one in app.library.playlists.managed(account_id)}
    read = app.library.playlists.songs(account_id)
    liked = app.library.songs.liked_uris(account_id) if read else frozenset()
    return tuple(
        OwnPlaylist(
            playlist_id=head.playlist_id,
            name=head.name,
            entries=head.total,
            liked=_count(read.get(head.playlist_id), liked),
            is_managed=head.playlist_id in made,
        )
        for head in app.library.playlists.own(account_id)
    )


def _pages(app: Services, account_id: str, playlist: PlaylistSongs) -> Iterator[PlaylistSongs]:
    """Reads a playlist to its end, and keeps each page as it comes."""
    while not playlist.is_whole:
        page = app.account.playlist_page(playlist.playlist_id, playlist.n_read)
        playlist = replace(
            playlist,
            uris=playlist.uris + page.uris,
            n_read=playlist.n_read if page.next_offset is None else page.next_offset,
            is_whole=page.next_offset is None,
        )
        app.library.playlists.write_songs(account_id, playlist, page.songs)
        yield playlist


def _count(read: PlaylistSongs | None, liked: frozenset[str]) -> int | None:
    return sum(1 for uri in read.uris if uri in liked) if read is not None and read.is_whole else None
