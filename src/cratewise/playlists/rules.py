"""What a person decides about their playlists; the defaults are good enough for one click."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from cratewise.classification import LEAST_CONFIDENCE, LEAST_OTHER
from cratewise.errors import PlaylistsError
from cratewise.playlists.conditions import parse

Order = Literal["added", "name", "artist", "energy"]
ORDERS: tuple[Order, ...] = get_args(Order)

_PLACEHOLDERS = ("{genre}", "{family}", "{count}", "{date}")
LONGEST_NAME = 100
"""Characters of the name of a playlist: Spotify cuts names off there."""
_LONGEST_DESCRIPTION = 300


@dataclass(frozen=True, slots=True)
class About:
    """What the placeholders of a name or description stand for.

    Attributes:
        genre: The genre's display name.
        family: The display name of its family.
        count: Songs in the new playlist.
        day: Today; `None` where that is not known.
    """

    genre: str
    family: str = ""
    count: int = 0
    day: date | None = None

    def filled(self, template: str) -> str:
        """The template with its placeholders filled."""
        day = f"{self.day:%Y-%m-%d}" if self.day else ""
        values = dict(zip(_PLACEHOLDERS, (self.genre, self.family or self.genre, f"{self.count:,}", day), strict=True))
        return re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], template)


@dataclass(frozen=True, slots=True)
class Rules:
    """Which genres get a playlist, and which songs go into it.

    Attributes:
        genres: Slugs of the chosen families and styles. A song goes to the playlist of its style if that is chosen,
            else to the playlist of its family if that is chosen, else nowhere.
        least_confidence: Songs the classifier is less sure of (0 to 1) go nowhere.
        several_above: From which chance on (0 to 1) a song stands in the playlists of other chosen families, too;
            `None` for never: each song then stands only in its best.
        least_songs: A genre with fewer songs gets no playlist, and a style's songs then go to its family; a genre
            that has a playlist already keeps it.
        name_template: Name of a new playlist; `{genre}`, `{family}`, `{count}` and `{date}` stand for what they say.
        description_template: Description of a new playlist, with the same placeholders.
        covers: Whether new playlists get a cover, drawn in their genre's colour.
        public: Whether Spotify should show new playlists on the profile (`False` does not make them private).
        remake_deleted: Whether a playlist that the person deleted is made again.
        keep_unliked: Whether songs that are not liked any more stay in their playlists.
        order: How the songs of a new playlist stand: newest liked first, by title, by artist, or from calm to loud and
            back ("energy"). What is liked later goes on top.
        sources: Ids of playlists of the person's own whose songs count beside the liked ones.
        only: Conditions (see `conditions`) that must all hold for a song to go into a playlist; where one cannot be
            told of a song, it goes nowhere.
        without: Conditions of which none may hold.

    Raises:
        PlaylistsError: A value is out of its range.
    """

    genres: tuple[str, ...]
    least_confidence: float = LEAST_CONFIDENCE
    several_above: float | None = None
    least_songs: int = 5
    name_template: str = "{genre} · liked"
    description_template: str = "{genre} songs among my likes, sorted by cratewise."
    covers: bool = True
    public: bool = False
    remake_deleted: bool = False
    keep_unliked: bool = False
    order: Order = "added"
    sources: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.least_confidence <= 1:
            raise PlaylistsError(f"The least confidence is {self.least_confidence}.", hint="Give one from 0 to 1.")
        if self.several_above is not None and not LEAST_OTHER <= self.several_above <= 1:
            raise PlaylistsError(
                f"The chance for a second playlist is {self.several_above}.", hint=f"Give one from {LEAST_OTHER} to 1."
            )
        if self.least_songs < 1:
            raise PlaylistsError(f"The least number of songs is {self.least_songs}.", hint="Give 1 or more.")
        if not self.name_template.strip():
            raise PlaylistsError("The playlists' name is empty.", hint="Give one such as '{genre} · liked'.")
        if len(set(self.genres)) != len(self.genres):
            raise PlaylistsError(f"A genre is chosen twice: {', '.join(self.genres)}.", hint="Name each genre once.")
        for condition in (*self.only, *self.without):
            parse(condition)
        if self.order not in ORDERS:
            raise PlaylistsError(f"There is no order {self.order!r}.", hint=f"There are {', '.join(ORDERS)}.")
        for template, longest in (
            (self.name_template, LONGEST_NAME),
            (self.description_template, _LONGEST_DESCRIPTION),
        ):
            unknown = [found for found in re.findall(r"\{[^{}]*\}", template) if found not in _PLACEHOLDERS]
            if unknown:
                raise PlaylistsError(
                    f"{unknown[0]} in {template!r} stands for nothing.",
                    hint=f"There are {', '.join(_PLACEHOLDERS)}.",
                )
            if not template.isprintable():
                raise PlaylistsError(f"{template[:40]!r} has characters that cannot be seen.", hint="Leave them out.")
            if len(template) > longest:
                raise PlaylistsError(
                    f"{template[:40]!r}… is too long: {len(template):,} characters.",
                    hint=f"Spotify takes {longest}.",
                )

    def name(self, about: About) -> str:
        """Name of a new playlist."""
        return about.filled(self.name_template)[:LONGEST_NAME]

    def description(self, about: About) -> str:
        """Description of a new playlist."""
        return about.filled(self.description_template)[:_LONGEST_DESCRIPTION]
