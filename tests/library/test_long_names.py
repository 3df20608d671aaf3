"""Names and ids of any length, on each kind of database: what an index takes of them still tells them apart."""

from datetime import UTC, datetime
from random import Random

from cratewise.library.accounts import KnownAccount
from cratewise.library.corrections import Correction
from cratewise.library.identity import album_key
from cratewise.library.search import SongFilter
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import LONGEST_KEY, Track, name_key

AT = datetime(2026, 1, 1, tzinfo=UTC)
ADA = KnownAccount("ada", "Ada", 2, AT)
_RANDOM = Random(1)  # noqa: S311 - no secret
NAME = "".join(chr(_RANDOM.randrange(0x4E00, 0x9FFF)) for _ in range(5_000))  # which packs to no less
OTHER = NAME[:-1] + "x"


def song(track_id: str, title: str, artist: str, album: str = "Album") -> SavedSong:
    """A liked song."""
    return SavedSong(Track(track_id, title, (artist, "Guest"), album), f"spotify:track:{track_id}", AT)


def listed(library: Library, **wanted: str) -> set[str]:
    """The ids of the songs that are found."""
    return {one.song.track.track_id for one in library.search.page("ada", SongFilter(**wanted)).songs}


def test_long_names_are_kept_and_found(library: Library) -> None:
    """By artist, by album, by a word of the beginning; names that differ at the end are two."""
    library.songs.write(ADA, [song("a", NAME, NAME, NAME), song("b", OTHER, OTHER, OTHER), song("c", NAME, NAME)])
    assert {one.song.track.title for one in library.genres.songs("ada", 0.5)} == {NAME, OTHER}
    assert listed(library, artist=OTHER) == {"b"}
    assert listed(library, album=OTHER) == {"b"}
    assert len(listed(library, words=NAME[:100])) == 2
    assert library.search.page("ada", SongFilter(), order="artist").total == 2


def test_a_word_on_a_long_name_counts(library: Library) -> None:
    """For an artist and an album; only for those."""
    library.songs.write(ADA, [song("a", "One", NAME), song("b", "Two", OTHER), song("c", "Three", OTHER, NAME)])
    for kind, key, genre in (("artist", name_key(NAME), "rock"), ("album", album_key(OTHER, NAME), "jazz")):
        library.corrections.add("ada", [Correction(kind, key, "", genre, genre, "Ada", AT)])  # type: ignore[arg-type]
    said = {one.song.track.track_id: one.said_by for one in library.genres.songs("ada", 0.5)}
    assert said == {"a": "artist", "b": "", "c": "album"}


def test_what_is_known_of_an_artist_of_a_long_name_is_kept(library: Library) -> None:
    """A source is asked about it once."""
    library.songs.write(ADA, [song("a", "One", NAME)])
    unknown = library.knowledge.unknown_artists("ada", "musicbrainz", AT)
    library.knowledge.write_tags("musicbrainz", {one.subject: {} for one in unknown}, AT)
    assert library.knowledge.unknown_artists("ada", "musicbrainz", AT) == ()


def test_a_key_is_short_and_tells_names_apart() -> None:
    """Short names are their own keys."""
    assert name_key("Beyoncé") == "beyonce"
    assert len(name_key(NAME).encode()) <= LONGEST_KEY
    assert name_key(NAME) != name_key(OTHER)
