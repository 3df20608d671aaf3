"""Which liked songs are the same song under several ids."""

from collections.abc import Iterable

from cratewise import releases
from cratewise.playlists.plan import LikedSong
from cratewise.releases import Release, release_name


def same_songs(songs: Iterable[LikedSong]) -> list[tuple[LikedSong, ...]]:
    """Puts the releases of one song together, as `releases.same_songs` does.

    Returns:
        One tuple for each song, newest liked first, and its releases newest liked first; whatever the order given.
    """
    ordered = sorted(songs, key=newest_first)
    known = [Release(song.isrc, release_name(song.artists, song.title), song.duration_ms) for song in ordered]
    return [tuple(ordered[index] for index in group) for group in releases.same_songs(known)]


def newest_first(song: LikedSong) -> tuple[float, str]:
    """Sorts the newest liked song first; songs liked at the same moment by their URI."""
    return (-song.added_at.timestamp(), song.uri)
