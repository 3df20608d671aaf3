"""What a person decides about their playlists; the defaults are good enough for one click."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Which genres get a playlist, and which songs go into it.

    Attributes:
        genres: Slugs of the chosen families and styles. A song goes to the playlist of its style if that is chosen,
            else to the playlist of its family if that is chosen, else nowhere.
        least_confidence: Songs the classifier is less sure of (0 to 1) go nowhere.
        least_songs: A genre with fewer songs gets no playlist; one that has a playlist already keeps it.
        name_template: Name of a new playlist; `{genre}` stands for the genre's name.
        description_template: Description of a new playlist, with the same placeholder.
        public: Whether Spotify should show new playlists on the profile (`False` does not make them private).
        remake_deleted: Whether a playlist that the person deleted is made again.
    """

    genres: tuple[str, ...]
    least_confidence: float = 0.5
    least_songs: int = 5
    name_template: str = "{genre} · liked"
    description_template: str = "The {genre} among my liked songs, sorted by cratewise."
    public: bool = False
    remake_deleted: bool = False
