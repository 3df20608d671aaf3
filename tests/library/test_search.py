import tempfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratewise.classification import Classification
from cratewise.library.accounts import KnownAccount
from cratewise.library.search import SongFilter
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import Track, normalised

START = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 2, START)
SONGS = [
    ("Halo", "Beyoncé", "I Am…", "pop", "pop", 0.9),
    ("100% Pure Love", "Crystal Waters", "Storyteller", "house", "electronic", 0.8),
    ("Nights", "Frank Ocean", "Blonde", "alt-r-and-b", "r-and-b", 0.3),
    ("Pure Shores", "All Saints", "Saints & Sinners", "pop", "pop", 0.6),
    ("_", "!!!", "÷", "house", "electronic", 0.5),
]


@pytest.fixture
def filled(library: Library) -> Library:
    """A library of five songs, and one that is not sorted yet."""
    saved = [
        SavedSong(Track(f"t{n}", title, (artist,), album), f"spotify:track:t{n}", START + timedelta(days=n))
        for n, (title, artist, album, *_) in enumerate([*SONGS, ("New", "Nobody", "", "", "", 0)])
    ]
    library.songs.write(ADA, saved)
    said = [
        Classification(f"t{n}", genre, family, confidence, "", False, "")
        for n, (*_, genre, family, confidence) in enumerate(SONGS)
    ]
    library.genres.write("ada", "m1", said)
    return library


def titles(library: Library, wanted: SongFilter, **options: object) -> list[str]:
    """What is found."""
    page = library.search.page("ada", wanted, **options)  # type: ignore[arg-type]
    return [one.song.track.title for one in page.songs]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (SongFilter(), ["New", "_", "Pure Shores", "Nights", "100% Pure Love", "Halo"]),
        (SongFilter(words="beyonce HALO"), ["Halo"]),
        (SongFilter(words="pure"), ["Pure Shores", "100% Pure Love"]),
        (SongFilter(words="100% love"), ["100% Pure Love"]),
        (SongFilter(words="saints sinners"), ["Pure Shores"]),
        (SongFilter(genre="pop"), ["Pure Shores", "Halo"]),
        (SongFilter(genre="electronic"), ["_", "100% Pure Love"]),
        (SongFilter(genre="house"), ["_", "100% Pure Love"]),
        (SongFilter(unsurer_than=0.4), ["Nights"]),
        (SongFilter(surer_than=0.8), ["100% Pure Love", "Halo"]),
        (SongFilter(said_by=("song",)), []),
        (SongFilter(artist="BEYONCE"), ["Halo"]),
        (SongFilter(artist="!!!"), ["_"]),
        (SongFilter(album="÷"), ["_"]),
        (SongFilter(album="blonde", artist="frank ocean"), ["Nights"]),
        (SongFilter(album="londe"), []),
    ],
)
def test_songs_are_found(filled: Library, wanted: SongFilter, expected: list[str]) -> None:
    """By words however spelled, artist, album, genre, how sure it is, and who said it; newest liked first."""
    assert titles(filled, wanted) == expected


def test_genres_are_counted(filled: Library) -> None:
    """By family and genre without the unsure ones; songs without a genre count as songs alone."""
    counts = filled.genres.counts("ada", 0.55)
    assert (counts.songs, counts.unsure) == (6, 2)
    assert counts.sure == {("pop", "pop"): 2, ("electronic", "house"): 1}


def test_pages_follow_each_other(filled: Library) -> None:
    """Pages in every order hold each song once, and say how many there are."""
    for order in ("added", "title", "artist", "confidence"):
        whole = titles(filled, SongFilter(), order=order)
        pages = [titles(filled, SongFilter(), order=order, offset=offset, limit=2) for offset in (0, 2, 4)]
        assert [title for page in pages for title in page] == whole
        assert len(set(whole)) == 6
    assert titles(filled, SongFilter(), order="confidence")[:2] == ["New", "Nights"]
    assert titles(filled, SongFilter(), order="title")[:3] == ["100% Pure Love", "_", "Halo"]
    page = filled.search.page("ada", SongFilter(words="pure"), limit=1)
    assert (len(page.songs), page.total) == (1, 2)
    assert filled.search.page("ben", SongFilter()).total == 0


def test_a_song_is_found_by_any_of_its_releases(filled: Library) -> None:
    """By a track id that is liked; not by one that is not."""
    found = filled.search.song("ada", "t0")
    assert found is not None
    assert found.song.track.title == "Halo"
    assert filled.search.song("ada", "t99") is None
    assert filled.search.song("ben", "t0") is None


@settings(max_examples=40)
@given(words=st.text(max_size=6))
def test_any_words_are_only_words(words: str) -> None:
    """Signs that mean something to a database mean nothing here: what is found has the words in it."""
    with tempfile.TemporaryDirectory() as folder, Library.open(f"sqlite:///{folder}/library.sqlite3") as library:
        library.songs.write(ADA, [SavedSong(Track("t", "100% _ Pure", ("A",)), "u", START)])
        found = titles(library, SongFilter(words=words))
        assert bool(found) == all(word in "100 pure a" for word in normalised(words).split())
