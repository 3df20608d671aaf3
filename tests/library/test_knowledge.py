from datetime import UTC, datetime, timedelta

from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.library.store import Library
from cratewise.tracks import AudioStatistics, Track

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=40)
ADA = KnownAccount("ada", "Ada", 2, START)
BEN = KnownAccount("ben", "Ben", 1, START)


def song(number: int, artist: str = "Miles Davis", artist_id: str = "m1", **details: object) -> SavedSong:
    """A liked song."""
    track = Track(f"t{number}", f"Title {number}", (artist,), **details)  # type: ignore[arg-type]
    return SavedSong(track, f"spotify:track:t{number}", START + timedelta(days=number), artist_ids=(artist_id,))


def known(library: Library, track_id: str = "t1") -> Track:
    """What is known of a track."""
    return next(one.song.track for one in library.genres.releases("ada", 0.5) if one.song.track.track_id == track_id)


def test_only_what_is_not_known_is_asked_for(library: Library) -> None:
    """Songs without statistics, each source once; what a source knows nothing of, again after a while."""
    library.songs.write(ADA, [song(1), song(2), song(3)])
    library.songs.write(ADA, [song(4, statistics=AudioStatistics(energy=0.5))], source="exportify")
    library.knowledge.write_statistics("reccobeats", {"t1": AudioStatistics(energy=0.1), "t2": None}, START)
    library.knowledge.settle("ada")

    def asked(source: str, asked_before: datetime) -> list[str]:
        return [track.track_id for track in library.knowledge.songs_without_statistics("ada", source, asked_before)]

    assert asked("reccobeats", START) == ["t3"]
    assert asked("reccobeats", LATER) == ["t3", "t2"]
    assert asked("another", START) == ["t3", "t2"]
    assert library.knowledge.songs_without_statistics("ben", "reccobeats", LATER) == ()


def test_artists_are_asked_about_once_the_commonest_first(library: Library) -> None:
    """Namesakes with ids of their own are two; without ids a name is one artist, however spelled."""
    songs = [
        song(1),
        song(2),
        song(3, artist_id="m2"),
        song(4, "Björk", ""),
        song(5, "BJORK", ""),
        song(6, "Björk", ""),
    ]
    library.songs.write(ADA, songs)
    unknown = library.knowledge.unknown_artists("ada", "musicbrainz", START)
    assert [(one.subject, one.spotify_id) for one in unknown] == [
        ("name:bjork", ""),
        ("artist:m1", "m1"),
        ("artist:m2", "m2"),
    ]
    library.knowledge.write_tags("musicbrainz", {"artist:m1": {"jazz": 5}, "artist:m2": {}}, START)
    left = [one.subject for one in library.knowledge.unknown_artists("ada", "musicbrainz", START)]
    assert left == ["name:bjork"]
    again = [one.subject for one in library.knowledge.unknown_artists("ada", "musicbrainz", LATER)]
    assert again == ["name:bjork", "artist:m2"]


def test_the_best_of_what_is_known_counts(library: Library) -> None:
    """Number by number: what people exported of Spotify before estimates, whatever came first; tags add up."""
    library.songs.write(ADA, [song(1)])
    library.knowledge.write_statistics("reccobeats", {"t1": AudioStatistics(energy=0.1, tempo_bpm=120.0)}, START)
    library.knowledge.write_tags("lastfm", {"artist:m1": {"cool jazz": 20, "Jazz": 100}}, START)
    library.knowledge.write_tags("musicbrainz", {"artist:m1": {"jazz": 9, "bebop": 3}}, START)
    assert library.knowledge.settle("ada") == 1
    assert known(library).statistics == AudioStatistics(energy=0.1, tempo_bpm=120.0)
    assert known(library).artist_tags == ("Jazz", "cool jazz", "bebop")
    library.songs.write(ADA, [song(1, statistics=AudioStatistics(energy=0.9), popularity=7)], source="exportify")
    assert known(library).statistics == AudioStatistics(energy=0.9, tempo_bpm=120.0)
    assert known(library).popularity == 7
    library.songs.write(ADA, [song(1)])
    assert known(library).statistics == AudioStatistics(energy=0.9, tempo_bpm=120.0)
    assert known(library).popularity == 7


def test_a_song_is_sorted_again_only_when_more_is_known(library: Library) -> None:
    """Settling twice changes nothing; a new number changes the song, and it is classified anew."""
    library.songs.write(ADA, [song(1), song(2)])
    assert library.knowledge.settle("ada") == 0
    library.knowledge.write_statistics("reccobeats", {"t1": AudioStatistics(energy=0.1), "t2": None}, START)
    assert library.knowledge.settle("ada") == 1
    assert library.knowledge.settle("ada") == 0


def test_what_is_known_of_an_artist_counts_for_songs_to_come(library: Library) -> None:
    """A song liked later, by anybody, has the tags at once, without asking again."""
    library.songs.write(ADA, [song(1)])
    library.knowledge.write_tags("musicbrainz", {"artist:m1": {"jazz": 5}}, START)
    library.songs.write(BEN, [song(2)])
    (bens,) = library.genres.songs("ben", 0.5)
    assert bens.song.track.artist_tags == ("jazz",)
    assert library.knowledge.unknown_artists("ben", "musicbrainz", START) == ()


def test_it_is_said_where_values_come_from(library: Library) -> None:
    """Songs by source of their numbers and of their tags; those with none stand under no name."""
    library.songs.write(ADA, [song(1), song(2, "Björk", "b1"), song(3, "Björk", "b1")])
    library.songs.write(ADA, [song(3, "Björk", "b1", statistics=AudioStatistics(energy=0.9))], source="exportify")
    numbers = AudioStatistics(energy=0.1, tempo_bpm=120.0)
    library.knowledge.write_statistics("reccobeats", {"t1": numbers, "t3": numbers}, START)
    library.knowledge.write_tags("lastfm", {"artist:m1": {"jazz": 5}, "artist:b1": {}}, START)
    library.knowledge.settle("ada")
    assert library.knowledge.origins("ada") == {
        "statistics": {"reccobeats": 2, "exportify": 1, "": 1},
        "tags": {"lastfm": 1, "": 2},
    }
