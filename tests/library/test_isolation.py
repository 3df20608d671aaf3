"""Several accounts in one library never see each other's rows."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratewise.classification import Classification
from cratewise.errors import LibraryError
from cratewise.library.accounts import AccountStore, KnownAccount
from cratewise.library.catalogue import CatalogueStore
from cratewise.library.contents import Contents, ContentsStore, KnownTrack, StatisticsAnswer, TagsAnswer
from cratewise.library.corrections import Correction, CorrectionStore, GenreChange, Kind, Pin
from cratewise.library.genres import GenreStore
from cratewise.library.knowledge import KnowledgeStore
from cratewise.library.playlists import PlaylistSongs, PlaylistStore
from cratewise.library.runs import RunStore
from cratewise.library.search import SongFilter, SongSearch
from cratewise.library.songs import SavedSong, SongStore
from cratewise.library.store import Library
from cratewise.library.tables import Base
from cratewise.playlists.account import PlaylistHead
from cratewise.playlists.plan import ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.rules import Rules
from cratewise.playlists.runs import RunStep
from cratewise.tracks import AudioStatistics, Track

AT = datetime(2026, 1, 1, tzinfo=UTC)
STORES = (
    AccountStore,
    SongStore,
    GenreStore,
    CorrectionStore,
    SongSearch,
    KnowledgeStore,
    CatalogueStore,
    PlaylistStore,
    RunStore,
    ContentsStore,
)
NAMELESS = {
    "AccountStore.latest",  # whoever synced last
    "AccountStore.work_with",  # a file of the data folder
    "KnowledgeStore.write_statistics",  # what the public sources say is nobody's
    "KnowledgeStore.write_tags",
    "CatalogueStore.all",  # files of whoever runs the machine
    "CatalogueStore.write",
    "CatalogueStore.remove",
}
SHARED = {"derived", "catalogue"}
OF_A_RUN = {"run_steps"}
OF_A_HOST = {"calls", "drawers"}  # a drawer says its owner; that no account opens another's is tried in tests/hosting


def song(number: int, day: int) -> SavedSong:
    """One of a few ids, which somebody else may know otherwise, and like on another day."""
    numbers = AudioStatistics(day / 9) if number < 2 else None
    names = (f"Title {number}{day}", ("Ada",), f"Album {number}")
    track = Track(f"t{number}", *names, isrc=f"X{number}", statistics=numbers)
    return SavedSong(track, f"spotify:track:t{number}", AT + timedelta(days=day), artist_ids=("a",))


def managed(number: int, other: int) -> ManagedPlaylist:
    """A playlist whose id and genre somebody else may have, too."""
    return ManagedPlaylist(f"p{number}", f"genre{number}", f"Name {other}", frozenset({f"u{other}"}), (f"u{other}",))


def step(number: int, other: int) -> RunStep:
    """A step of a run."""
    change = PlaylistChange("create", f"genre{number}", None, f"Name {other}", "", False, (), (), 0, "Why.")
    return RunStep(0, "done", change, f"p{number}", after=(f"u{other}",))


def plan(number: int, other: int) -> Plan:
    """A plan of one step."""
    return Plan(f"plan{other}", Rules((f"genre{number}",)), (step(number, other).change,))


def _meant(number: int) -> list[tuple[Kind, str]]:
    """A song, an album and an artist that somebody else may like, too."""
    return [("song", f"t{number}"), ("album", f"ada\nalbum {number}"), ("artist", "ada")]


def contents(who: str, number: int, other: int) -> Contents:
    """Everything at once, with the number of a correction that may be somebody else's."""
    said = Correction("song", f"t{number}", "Name", f"genre{other}", "jazz", who, AT)
    return Contents(
        tracks=(KnownTrack(song(number, other)),),
        statistics=(StatisticsAnswer("t1", "csv", AT, AudioStatistics(energy=other / 9)),),
        tags=(TagsAnswer("artist:a", "csv", AT, {f"tag {other}": 1.0}),),
        corrections=(said, replace(said, correction_id=number + 1, taken_back_at=AT)),
        genre_changes=(GenreChange(f"genre{number}", f"Name {other}"),),
        pins=(Pin(f"t{number}", f"genre{other}", True, AT),),
        rules=Rules((f"genre{number}",)),
    )


