import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cratewise.classification import Classification
from cratewise.library.accounts import KnownAccount
from cratewise.library.database import Database
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.releases import Release, release_name, same_songs
from cratewise.tracks import Track

START = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 2, START)
BEN = KnownAccount("ben", "Ben", 1, START)


def release(track_id: str, title: str = "Billie Jean", isrc: str = "", duration_ms: int | None = None) -> SavedSong:
    """A liked release by Michael Jackson."""
    track = Track(track_id, title, ("Michael Jackson",), isrc=isrc, duration_ms=duration_ms)
    return SavedSong(track, f"spotify:track:{track_id}", START + timedelta(days=int(track_id[1:])))


def listed(library: Library, account: KnownAccount = ADA) -> list[tuple[str, int]]:
    """Which release stands for each song, and how many there are."""
    return [(one.song.track.track_id, one.n_releases) for one in library.genres.songs(account.account_id, 0.5)]


def test_releases_of_one_song_are_listed_once(library: Library) -> None:
    """By recording code, or by names and a duration within 2 s; the newest liked that Spotify plays stands for it."""
    library.songs.write(ADA, [release("t1", "Billie Jean", "US1"), release("t2", "Billie Jean - Remaster", "us1")])
    library.songs.write(ADA, [release("t3", "Thriller", duration_ms=300_000)])
    library.songs.write(ADA, [release("t4", "THRILLER", duration_ms=301_500), release("t5", "Thriller (Live)")])
    assert listed(library) == [("t5", 1), ("t4", 2), ("t2", 2)]
    library.songs.write(ADA, [replace(release("t4", "Thriller", duration_ms=301_500), is_available=False)])
    assert listed(library) == [("t5", 1), ("t3", 2), ("t2", 2)]
    assert len(library.genres.releases("ada", 0.5)) == 5


def test_a_release_between_two_songs_joins_them(library: Library) -> None:
    """Two releases 3 s apart are two songs until a third shows that they are one; un-liked, it leaves them joined."""
    library.songs.write(ADA, [release("t1", duration_ms=200_000), release("t2", duration_ms=203_000)])
    library.genres.write("ada", "m1", [Classification("t1", "pop", "pop", 0.9, "", False, "")])
    assert listed(library) == [("t2", 1), ("t1", 1)]
    library.songs.write(ADA, [release("t3", duration_ms=201_500)])
    assert listed(library) == [("t3", 3)]
    library.songs.write(ADA, [], ["t3"])
    assert listed(library) == [("t2", 2)]


def test_a_song_has_one_genre(library: Library) -> None:
    """Releases of one song share the genre of the one that stands for it; only that one is asked about."""
    library.songs.write(ADA, [release("t1", isrc="US1"), release("t2", isrc="US1")])
    assert [track.track_id for track in library.genres.unsorted("ada", "m1")] == ["t2"]
    library.genres.write("ada", "m1", [Classification("t2", "disco", "pop", 0.9, "", False, "")])
    said = [one.classification for one in library.genres.releases("ada", 0.5)]
    assert [one.genre for one in said if one] == ["disco", "disco"]
    assert library.genres.unsorted("ada", "m1") == ()


def test_likes_of_others_are_not_counted(library: Library) -> None:
    """A release that only Ben likes is his: it neither stands for Ada's song nor counts as hers."""
    library.songs.write(ADA, [release("t1", isrc="US1")])
    library.songs.write(BEN, [release("t2", isrc="US1")])
    assert listed(library, ADA) == [("t1", 1)]
    assert listed(library, BEN) == [("t2", 1)]


def test_an_older_library_is_listed_when_it_is_opened(url: str) -> None:
    """What was kept before songs were listed gets its songs, once."""
    with Library.open(url) as library:
        library.songs.write(ADA, [release("t1", isrc="US1"), release("t2", isrc="US1"), release("t3", "Beat It")])
        before = listed(library)
    database = Database.open(url)
    with database.writing() as connection:
        for statement in ("DELETE FROM songs", "DELETE FROM derived", "UPDATE tracks SET song_id = '', words = ''"):
            connection.exec_driver_sql(statement)
    database.close()
    with Library.open(url) as library:
        assert listed(library) == before == [("t3", 1), ("t2", 2)]


RELEASES = st.lists(
    st.tuples(st.sampled_from(["", "A", "B"]), st.sampled_from(["Song", "Other"]), st.integers(0, 6)), max_size=12
)


@given(found=RELEASES, data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_songs_do_not_depend_on_the_order_of_writing(found: list, data: st.DataObject) -> None:
    """However releases come in, one by one or together, they end as the songs that they are when seen at once."""
    releases = [
        release(f"t{number}", title, isrc, 200_000 + 1_000 * second)
        for number, (isrc, title, second) in enumerate(found)
    ]
    known = [
        Release(one.track.isrc, release_name(one.track.artists, one.track.title), one.track.duration_ms)
        for one in releases
    ]
    expected = sorted((f"t{max(group)}", len(group)) for group in same_songs(known))
    order = data.draw(st.permutations(releases))
    cut = data.draw(st.integers(0, len(order)))
    with tempfile.TemporaryDirectory() as folder, Library.open(f"sqlite:///{folder}/library.sqlite3") as library:
        library.songs.write(ADA, order[:cut])
        for one in order[cut:]:
            library.songs.write(ADA, [one])
        assert sorted(listed(library)) == expected
