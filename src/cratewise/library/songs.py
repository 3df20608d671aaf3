"""The liked songs of the accounts in the store, and their genres."""

from dataclasses import dataclass
from datetime import datetime

from cratewise.tracks import Track


@dataclass(frozen=True, slots=True)
class SavedSong:
    """A liked song.

    Attributes:
        track: The song.
        uri: Spotify's URI.
        added_at: When it was liked (UTC).
        is_available: Whether Spotify still plays it.
    """

    track: Track
    uri: str
    added_at: datetime
    is_available: bool = True