Write = Callable[[Library, str, int, int], object]

WRITES: dict[str, Write] = {
    "AccountStore.forget": lambda library, who, _number, _other: library.accounts.forget(who),
    "ContentsStore.write": lambda library, who, number, other: library.contents.write(
        KnownAccount(who, f"Name {other}", number, AT), contents(who, number, other), AT
    ),
    "SongStore.write": lambda library, who, number, other: library.songs.write(
        KnownAccount(who, f"Name {other}", number, AT, other),
        [song(number, other)],
        [f"t{other}"] if other != number else [],
    ),
    "GenreStore.write": lambda library, who, number, other: library.genres.write(
        who,
        f"m{other}",
        [Classification(f"t{number}", f"genre{other}", "jazz", 0.5, "", False, "Why.", (("pop", 0.1 + other / 10),))],
    ),
    "CorrectionStore.add": lambda library, who, number, other: library.corrections.add(
        who, [Correction(kind, key, "Name", f"genre{other}", "jazz", who, AT) for kind, key in _meant(number)]
    ),
    "CorrectionStore.take_back": lambda library, who, number, other: library.corrections.take_back(
        who, [number + 1, 3 * other + 1], AT
    ),
    "CorrectionStore.write_genre_changes": lambda library, who, number, other: library.corrections.write_genre_changes(
        who, [GenreChange(f"genre{number}", f"Name {other}", "", False, f"genre{other}", "pop")]
    ),
    "CorrectionStore.pin": lambda library, who, number, other: library.corrections.pin(
        who, [Pin(f"t{number}", f"genre{other}", True, AT)]
    ),
    "CatalogueStore.look_up": lambda library, who, number, other: library.catalogues.look_up(who, AT),
    "KnowledgeStore.settle": lambda library, who, number, other: library.knowledge.settle(who),
    "PlaylistStore.write_seen": lambda library, who, number, other: library.playlists.write_seen(
        who, [PlaylistHead(f"p{number}", f"Name {other}", total=other)], [managed(number, other)]
    ),
    "PlaylistStore.write_songs": lambda library, who, number, other: library.playlists.write_songs(
        who, PlaylistSongs(f"p{number}", f"s{other}", (f"u{other}",), 1, True), [song(number, other)]
    ),
    "PlaylistStore.forget_songs": lambda library, who, number, other: library.playlists.forget_songs(
        who, [f"p{other + 1}"]
    ),
    "PlaylistStore.write_rules": lambda library, who, number, other: library.playlists.write_rules(
        who, Rules((f"genre{number}",), least_songs=other + 1), AT
    ),
    "RunStore.begin": lambda library, who, number, other: library.runs(who).begin(plan(number, other), "m", AT, {}),
    "RunStore.write_step": lambda library, who, number, other: library.runs(who).write_step(
        number + 1, step(number, other), managed(number, other)
    ),
    "RunStore.forget_playlist": lambda library, who, number, other: library.runs(who).forget_playlist(
        number + 1, step(number, other)
    ),
    "RunStore.close": lambda library, who, number, other: library.runs(who).close(number + 1, "undone", AT),
}
READS: dict[str, Callable[[Library, str], object]] = {
    "ContentsStore.read": lambda library, who: library.contents.read(who),
    "AccountStore.find": lambda library, who: library.accounts.find(who),
    "SongStore.added_at": lambda library, who: library.songs.added_at(who),
    "SongStore.names": lambda library, who: library.songs.names(who, {f"spotify:track:t{n}" for n in range(4)}),
    "SongStore.known": lambda library, who: library.songs.known(who, {f"spotify:track:t{n}" for n in range(4)}),
    "GenreStore.digest": lambda library, who: library.genres.digest(who),
    "GenreStore.counts": lambda library, who: library.genres.counts(who, 0.4),
    "GenreStore.others": lambda library, who: library.genres.others(who),
    "GenreStore.releases": lambda library, who: library.genres.releases(who, 0.4),
    "CorrectionStore.all": lambda library, who: library.corrections.all(who),
    "CorrectionStore.genre_changes": lambda library, who: library.corrections.genre_changes(who),
    "CorrectionStore.pins": lambda library, who: library.corrections.pins(who),
    "SongSearch.page": lambda library, who: library.search.page(who, SongFilter(words="title")),
    "SongSearch.standing": lambda library, who: library.search.standing(who, ["t1", "t2"]),
    "SongSearch.song": lambda library, who: library.search.song(who, "t1"),
    "KnowledgeStore.songs_without_statistics": lambda library, who: library.knowledge.songs_without_statistics(
        who, "reccobeats", AT
    ),
    "KnowledgeStore.unknown_artists": lambda library, who: library.knowledge.unknown_artists(who, "lastfm", AT),
    "KnowledgeStore.origins": lambda library, who: library.knowledge.origins(who),
    "GenreStore.songs": lambda library, who: library.genres.songs(who, 0.4),
    "CorrectionStore.of_songs": lambda library, who: library.corrections.of_songs(who, ["t1", "t2"]),
    "GenreStore.unsorted": lambda library, who: library.genres.unsorted(who, "m1"),
    "GenreStore.model_version": lambda library, who: library.genres.model_version(who),
    "PlaylistStore.songs": lambda library, who: library.playlists.songs(who),
    "SongStore.liked_uris": lambda library, who: library.songs.liked_uris(who),
    "PlaylistStore.managed": lambda library, who: library.playlists.managed(who),
    "PlaylistStore.own": lambda library, who: library.playlists.own(who),
    "PlaylistStore.rules": lambda library, who: library.playlists.rules(who),
    "RunStore.all": lambda library, who: library.runs(who).all(),
}


