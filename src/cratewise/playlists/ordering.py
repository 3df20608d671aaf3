"""In what order the songs of a new playlist stand. Pure."""

from collections.abc import Sequence

from cratewise.playlists.placing import PlacedSong
from cratewise.playlists.rules import Order
from cratewise.tracks import normalised


def in_order(songs: Sequence[PlacedSong], order: Order) -> list[PlacedSong]:
    """Songs, given newest liked first, in another order; those that are equal in it stay as they were.

    "energy" is an arc: from the calmest up to the loudest and back down, every other song on the way down. Songs of
    which no energy is known stand at the end.
    """
    match order:
        case "added":
            return list(songs)
        case "name":
            return sorted(songs, key=lambda song: normalised(song.best.title))
        case "artist":
            return sorted(songs, key=_by_artist)
    known = sorted((song for song in songs if _energy(song) is not None), key=lambda song: _energy(song) or 0.0)
    unknown = [song for song in songs if _energy(song) is None]
    return [*known[::2], *reversed(known[1::2]), *unknown]


def _by_artist(song: PlacedSong) -> tuple[str, ...]:
    best = song.best
    return (normalised(best.artists[0]) if best.artists else "", normalised(best.title))


def _energy(song: PlacedSong) -> float | None:
    return song.best.statistics.energy if song.best.statistics else None
