"""Reading the account into the library: all of it once, later only what changed."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from cratewise.errors import LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.playlists.account import PlaylistHead
from cratewise.playlists.plan import ManagedPlaylist
from cratewise.progress import Progress, silent
from cratewise.workflows.account import Account
from cratewise.workflows.services import Services, working_alone
from cratewise.workflows.values import SyncResult

STAGE_SONGS = "Reading liked songs"
STAGE_PLAYLISTS = "Reading playlists"


@dataclass(slots=True)
class _Reading:
    """What reading the liked songs, newest first, has come to.

    Attributes:
        songs: What was read, by track id.
        entries: Entries read, those that are no songs included.
        left_aside: Entries that are no songs.
        total: Entries that Spotify counts.
        is_whole: Whether every page was read.
    """

    songs: dict[str, SavedSong] = field(default_factory=dict)
    entries: int = 0
    left_aside: int = 0
    total: int = 0
    is_whole: bool = False


def sync_library(app: Services, progress: Progress = silent) -> SyncResult:
    """Reads the liked songs and the own playlists of the account; later only what changed.

    The first time that takes one call for 50 songs, one for the account, and one for 50 playlists. Later it reads
    liked songs only until it meets known ones, unless their number shows that some are not liked any more, and the
    contents of a playlist only where its snapshot changed.

    Raises:
        InUseError: Another process works with the account.
    """
    with working_alone(app.settings):
        return _sync(app, progress)


def _sync(app: Services, progress: Progress) -> SyncResult:
    profile = app.account.profile()
    known = app.library.accounts.find(profile.account_id)
    liked_before = app.library.songs.added_at(profile.account_id)
    reading = _read_liked(app.account, known, liked_before, progress)
    unliked = set(liked_before) - set(reading.songs) if reading.is_whole else set()
    is_complete = not reading.is_whole or reading.entries == reading.total
    account = KnownAccount(
        account_id=profile.account_id,
        name=profile.name,
        liked_total=reading.total if is_complete else -1,  # somebody liked or un-liked songs while they were read
        synced_at=app.now(),
    )
    app.library.songs.write(account, tuple(reading.songs.values()), unliked)
    own = app.account.own_playlists()
    managed = _look_at_managed(app, profile.account_id, own, progress)
    app.library.playlists.write_seen(profile.account_id, own, managed)
    added = len(set(reading.songs) - set(liked_before))
    songs = len(liked_before) + added - len(unliked)
    return SyncResult(
        account_name=profile.name,
        songs=songs,
        added=added,
        removed=len(unliked),
        left_aside=reading.left_aside if reading.is_whole else reading.total - songs,
        playlists=len(own),
    )


def _read_liked(
    account: Account, known: KnownAccount | None, liked_before: dict[str, datetime], progress: Progress
) -> _Reading:
    reading = _Reading()
    offset: int | None = 0
    while offset is not None:
        page = account.liked_songs(offset)
        reading.total = page.total
        reading.entries += len(page.songs) + page.left_aside
        reading.left_aside += page.left_aside
        reading.songs |= {song.track.track_id: song for song in page.songs}
        progress(STAGE_SONGS, min(reading.entries, page.total), page.total)
        new = sum(1 for track_id in reading.songs if track_id not in liked_before)
        meets_known = any(liked_before.get(song.track.track_id) == song.added_at for song in page.songs)
        if known is not None and meets_known and known.liked_total + new == page.total:
            return reading
        offset = page.next_offset
    reading.is_whole = True
    return reading


def _look_at_managed(
    app: Services, account_id: str, own: tuple[PlaylistHead, ...], progress: Progress
) -> list[ManagedPlaylist]:
    heads = {head.playlist_id: head for head in own}
    managed = app.library.playlists.managed(account_id)
    seen = []
    for number, playlist in enumerate(managed):
        progress(STAGE_PLAYLISTS, number, len(managed))
        head = heads.get(playlist.playlist_id)
        if head is None:
            seen.append(replace(playlist, exists=False))
            continue
        contents = playlist.contents
        if (head.snapshot_id, head.total) != (playlist.snapshot_id, len(contents)):
            contents = app.account.contents(playlist.playlist_id)
        present = replace(playlist, name=head.name, snapshot_id=head.snapshot_id, url=head.url)
        seen.append(replace(present, contents=contents, exists=True))
    progress(STAGE_PLAYLISTS, len(managed), len(managed))
    return seen


def current_account(app: Services) -> KnownAccount:
    """The account the person works with.

    Raises:
        LibraryError: Nothing was synced yet.
    """
    account = app.library.accounts.latest()
    if account is None:
        raise LibraryError("The library is empty.", hint="Run `cratewise sync` first.")
    return account