def seen_by(library: Library, who: str) -> dict[str, object]:
    """All that an account can read."""
    return {name: read(library, who) for name, read in READS.items()}


@pytest.fixture
def shared(library: Library) -> Library:
    """A library in which Ada has everything that an account can have, and Ben nothing but his name."""
    for who in ("ada", "ben"):
        library.songs.write(KnownAccount(who, who, 0, AT), [song(number, 0) for number in range(4)])
    for write in WRITES.values():
        for number in range(3):
            with suppress(LibraryError):
                write(library, "ada", number, number)
    WRITES["PlaylistStore.write_seen"](library, "ada", 3, 3)  # the others were forgotten
    assert [name for name, seen in seen_by(library, "ada").items() if not seen] == []
    return library


def test_every_method_is_looked_at() -> None:
    """Whoever adds a method to a store adds it here, too."""
    methods = {
        f"{store.__name__}.{name}"
        for store in STORES
        for name, _ in inspect.getmembers(store, inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods == {*WRITES, *READS, *NAMELESS}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(sorted(WRITES)), st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_what_one_account_reads_no_other_can_change(shared: Library, writes: list[tuple[str, int, int]]) -> None:
    """Whatever Ben writes, with whatever ids of Ada's: what Ada reads stays the same."""
    before = seen_by(shared, "ada")
    for name, number, other in writes:
        with suppress(LibraryError):  # a run of Ada's is none of Ben's
            WRITES[name](shared, "ben", number, other)
    assert seen_by(shared, "ada") == before


def test_nobody_writes_the_history_of_another(shared: Library) -> None:
    """A run of another account is refused by its number."""
    (run_id, *_) = [run.run_id for run in shared.runs("ada").all()]
    with pytest.raises(LibraryError, match=f"no run {run_id}"):
        shared.runs("ben").close(run_id, "undone", AT)


def test_every_row_has_an_owner() -> None:
    """A row belongs to an account, to a run of one, or to the host; or it says what everybody may know of a song."""
    tables = Base.metadata.tables.values()
    owned = {table.name for table in tables if "account_id" in table.c}
    assert {table.name for table in tables} - owned == SHARED | OF_A_RUN | OF_A_HOST
