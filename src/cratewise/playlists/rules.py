"""What a person decides about their playlists; the defaults are good enough for one click."""

from dataclasses import dataclass

from cratewise.classification import LEAST_CONFIDENCE
from cratewise.errors import PlaylistsError


@dataclass(frozen=True, slots=True)
class Rules:
    """Which genres get a playlist, and which songs go into it.

    Attributes:
        genres: Slugs of the chosen families and styles. A song goes to the playlist of its style if that is chosen,
            else to the playlist of its family if that is chosen, else nowhere.
        least_confidence: Songs the classifier is less sure of (0 to 1) go nowhere.
        least_songs: A genre with fewer songs gets no playlist, and a style's songs then go to its family; a genre
            that has a playlist already keeps it.
        name_template: Name of a new playlist; `{genre}` stands for the genre's name.
        description_template: Description of a new playlist, with the same placeholder.
        public: Whether Spotify should show new playlists on the profile (`False` does not make them private).
        remake_deleted: Whether a playlist that the person deleted is made again.

    Raises:
        PlaylistsError: A value is out of its range.
    """

    genres: tuple[str, ...]
    least_confidence: float = LEAST_CONFIDENCE
    least_songs: int = 5
    name_template: str = "{genre} · liked"
    description_template: str = "{genre} songs among my likes, sorted by cratewise."
    public: bool = False
    remake_deleted: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.least_confidence <= 1:
            raise PlaylistsError(f"The least confidence is {self.least_confidence}.", hint="Give one from 0 to 1.")
        if self.least_songs < 1:
            raise PlaylistsError(f"The least number of songs is {self.least_songs}.", hint="Give 1 or more.")
        if not self.name_template.strip():
            raise PlaylistsError("The playlists' name is empty.", hint="Give one such as '{genre} · liked'.")
        if len(set(self.genres)) != len(self.genres):
            raise PlaylistsError(f"A genre is chosen twice: {', '.join(self.genres)}.", hint="Name each genre once.")

    def name(self, genre: str) -> str:
        """Name of the playlist of a genre, given the genre's display name."""
        return self.name_template.replace("{genre}", genre)

    def description(self, genre: str) -> str:
        """Description of the playlist of a genre, given the genre's display name."""
        return self.description_template.replace("{genre}", genre)
