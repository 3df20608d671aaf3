"""What becomes of each liked song: it is in one playlist once the plan is applied, or left out for one reason."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from cratewise.playlists.placing import PlacedSong, is_in
from cratewise.playlists.plan import LeftOut, LikedSong, ManagedPlaylist, Placement, PlaylistChange
from cratewise.playlists.rules import Rules

Contents = Mapping[str, Set[str | None]]


def account_for(
    placed: Iterable[PlacedSong],
    changes: Sequence[PlaylistChange],
    managed: Mapping[str, ManagedPlaylist],
    rules: Rules,
) -> tuple[Placement, ...]:
    """One placement for each liked song, the releases of one song beside each other.

    Args:
        placed: The songs, each with the genre whose playlist it belongs in.
        changes: What is planned for them.
        managed: The playlists this program made, by genre.
        rules: What the person wants.
    """
    contents = _contents_afterwards(changes, managed)
    by_choice = [*rules.genres, *sorted(contents.keys() - set(rules.genres))]
    holders = {uri: genre for genre in reversed(by_choice) for uri in contents.get(genre, ())}
    return tuple(placement for song in placed for placement in _placements(song, contents, holders, managed))


def _contents_afterwards(changes: Sequence[PlaylistChange], managed: Mapping[str, ManagedPlaylist]) -> Contents:
    contents: dict[str, Set[str | None]] = {
        genre: set(playlist.contents) for genre, playlist in managed.items() if playlist.exists
    }
    for change in changes:
        removed = {song.uri for song in change.removes}
        contents[change.genre] = (set(change.before) - removed) | {song.uri for song in change.adds}
    return contents


def _placements(
    song: PlacedSong, contents: Contents, holders: Mapping[str | None, str], managed: Mapping[str, ManagedPlaylist]
) -> Iterator[Placement]:
    playlist = _holder(song, contents, holders)
    reason = None if playlist is not None else _reason(song, contents, managed)
    held = contents.get(playlist, set()) if playlist is not None else set()
    is_sure = song.left_out not in ("unclassified", "unsure")
    for release in song.releases:
        if not release.is_liked:
            continue
        yield Placement(
            uri=release.uri,
            genre=song.best.genre if is_sure else "",
            family=song.best.family if is_sure else "",
            playlist=playlist,
            left_out="duplicate" if playlist is not None and release.uri not in held else reason,
            is_wanted=is_sure and _is_playable(song, release),
        )


def _is_playable(song: PlacedSong, release: LikedSong) -> bool:
    return release is song.best and release.is_available


def _holder(song: PlacedSong, contents: Contents, holders: Mapping[str | None, str]) -> str | None:
    if song.genre is not None and is_in(song, contents.get(song.genre, set())):
        return song.genre
    return next((holders[release.uri] for release in song.releases if release.uri in holders), None)


def _reason(song: PlacedSong, contents: Contents, managed: Mapping[str, ManagedPlaylist]) -> LeftOut:
    if song.left_out is not None or song.genre is None:
        return song.left_out or "unchosen"
    playlist = managed.get(song.genre)
    if playlist is not None and playlist.exists and is_in(song, playlist.ours):
        return "taken out"
    if not song.best.is_available:
        return "unavailable"
    if song.genre in contents:
        return "full"
    return "too few" if playlist is None else "deleted"
