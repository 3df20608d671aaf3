"""Where the liked songs are: in no playlist, in several, or twice."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cratewise.playlists.duplicates import same_songs
from cratewise.playlists.plan import LikedSong
from cratewise.workflows.candidates import liked_songs
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account


@dataclass(frozen=True, slots=True)
class ReportedSong:
    """A liked song, and where it is.

    Attributes:
        title: Title.
        artists: Names in the order of the billing.
        uris: Its liked releases, the newest liked first.
        playlists: Names of the playlists with one of its releases, each once.
    """

    title: str
    artists: tuple[str, ...]
    uris: tuple[str, ...]
    playlists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """A song that stands in one playlist more than once, under one id or several.

    Attributes:
        title: Title.
        artists: Names in the order of the billing.
        playlist: Name of the playlist.
        times: How often, 2 or more.
    """

    title: str
    artists: tuple[str, ...]
    playlist: str
    times: int


@dataclass(frozen=True, slots=True)
class PlaylistReport:
    """Where the liked songs are, as of the last sync.

    Attributes:
        songs: How many liked songs there are, the releases of one song counted once.
        playlists: How many of the account's own playlists were looked in.
        unread: Names of those whose contents are not known.
        in_none: Liked songs that are in none of them, the newest liked first.
        in_several: Liked songs that are in more than one.
        doubles: Liked songs that are liked under several ids.
        repetitions: Liked songs that a playlist holds more than once.
    """

    songs: int
    playlists: int
    unread: tuple[str, ...]
    in_none: tuple[ReportedSong, ...]
    in_several: tuple[ReportedSong, ...]
    doubles: tuple[ReportedSong, ...]
    repetitions: tuple[Repetition, ...]


@dataclass(frozen=True, slots=True)
class _Playlist:
    name: str
    entries: Mapping[str, int]


def playlist_report(app: Services) -> PlaylistReport:
    """Looks for every liked song in the account's own playlists, as they were last read. Makes no call.

    Raises:
        LibraryError: Nothing was synced yet.
    """
    account_id = current_account(app).account_id
    songs = same_songs(liked_songs(app, account_id))
    known, unread = _known_playlists(app, account_id)
    reported = [(releases, _reported(releases, known)) for releases in songs]
    return PlaylistReport(
        songs=len(songs),
        playlists=len(known),
        unread=unread,
        in_none=tuple(song for _, song in reported if not song.playlists),
        in_several=tuple(song for _, song in reported if len(song.playlists) > 1),
        doubles=tuple(song for releases, song in reported if len(releases) > 1),
        repetitions=tuple(repetition for releases, _ in reported for repetition in _repetitions(releases, known)),
    )


def _known_playlists(app: Services, account_id: str) -> tuple[list[_Playlist], tuple[str, ...]]:
    """The playlists whose contents are known, in the order of their names, and the names of the others."""
    managed = {one.playlist_id: one for one in app.library.playlists.managed(account_id) if one.exists}
    read = app.library.playlists.songs(account_id)
    known = [_Playlist(one.name, _counted(one.contents)) for one in managed.values()]
    unread = []
    for head in app.library.playlists.own(account_id):
        if head.playlist_id in managed:
            continue
        contents = read.get(head.playlist_id)
        if contents is not None and contents.is_whole:
            known.append(_Playlist(head.name, _counted(contents.uris)))
        else:
            unread.append(head.name)
    return sorted(known, key=lambda playlist: playlist.name), tuple(unread)


def _counted(uris: tuple[str | None, ...]) -> Mapping[str, int]:
    return Counter(uri for uri in uris if uri is not None)


def _reported(releases: tuple[LikedSong, ...], known: list[_Playlist]) -> ReportedSong:
    uris = tuple(release.uri for release in releases)
    playlists = (playlist.name for playlist in known if any(uri in playlist.entries for uri in uris))
    return ReportedSong(releases[0].title, releases[0].artists, uris, tuple(playlists))


def _repetitions(releases: tuple[LikedSong, ...], known: list[_Playlist]) -> Iterator[Repetition]:
    for playlist in known:
        times = sum(playlist.entries.get(release.uri, 0) for release in releases)
        if times > 1:
            yield Repetition(releases[0].title, releases[0].artists, playlist.name, times)
