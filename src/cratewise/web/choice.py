"""The choice of genres as its page shows it: a card for each family, and in words what the plan makes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from cratewise.playlists.plan import LeftOut
from cratewise.playlists.rules import Rules
from cratewise.web.sound import SoundProfile, profile_of
from cratewise.workflows import FamilyOverview, GenreOutlook, LibraryOverview, Outlook

CARD_PX = 190
SOUND_PX = 62
STYLE_PX = 56
ALL_PX = 44
"""About how high a closed card, its sound, a row of a style, and the buttons for all of these are, gaps included: an
opened card spans as many rows of the grid."""

NOTES: Mapping[LeftOut, str] = {
    "duplicate": "{} of them twice",
    "unavailable": "{} no longer on Spotify",
    "taken out": "{} you took out",
    "kept out": "{} you keep out",
    "full": "{} more than Spotify takes",
}
"""What is said beside the number of a playlist's songs when it differs from the number of songs liked."""


class GenreWords(BaseModel):
    """The number of one genre's songs, what it counts, and where the others are."""

    songs: int
    what: str
    note: str


class ChoiceWords(BaseModel):
    """What the choice comes to: as a whole, and for each genre by its slug; `choice` is another one for other rules."""

    choice: str
    chosen: list[str]
    playlists: int
    songs: int
    genres: dict[str, GenreWords]


@dataclass(frozen=True, slots=True)
class StyleRow:
    """A style in its family's card."""

    slug: str
    name: str
    liked: int
    has_switch: bool


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """A family's card.

    Attributes:
        slug: The family's slug.
        name: Its display name.
        artists: Some of its artists.
        liked: Its liked songs.
        has_switch: Whether it can have a playlist.
        styles: Its styles.
        rows: Rows of the grid that it takes when it is opened.
        sound: What its songs sound like, `None` where nothing is known.
    """

    slug: str
    name: str
    artists: tuple[str, ...]
    liked: int
    has_switch: bool
    styles: tuple[StyleRow, ...]
    rows: int
    sound: SoundProfile | None


def cards_of(overview: LibraryOverview, outlook: Outlook) -> tuple[list[FamilyCard], list[FamilyCard]]:
    """The families with a playlist to choose, and those with too few songs for any; most songs first."""
    cards = [
        _card(family, outlook.genres[family.slug], outlook)
        for family in overview.families
        if family.slug in outlook.genres
    ]
    cards.sort(key=lambda card: -card.liked)
    choosable = [card for card in cards if any(_switches(card))]
    return choosable, [card for card in cards if card not in choosable]


def without_switch(rules: Rules, cards: Sequence[FamilyCard]) -> list[str]:
    """The chosen genres that no card shows a switch of: they stay chosen, for the day they have enough songs."""
    switches = {slug for card in cards for slug in _switches(card)}
    return [slug for slug in rules.genres if slug not in switches]


def words_of(outlook: Outlook, rules: Rules, families: frozenset[str], choice: str) -> ChoiceWords:
    """Puts an outlook into words.

    Args:
        outlook: The numbers.
        rules: The rules they were counted with.
        families: Slugs of all families.
        choice: Tells the rules that are kept from any others.
    """
    genres = {}
    for slug, genre in outlook.genres.items():
        if genre.has_playlist:
            what, songs = "song", genre.held
            note = ", ".join(_differences(genre, is_family=slug in families))
            note = f"{genre.liked:,} liked: {note}" if note else ""
        else:
            what, songs = "liked song", genre.liked
            note = _why_none(genre, rules, is_family=slug in families) if slug in rules.genres else ""
            if slug not in rules.genres and genre.held:
                note = "its playlist stays in your account as it is"
            elif not note and slug in families and genre.elsewhere:
                note = f"{genre.elsewhere:,} in finer playlists"
        genres[slug] = GenreWords(songs=songs, what=what if songs == 1 else what + "s", note=note)
    return ChoiceWords(
        choice=choice, chosen=list(rules.genres), playlists=outlook.playlists, songs=outlook.songs, genres=genres
    )


def _card(family: FamilyOverview, own: GenreOutlook, outlook: Outlook) -> FamilyCard:
    rows = tuple(
        StyleRow(style.slug, style.name, outlook.genres[style.slug].liked, outlook.genres[style.slug].can_have_playlist)
        for style in family.styles
        if style.slug in outlook.genres
    )
    height_px = len(rows) * STYLE_PX + ALL_PX * (sum(1 for row in rows if row.has_switch) > 1)
    return FamilyCard(
        slug=family.slug,
        name=family.name,
        artists=family.example_artists,
        liked=own.liked,
        has_switch=own.can_have_playlist,
        styles=rows,
        rows=1 + round(height_px / (CARD_PX + SOUND_PX * (family.sound is not None))),
        sound=profile_of(family.sound, family.songs),
    )


def _switches(card: FamilyCard) -> Iterator[str]:
    if card.has_switch:
        yield card.slug
    yield from (style.slug for style in card.styles if style.has_switch)


def _differences(genre: GenreOutlook, *, is_family: bool) -> Iterator[str]:
    for reason, words in NOTES.items():
        if count := genre.left_out.get(reason, 0):
            yield words.format(f"{count:,}")
    if genre.elsewhere:
        yield f"{genre.elsewhere:,} in {'finer' if is_family else 'other'} playlists"


def _why_none(genre: GenreOutlook, rules: Rules, *, is_family: bool) -> str:
    if genre.left_out.get("deleted"):
        return "you deleted its playlist, so it stays deleted"
    others = ", ".join(_differences(genre, is_family=is_family))
    few = genre.left_out.get("too few", 0)
    if not few:
        return others
    short = f"a playlist needs {rules.least_songs}"
    return f"{others}; {few:,} left, and {short}" if others else short
