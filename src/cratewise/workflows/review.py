"""The songs to look at first: those the network is least sure of, each with the genres that it may be."""

from collections.abc import Iterator
from dataclasses import dataclass

from cratewise.classification import SURE_FROM
from cratewise.library.listing import MODEL
from cratewise.library.search import SongFilter
from cratewise.workflows.library import find_songs
from cratewise.workflows.names import genre_names, shown_genres
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account
from cratewise.workflows.values import SongRow

N_CANDIDATES = 9
"""As many as there are digits to answer with."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A genre that a song may be of.

    Attributes:
        genre: Slug.
        name: Display name.
        family: Slug of its family.
        chance: How likely the network finds its family, 0 to 1; `None` where it said nothing of it.
    """

    genre: str
    name: str
    family: str
    chance: float | None


@dataclass(frozen=True, slots=True)
class ReviewSong:
    """A song to look at.

    Attributes:
        song: The song.
        candidates: What it may be, the likeliest first; then genres the library has most of.
        by_artist: How many liked songs its first artist has, itself included.
    """

    song: SongRow
    candidates: tuple[Candidate, ...]
    by_artist: int


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """What is left to look at.

    Attributes:
        left: Songs that the network is not sure of, and that nobody spoke of.
        songs: The first of them, least certain first.
    """

    left: int
    songs: tuple[ReviewSong, ...]


def review_queue(app: Services, limit: int = 50) -> ReviewQueue:
    """The songs whose genre is least certain, without those that a person spoke of.

    Raises:
        LibraryError: Nothing was synced yet.
    """
    account_id = current_account(app).account_id
    unsure = SongFilter(unsurer_than=SURE_FROM, said_by=(MODEL,))
    found = find_songs(app, unsure, order="confidence", limit=limit)
    others = app.library.genres.others(account_id)
    common = _common_families(app, account_id)
    names, shown = genre_names(app), shown_genres(app)

    def candidates(song: SongRow) -> Iterator[Candidate]:
        seen = set()
        said = [(song.genre, song.confidence), *others.get(song.track_id, ()), *((slug, None) for slug in common)]
        for slug, chance in said:
            family = app.taxonomy.family_of(slug).slug
            if slug in shown and family not in seen:
                seen.add(family)
                yield Candidate(slug, names[slug], family, chance)

    songs = tuple(
        ReviewSong(song, tuple(candidates(song))[:N_CANDIDATES], _count_by_artist(app, account_id, song))
        for song in found.songs
    )
    return ReviewQueue(found.total, songs)


def _common_families(app: Services, account_id: str) -> list[str]:
    counts: dict[str, int] = {}
    for (family, _), count in app.library.genres.counts(account_id, app.settings.least_confidence).sure.items():
        counts[family] = counts.get(family, 0) + count
    ordered = [family.slug for family in app.taxonomy.families]
    return sorted(ordered, key=lambda slug: -counts.get(slug, 0))


def _count_by_artist(app: Services, account_id: str, song: SongRow) -> int:
    if not song.artists:
        return 1
    return app.library.search.page(account_id, SongFilter(artist=song.artists[0]), limit=0).total
