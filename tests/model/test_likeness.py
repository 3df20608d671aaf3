"""Songs like a song."""

from itertools import permutations

import numpy as np
import pytest

from cratewise.model.likeness import most_like
from cratewise.tracks import Track


def song(track_id: str, title: str, artist: str, angle: float) -> tuple[Track, tuple[float, float]]:
    """A track, and an embedding that turns away from (1, 0) by an angle in degrees."""
    return Track(track_id, title, (artist,)), (np.cos(np.radians(angle)), np.sin(np.radians(angle)))


SONGS = [
    song("a", "Juicy", "The Notorious B.I.G.", 0),
    song("b", "N.Y. State of Mind", "Nas", 20),
    song("c", "Shook Ones", "Mobb Deep", 10),
    song("d", "Take Five", "Dave Brubeck", 90),
    song("e", "C.R.E.A.M.", "Wu-Tang Clan", -15),
]


def titles(songs: list[tuple[Track, tuple[float, float]]], of: str, n: int = 10, per_artist: int = 2) -> list[str]:
    """Ids of the songs most like the one with an id."""
    tracks = [track for track, _ in songs]
    embedding = np.array([place for _, place in songs], dtype=np.float32)
    row = next(row for row, track in enumerate(tracks) if track.track_id == of)
    return [tracks[found.row].track_id for found in most_like(tracks, embedding, row, n, per_artist=per_artist)]


def test_the_nearest_come_first_in_any_order_of_the_file() -> None:
    """By angle: 10, 15, 20 and 90 degrees away, however the tracks are listed."""
    for order in permutations(SONGS):
        assert titles(list(order), "a") == ["c", "e", "b", "d"]
    assert titles(SONGS, "a", 2) == ["c", "e"]


def test_likeness_is_the_cosine() -> None:
    """A song that points elsewhere is not like at all."""
    tracks, places = zip(*SONGS, strict=True)
    found = most_like(tracks, np.array(places, dtype=np.float32), 0, 4)
    assert [round(near.likeness, 3) for near in found] == pytest.approx([0.985, 0.966, 0.94, 0.0], abs=1e-3)


def test_equal_songs_are_told_apart_by_id_in_any_order() -> None:
    """Ties don't depend on the order of the file."""
    same = [song("q", "Question", "Anybody", 0), *(song(name, f"Song {name}", f"Artist {name}", 5) for name in "xyz")]
    for order in permutations(same):
        assert titles(list(order), "q", 2) == ["x", "y"]


def test_other_releases_of_the_song_are_left_out() -> None:
    """Neither the song under another id nor a second release of another song stands among them."""
    again = [song("a2", "JUICY", "The Notorious B.I.G", 1), song("c2", "Shook Ones!", "Mobb Deep", 12)]
    assert titles([*SONGS, *again], "a") == ["c", "e", "b", "d"]


def test_one_artist_does_not_fill_the_list() -> None:
    """At most so many songs of any artist, the song's own included."""
    more = [song(f"n{n}", f"Illmatic {n}", "Nas", n) for n in range(1, 6)]
    assert titles([*SONGS, *more], "a", per_artist=1) == ["n1", "c", "e", "d"]
    assert titles([*SONGS, *more], "b", per_artist=2) == ["c", "n5", "n4", "a", "e", "d"]


def test_tracks_without_names_are_songs_of_their_own() -> None:
    """Nameless tracks are not taken for releases of one song."""
    nameless = [(Track(name), (1.0, 0.0)) for name in ("p", "q", "r")]
    assert titles(nameless, "p") == ["q", "r"]
