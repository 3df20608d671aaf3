"""Reading songs from CSV files that name their columns in their own way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cratewise.sources.trackfile import TrackFile, read_tracks
from cratewise.tracks import AudioStatistics

Read = Callable[[str], TrackFile]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file and reads its tracks."""

    def write_and_read(text: str) -> TrackFile:
        path = tmp_path / "songs.csv"
        path.write_text(text, encoding="utf-8")
        return read_tracks(path)

    return write_and_read


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("artist,song,album,popularity", "a file of songs"),
        ("track_artist,track_name,track_album_name,track_popularity", "a file of songs"),
        ("Artist.Name,Track.Name,Album,Popularity", "a file of songs"),
        ("artist(s)_name,track_name,Album Title,popularity", "a file of songs"),
        ("ARTIST,TITLE,ALBUM,POPULARITY", "a file of songs"),
        ("artists,track_name,album_name,popularity", "a file with the dataset's columns"),
        ("Artist Name(s),Track Name,Album Name,Popularity", "an Exportify file"),
    ],
)
def test_names_are_found_under_many_headings(read: Read, header: str, kind: str) -> None:
    """Whatever public sets and people's lists call them."""
    file = read(f"{header}\nThe Police,Roxanne,Outlandos,75\n")
    (track,) = file.tracks
    assert (track.artists, track.title, track.album, track.popularity) == (("The Police",), "Roxanne", "Outlandos", 75)
    assert file.kind == kind


@pytest.mark.parametrize(
    ("column", "text", "artists"),
    [
        ("artist", "Earth, Wind & Fire", ("Earth, Wind & Fire",)),
        ("artist", "Santana;Rob Thomas", ("Santana", "Rob Thomas")),
        ("artist_names", "Earth, Wind & Fire, Santana", ("Earth, Wind & Fire", "Santana")),
        ("Artists", "['Ella Fitzgerald', \"Guns N' Roses\"]", ("Ella Fitzgerald", "Guns N' Roses")),
        ("Artists", "[:SITD:]", ("[:SITD:]",)),
        ("Artists", "[[[", ("[[[",)),
    ],
)
def test_several_artists_in_a_field_are_told_apart(
    read: Read, column: str, text: str, artists: tuple[str, ...]
) -> None:
    """Semicolons part names; commas only where the heading speaks of several; lists as Python writes them are read."""
    quoted = text.replace('"', '""')
    assert read(f'song,{column}\nA Song,"{quoted}"\n').tracks[0].artists == artists


def test_statistics_written_as_words_are_read(read: Read) -> None:
    """Keys by their names, "Major", "4/4", and a question mark for what isn't known."""
    file = read("artist_name,key,mode,time_signature,tempo\nA,C#,Minor,4/4,?\nB,Bb,Major,3/4,120\n")
    assert file.tracks[0].statistics == AudioStatistics(key=1, mode=0, time_signature=4)
    assert file.tracks[1].statistics == AudioStatistics(key=10, mode=1, time_signature=3, tempo_bpm=120.0)


def test_songs_may_have_statistics_alone(read: Read) -> None:
    """Names aren't needed, and that they are not there is said."""
    file = read("danceability,energy,genre\n0.5,0.7,pop\n")
    assert file.tracks[0].statistics == AudioStatistics(danceability=0.5, energy=0.7)
    assert "There is no column of titles; 'track_name' is one." in file.notes
    assert "There is no column of artists; 'artists' is one." in file.notes


def test_a_genre_in_the_file_is_never_an_input(read: Read) -> None:
    """Whatever its column is called, the tracks are the same without it."""
    labels = ("genre", "genres", "playlist_genre", "playlist_name", "track_genre", "music_genre")
    plain = read("song,artist\nRoxanne,The Police\n").tracks
    for label in labels:
        assert read(f"song,artist,{label}\nRoxanne,The Police,reggae\n").tracks == plain, label


def test_an_address_of_a_track_gives_its_id(read: Read) -> None:
    """As in Exportify's files, so that songs keep their ids."""
    file = read("uri,name,artist\nspotify:track:3EYOJ48Et32uATr9ZmLnAo,Roxanne,The Police\n")
    assert file.tracks[0].track_id == "3EYOJ48Et32uATr9ZmLnAo"


def test_the_real_top_hits_are_read_as_they_are(shared: Path) -> None:
    """2,000 songs with sound, artist and title under other names than the dataset's."""
    file = read_tracks(shared / "data" / "top_hits.csv")
    assert len(file.tracks) == 2000
    assert all(track.artists and track.title and track.statistics for track in file.tracks)
    assert file.tracks[0].title == "Oops!...I Did It Again"
