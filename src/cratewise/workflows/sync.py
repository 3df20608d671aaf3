"""Reading the account into the library: all of it once, later only what changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cratewise.errors import LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.playlists.account import PlaylistHead
from cratewise.playlists.plan import ManagedPlaylist
from cratewise.playlists.writing import LAG_S
from cratewise.progress import Progress, silent
from cratewise.workflows.adoption import adopt_files, files_before
from cratewise.workflows.liked import Before, read_liked
from cratewise.workflows.services import Services, working_alone
from cratewise.workflows.values import SyncResult

STAGE_PLAYLISTS = "Reading playlists"


def sync_library(app: Services, progress: Progress = silent) -> SyncResult:
    """Reads the liked songs of the account, and the playlists made here; later only what changed.

    The first time that takes one call for 50 songs and one for the account; stopped on the way, it goes on there.
    Later it reads liked songs only until it meets known ones, unless their number shows that some are not liked any
    more; the list of playlists only until it has met those made here, and the contents of one only where its snapshot
    changed.

    Raises:
        InUseError: Another process works with the account.
    """
    with working_alone(app):
        return _sync(app, progress)


def _sync(app: Services, progress: Progress) -> SyncResult:
    profile = app.account.profile()
    known = app.library.accounts.find(profile.account_id)
    before = Before(known, app.library.songs.added_at(profile.account_id))
    unread = replace(known or KnownAccount(profile.account_id, "", -1, None), name=profile.name, liked_total=-1)

    kept: set[str] = set()

    def keep(songs: Sequence[SavedSong], n_read: int) -> None:
        app.library.songs.write(replace(unread, liked_read=n_read), songs)
        kept.update(song.track.track_id for song in songs)

    reading = read_liked(app.account, before, progress, keep)
    liked_before = set(before.liked_at)
    unliked = reading.unliked
    liked_total = reading.total if reading.is_certain else -1  # somebody un-liked songs while they were read
    synced_at = _after_other_accounts(app, profile.account_id)
    account = replace(unread, liked_total=liked_total, liked_read=0, synced_at=synced_at, playlists_seen=False)
    others = tuple(song for track_id, song in reading.songs.items() if track_id not in kept)
    app.library.songs.write(account, others, unliked)
    files = files_before(app)
    app.library.accounts.work_with(account.account_id)
    if files is not None and (known is None or known.synced_at is None):
        adopt_files(app, account, files)
    _see_playlists(app, profile.account_id, progress)
    songs = len((liked_before | set(reading.songs)) - unliked)
    return SyncResult(
        account_name=profile.name,
        songs=songs,
        added=len(set(reading.songs) - liked_before) + (len(liked_before - unliked) if before.n_read else 0),
        removed=len(unliked),
        left_aside=reading.left_aside if reading.is_whole else max(0, reading.total - songs - reading.n_missing),
        missing=reading.n_missing,
    )


def _after_other_accounts(app: Services, account_id: str) -> datetime:
    """Now; or right behind the last sync of another account, where the clock was set back since.

    The person works with the account that was synced last.
    """
    latest, now = app.library.accounts.latest(), app.now()
    if latest is None or latest.synced_at is None or latest.account_id == account_id:
        return now
    return max(now, latest.synced_at + timedelta(microseconds=1))


def _see_playlists(app: Services, account_id: str, progress: Progress) -> None:
    """Looks at the playlists made here, and at as many others as stand before them in Spotify's list."""
    managed = app.library.playlists.managed(account_id)
    if not managed:
        return  # the next plan looks for namesakes, and nothing else needs them
    wanted = {playlist.playlist_id for playlist in managed if playlist.exists}
    own = app.account.own_playlists(wanted)
    if wanted - {head.playlist_id for head in own}:  # a list may lag: one that is missing once isn't deleted yet
        app.pause(LAG_S)
        own = app.account.own_playlists(wanted)
    seen = _look_at_managed(app, managed, own, progress)
    others = () if wanted - {head.playlist_id for head in own} else app.library.playlists.own(account_id)
    present = {head.playlist_id: head for head in (*others, *own)}
    app.library.playlists.write_seen(account_id, tuple(present.values()), seen)


def _look_at_managed(
    app: Services, managed: tuple[ManagedPlaylist, ...], own: tuple[PlaylistHead, ...], progress: Progress
) -> list[ManagedPlaylist]:
    heads = {head.playlist_id: head for head in own}
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
        raise LibraryError("The library is empty.", hint="Run `cratewise sync` first, or `cratewise import FILE`.")
    return account
