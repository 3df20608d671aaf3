"""Which songs are like one another, and where they stand on a map: what the network says of it, as arrays. No torch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cratewise.model.features import FloatArray, artist_keys
from cratewise.tracks import Track, song_key

PER_ARTIST = 2
"""So many songs of one artist stand among the songs like another, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Where n tracks stand among all music; the same model gives a track the same place in every library.

    Attributes:
        embedding: float32 (n, d), rows of length 1; the scalar product of two says how alike the tracks are.
        place: float32 (n, 2), a point on a plane where like songs are neighbours, each coordinate from -1 to 1. A song
            of which nothing is known stands at (0, 0).
    """

    embedding: FloatArray
    place: FloatArray


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A song that is like another.

    Attributes:
        row: Its place in the list of tracks.
        likeness: Cosine of the two embeddings, -1 to 1.
    """

    row: int
    likeness: float


def most_like(
    tracks: Sequence[Track], embedding: FloatArray, row: int, n: int, *, per_artist: int = PER_ARTIST
) -> list[Neighbour]:
    """The songs most like one of n tracks, the most alike first, whatever the order of the tracks.

    The song itself and its other releases are left out, and of several releases of another song the nearest is named.

    Args:
        tracks: The tracks.
        embedding: float (len(tracks), d), rows of length 1.
        row: The track whose like is asked for.
        n: How many at most.
        per_artist: So many songs of any one artist at most.
    """
    likeness = (embedding.astype(np.float64) * embedding[row]).sum(axis=1)
    ids = np.array([track.track_id for track in tracks])
    songs = {_song(tracks[row], row)}
    artists: Counter[int] = Counter()
    found: list[Neighbour] = []
    for other in np.lexsort((ids, -likeness)).tolist():
        if len(found) == n:
            break
        song, keys = _song(tracks[other], other), artist_keys(tracks[other])
        if other == row or song in songs or any(artists[key] >= per_artist for key in keys):
            continue
        songs.add(song)
        artists.update(keys)
        found.append(Neighbour(other, float(likeness[other])))
    return found


def _song(track: Track, row: int) -> tuple[str, str] | int:
    """What all releases of a song share; a track without title or artist is a song of its own."""
    named = song_key(track.artists, track.title)
    return named if all(named) else row
