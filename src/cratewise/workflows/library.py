"""Sorting the liked songs into genres, and looking at the outcome."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cratewise.classification import Classification
from cratewise.library.accounts import KnownAccount
from cratewise.library.genres import SortedSong
from cratewise.library.search import Order, SongFilter
from cratewise.progress import KEPT_EVERY_S, Progress, silent
from cratewise.workflows.names import genre_names, shown_genres
from cratewise.workflows.services import Services
from cratewise.workflows.sound import sound_of
from cratewise.workflows.sync import current_account
from cratewise.workflows.values import ClassifyResult, FamilyOverview, GenreCount, LibraryOverview, SongRow

STAGE = "Sorting songs into genres"

SONGS_IN_A_COMMIT = 8192
"""How many genres are kept at once, or as many as are found in a second (`KEPT_EVERY_S`)."""

_SONGS_AT_ONCE = 2048
"""How many songs the classifier is asked of between two moments at which it can be stopped."""

_EXAMPLE_ARTISTS = 4
_EMPTY = LibraryOverview("", None, 0, 0, 0, ())


def classify_library(
    app: Services,
    progress: Progress = silent,
    *,
    everything: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> ClassifyResult:
    """Classifies the liked songs that are new, changed, or known to another model only; or all of them.

    As many as `progress` is told of are kept.

    Raises:
        LibraryError: Nothing was synced yet.
    """
    account_id = current_account(app).account_id
    least_confidence = app.settings.least_confidence
    model = app.classifier
    tracks = app.library.genres.unsorted(account_id, model.version, everything=everything)
    n_kept, unkept, kept_at_s = 0, [], clock()
    progress(STAGE, 0, len(tracks))
    for start in range(0, len(tracks), _SONGS_AT_ONCE):
        unkept += model.classify(tracks[start : start + _SONGS_AT_ONCE], least_confidence=least_confidence)
        is_last = n_kept + len(unkept) == len(tracks)
        if is_last or len(unkept) >= SONGS_IN_A_COMMIT or clock() >= kept_at_s + KEPT_EVERY_S:
            app.library.genres.write(account_id, model.version, unkept)
            n_kept, unkept, kept_at_s = n_kept + len(unkept), [], clock()
        progress(STAGE, n_kept, len(tracks))
    found = app.library.genres.counts(account_id, least_confidence)
    counts: Counter[str] = Counter()
    for (family, _), count in found.sure.items():
        counts[family] += count
    names = genre_names(app)
    return ClassifyResult(
        songs=found.songs,
        classified=len(tracks),
        unsure=found.unsure,
        genres=_counted(counts, {family.slug: names[family.slug] for family in app.taxonomy.families}),
    )


def genre_overview(app: Services) -> LibraryOverview:
    """The library at a glance; empty before the first sync."""
    account = app.library.accounts.latest()
    return _EMPTY if account is None else _overview(app, account, _songs_of(app, account))


def list_songs(app: Services) -> tuple[SongRow, ...]:
    """Every liked song with its genre, newest liked first; none before the first sync."""
    account = app.library.accounts.latest()
    return () if account is None else _rows(app, _songs_of(app, account))


def overview_and_songs(app: Services) -> tuple[LibraryOverview, tuple[SongRow, ...]]:
    """What `genre_overview` and `list_songs` give, of one reading."""
    account = app.library.accounts.latest()
    if account is None:
        return _EMPTY, ()
    songs = _songs_of(app, account)
    return _overview(app, account, songs), _rows(app, songs)


def _songs_of(app: Services, account: KnownAccount) -> tuple[SortedSong, ...]:
    return app.library.genres.songs(account.account_id, app.settings.least_confidence)


def _rows(app: Services, songs: Iterable[SortedSong]) -> tuple[SongRow, ...]:
    names = genre_names(app)
    return tuple(_row(song, names) for song in songs)


def _overview(app: Services, account: KnownAccount, songs: Sequence[SortedSong]) -> LibraryOverview:
    families: dict[str, list[SortedSong]] = defaultdict(list)
    for song in songs:
        if song.classification is not None and not song.classification.is_unsure:
            families[song.classification.family].append(song)
    names, shown = genre_names(app), shown_genres(app)
    overviews = [
        FamilyOverview(
            slug=family.slug,
            name=names[family.slug],
            colour=family.colour,
            songs=len(families[family.slug]),
            styles=_counted(
                Counter(one.genre for one in _sure(families[family.slug])),
                {style.slug: names[style.slug] for style in family.styles},
            ),
            example_artists=_most_frequent_artists(families[family.slug]),
            sound=sound_of(song.song.track.statistics for song in families[family.slug]),
        )
        for family in app.taxonomy.families
        if family.slug in families and family.slug in shown
    ]
    return LibraryOverview(
        account_name=account.name,
        synced_at=account.synced_at,
        songs=len(songs),
        unclassified=sum(1 for song in songs if song.classification is None),
        unsure=sum(1 for song in songs if song.classification is not None and song.classification.is_unsure),
        families=tuple(sorted(overviews, key=lambda family: -family.songs)),
    )


@dataclass(frozen=True, slots=True)
class FoundSongs:
    """A part of the songs that were asked for.

    Attributes:
        songs: The songs of this part.
        total: How many there are in all.
    """

    songs: tuple[SongRow, ...]
    total: int


def find_songs(
    app: Services, wanted: SongFilter, *, order: Order = "added", offset: int = 0, limit: int = 100
) -> FoundSongs:
    """Some of the liked songs, read page by page whatever the size of the library; none before the first sync."""
    account = app.library.accounts.latest()
    if account is None:
        return FoundSongs((), 0)
    least = app.settings.least_confidence
    page = app.library.search.page(
        account.account_id, wanted, order=order, offset=offset, limit=limit, least_confidence=least
    )
    names = genre_names(app)
    return FoundSongs(tuple(_row(song, names) for song in page.songs), page.total)


def _sure(songs: Iterable[SortedSong]) -> Iterable[Classification]:
    return (song.classification for song in songs if song.classification and not song.classification.is_unsure)


def _counted(counts: Counter[str], names: dict[str, str]) -> tuple[GenreCount, ...]:
    found = [GenreCount(slug, name, counts[slug]) for slug, name in names.items() if counts[slug]]
    return tuple(sorted(found, key=lambda genre: -genre.songs))


def _most_frequent_artists(songs: Iterable[SortedSong]) -> tuple[str, ...]:
    counts = Counter(song.song.track.artists[0] for song in songs if song.song.track.artists)
    by_count = sorted(counts.items(), key=lambda artist: (-artist[1], artist[0]))
    return tuple(artist for artist, _ in by_count[:_EXAMPLE_ARTISTS])


def _row(song: SortedSong, names: dict[str, str]) -> SongRow:
    track, said = song.song.track, song.classification
    return SongRow(
        track_id=track.track_id,
        uri=song.song.uri,
        title=track.title,
        artists=track.artists,
        album=track.album,
        cover_url=song.song.cover_url,
        added_at=song.song.added_at,
        is_available=song.song.is_available,
        n_releases=song.n_releases,
        said_by=song.said_by,
        genre=said.genre if said else "",
        genre_name=names.get(said.genre, said.genre) if said else "",
        family=said.family if said else "",
        confidence=said.confidence if said else 0.0,
        is_unsure=said.is_unsure if said else False,
        is_unknown=said.is_unknown if said else False,
        reason=said.reason if said else "",
    )
