"""What songs sound like together: the means of their audio statistics, as far as they are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from cratewise.tracks import AudioStatistics

MEASURES = ("energy", "danceability", "valence", "acousticness", "tempo_bpm")
"""What a listener can tell by ear; the other statistics say little of many songs at once."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What some songs sound like together; each mean is of those songs of which that number is known, else `None`.

    Attributes:
        songs: Songs of which at least one of these numbers is known, 1 or more.
        energy: Mean, 0 to 1.
        danceability: Mean, 0 to 1.
        valence: Mean, 0 (sad, angry) to 1 (glad).
        acousticness: Mean, 0 to 1.
        tempo_bpm: Mean, in beats a minute.
    """

    songs: int
    energy: float | None
    danceability: float | None
    valence: float | None
    acousticness: float | None
    tempo_bpm: float | None


def sound_of(statistics: Iterable[AudioStatistics | None]) -> Sound | None:
    """What songs with these statistics sound like together; `None` where nothing is known of any."""
    known = [one for one in statistics if one is not None]
    values = [[value for one in known if (value := getattr(one, name)) is not None] for name in MEASURES]
    if not any(values):
        return None
    songs = sum(1 for one in known if any(getattr(one, name) is not None for name in MEASURES))
    return Sound(songs, *(sum(of_one) / len(of_one) if of_one else None for of_one in values))
