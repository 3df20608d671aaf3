"""Reading a person's tracks from CSV files of every kind."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.csvcolumns import CsvError
from cratewise.sources.exportify import comma_separated
from cratewise.sources.trackfile import TrackFile, read_tracks
from cratewise.tracks import AudioStatistics

FULL_HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
    "Valence,Tempo,Time Signature"
)
ROXANNE = "3EYOJ48Et32uATr9ZmLnAo"
Read = Callable[[str], TrackFile]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file and reads its tracks."""

    def write_and_read(text: str) -> TrackFile:
        path = tmp_path / "songs.csv"
        path.write_bytes(text.encode())
        return read_tracks(path)

    return write_and_read


def test_an_export_of_today_is_read_whole(read: Read) -> None:
    """Id, names, year, tags and statistics come out of a full row with a byte order mark."""
    row = (
        f"spotify:track:{ROXANNE},Roxanne,Outlandos D'Amour,The Police;A Guest,1978-11-02,192586,75,false,me,"
        '2024-01-01T00:00:00Z,"new wave,rock",A&M,0.6,0.9,0,-6.5,1,0.1,0.05,0,0.3,0.7,133.9,4'
    )
    file = read(f"\ufeff{FULL_HEADER}\n{row}\n")
    (track,) = file.tracks
    assert (track.track_id, track.title, track.album) == (ROXANNE, "Roxanne", "Outlandos D'Amour")
    assert track.artists == ("The Police", "A Guest")
    assert (track.release_year, track.duration_ms, track.popularity, track.explicit) == (1978, 192586, 75, False)
    assert track.artist_tags == ("new wave", "rock")
    assert track.statistics == AudioStatistics(0.6, 0.9, 0, -6.5, 1, 0.1, 0.05, 0.0, 0.3, 0.7, 133.9, 4)
    assert file.notes == ()


def test_blank_statistics_are_unknown(read: Read) -> None:
    """A row whose statistics, genres and label are blank is a track without statistics, and a note says so."""
    row = f"spotify:track:{ROXANNE},Roxanne,,The Police,1978,,,,,,,{',' * 12}"
    file = read(f"{FULL_HEADER}\n{row}\n")
    assert file.tracks[0].statistics is None
    assert file.tracks[0].artist_tags == ()
    assert "1 of 1 tracks have no audio statistics" in " ".join(file.notes)


def test_older_exports_without_statistics_are_read(read: Read) -> None:
    """Ids under their older names, in another order of columns, artists joined by commas."""
    file = read(
        "Spotify ID,Artist IDs,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Added By,"
        "Added At\n"
        f'{ROXANNE},"a1,a2",EARFQUAKE,IGOR,"Tyler, The Creator, Playboi Carti",2019-05-17,190066,80,me,now\n'
        f'{ROXANNE},a1,Solo,Album,"Someone, Somewhere",2019,190066,80,me,now\n'
    )
    assert file.tracks[0].track_id == ROXANNE
    assert file.tracks[0].artists == ("Tyler, The Creator", "Playboi Carti")
    assert file.tracks[1].artists == ("Someone, Somewhere",), "one id is one artist, whatever the commas"


def test_commas_without_a_space_part_artists_too() -> None:
    """But not the thousands of a name."""
    assert comma_separated("The Weeknd,Daft Punk") == ("The Weeknd", "Daft Punk")
    assert comma_separated("10,000 Maniacs,Tyler, The Creator") == ("10,000 Maniacs", "Tyler, The Creator")
    assert comma_separated("Stop\\, Drop,Roll") == ("Stop, Drop", "Roll")


def test_a_local_file_keeps_its_whole_uri(read: Read) -> None:
    """A local file has no id; its URI tells it apart."""
    uri = "spotify:local:Some+Band:Demo:Garage+Take:213"
    file = read(f"Track URI,Track Name,Artist Name(s)\n{uri},Garage Take,Some Band\n")
    assert file.tracks[0].track_id == uri


def test_semicolons_between_fields_are_read(read: Read) -> None:
    """A spreadsheet's semicolon file with decimal commas means the same."""
    file = read(f'Track URI;Track Name;Artist Name(s);Energy\nspotify:track:{ROXANNE};Roxanne;"The Police;Sting";0,9\n')
    assert file.tracks[0].artists == ("The Police", "Sting")
    assert file.tracks[0].statistics == AudioStatistics(energy=0.9)


@pytest.mark.parametrize(("date", "year"), [("1999", 1999), ("1999-12-31", 1999), ("31.12.1999", 1999), ("0000", None)])
def test_release_dates_of_every_precision_give_the_year(read: Read, date: str, year: int | None) -> None:
    """A year, a day, a spreadsheet's day, and Spotify's "unknown"."""
    file = read(f"Track Name,Artist Name(s),Release Date\nOne,Someone,{date}\n")
    assert file.tracks[0].release_year == year


def test_the_datasets_columns_need_only_title_and_artists(read: Read) -> None:
    """Everything else may be absent; without an id the row's line is one."""
    file = read("artists,track_name\nThe Police;Sting,Roxanne\n,\n")
    first, second = file.tracks
    assert (first.track_id, first.title, first.artists) == ("row-2", "Roxanne", ("The Police", "Sting"))
    assert (second.track_id, second.title, second.artists, second.album) == ("row-3", "", (), "")
    assert first.statistics is None


def test_the_genre_in_the_file_is_never_an_input(read: Read) -> None:
    """With and without the label column the tracks are the same."""
    labelled = read("track_id,artists,track_name,tempo,track_genre\nx,The Police,Roxanne,134,reggae\n")
    plain = read("track_id,artists,track_name,tempo\nx,The Police,Roxanne,134\n")
    assert labelled.tracks == plain.tracks


@pytest.mark.parametrize(
    ("column", "value"), [("tempo", "0"), ("danceability", "7"), ("key", "-1"), ("energy", "nan"), ("loudness", "inf")]
)
def test_impossible_values_are_left_out_and_counted(read: Read, column: str, value: str) -> None:
    """Numbers that cannot be are unknown, and a note names the column, how many and the first line."""
    file = read(f"artists,track_name,valence,{column}\nA,One,0.5,\nB,Two,0.5,{value}\n")
    assert file.tracks[1].statistics == AudioStatistics(valence=0.5)
    assert file.notes == (f"{column}: an impossible value left out, in line 3.",)
    file = read(f"artists,track_name,valence,{column}\nA,One,0.5,\nB,Two,0.5,{value}\nC,Three,0.5,{value}\n")
    assert file.notes == (f"{column}: 2 impossible values left out, the first in line 3.",)


@pytest.mark.parametrize("column", ["danceability", "key", "duration_ms", "popularity", "explicit", "time_signature"])
def test_a_value_that_cannot_be_understood_is_an_error_with_its_place(read: Read, column: str) -> None:
    """Text in a column of numbers gives line, column and the text."""
    with pytest.raises(CsvError, match=f"line 3, column '{column}': 'abc'") as caught:
        read(f"artists,track_name,{column}\nA,One,\nB,Two,abc\n")
    assert (caught.value.line, caught.value.column) == (3, column)


def test_a_date_without_a_digit_is_an_error_with_its_place(read: Read) -> None:
    """A release date that is a word gives line and column."""
    with pytest.raises(CsvError, match="line 2, column 'Release Date': 'soon' is not a date"):
        read("Track Name,Artist Name(s),Release Date\nOne,Someone,soon\n")


def test_a_file_that_says_nothing_of_songs_is_told_what_is_needed(read: Read) -> None:
    """The hint names the columns, and the message the one that may be meant."""
    with pytest.raises(CsvError, match=r"line 1: none of the columns is known \(nearest: 'trakc_name'\)") as caught:
        read("trakc_name,genre\na,b\n")
    assert caught.value.line == 1
    assert "'track_name'" in caught.value.hint
    assert "Exportify" in caught.value.hint


def test_a_name_that_has_no_column_is_noted(read: Read) -> None:
    """A mistyped column is no silence: the note says what was looked for, and what looks like it."""
    file = read("artists,trakc_name\nThe Police,Roxanne\n")
    assert (file.tracks[0].artists, file.tracks[0].title) == (("The Police",), "")
    assert file.notes[0] == "There is no column of titles (nearest: 'trakc_name'); 'track_name' is one."


def test_a_file_without_rows_has_no_tracks(read: Read) -> None:
    """Only a header is fine, and a note says that nothing is there."""
    file = read("artists,track_name\n")
    assert file.tracks == ()
    assert "no tracks" in file.notes[0]


@given(titles=st.lists(st.text(st.characters(categories=["L", "N"]), max_size=8), max_size=20))
def test_there_is_one_track_for_each_row_in_their_order(
    titles: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing is merged, dropped or sorted, even where rows repeat or are empty."""
    path = tmp_path_factory.mktemp("songs") / "songs.csv"
    path.write_text("track_name,artists\n" + "".join(f"{title},Somebody\n" for title in titles), encoding="utf-8")
    assert [track.title for track in read_tracks(path).tracks] == titles


def test_the_real_dataset_is_read_as_tracks(shared: Path) -> None:
    """All 114,000 rows come out in order, with the impossible values counted in the notes."""
    file = read_tracks(shared / "data" / "spotify_tracks.csv")
    assert len(file.tracks) == 114_000
    assert (file.tracks[0].track_id, file.tracks[-1].title) == ("5SuOikwiRyPMVoIQDJUgSV", "Barbincor")
    assert any(note.startswith("tempo: 157 impossible") for note in file.notes)


GERMAN_HEADER = (
    "Track-URI,Track-Name,Künstler-URI(s),Künstlername(n),Album-URI,Album-Name,Album-Künstler-URI(s),"
    "Album-Künstlername(n),Veröffentlichungsdatum des Albums,Album-Bild-URL,Disc-Nummer,Track-Nummer,Track-Dauer (ms),"
    "Track-Vorschau-URL,Explizit,Beliebtheit,ISRC"
)
GERMAN_ROW = (
    f"spotify:track:{ROXANNE},Roxanne,spotify:artist:5NGO30tJxFlKixkPSgXcFE,The Police,"
    "spotify:album:3EYOJ48Et32uATr9ZmLnA2,Outlandos,spotify:artist:5NGO30tJxFlKixkPSgXcFE,The Police,1978-11-02,"
    "https://i/1,1,1,192000,,false,77,GBAAM7801016"
)
FEATURES = ",".join(["0.5"] * 2 + ["3", "-5", "1"] + ["0.5"] * 5 + ["120", "4"])


@pytest.mark.parametrize(
    ("header", "row", "has_statistics", "tags"),
    [
        ("Hinzugefügt von,Hinzugefügt am", ",2020-05-05T10:00:00Z", False, ()),
        ("Ist abspielbar,Hinzugefügt von,Hinzugefügt am", "true,,2020-05-05T10:00:00Z", False, ()),
        (
            "Von,Am,Künstler-Genres," + ",".join(f"Merkmal {number}" for number in range(12)),
            ',2020-05-05T10:00:00Z,"rock,new wave",' + FEATURES,
            True,
            ("rock", "new wave"),
        ),
        ("Von,Am,Album-Genres,Label,Urheberrechte", ",2020-05-05T10:00:00Z,,A&M,(c)", False, ()),
    ],
)
def test_columns_named_in_another_language_are_told_by_their_order(
    read: Read, header: str, row: str, has_statistics: bool, tags: tuple[str, ...]
) -> None:
    """As exportify.app writes them, with any of the groups of columns that it offers."""
    file = read(f"{GERMAN_HEADER},{header}\n{GERMAN_ROW},{row}\n")
    (one,) = file.rows
    assert file.kind == "an Exportify file"
    assert (one.track.title, one.track.artists, one.track.album) == ("Roxanne", ("The Police",), "Outlandos")
    assert (one.track.isrc, one.track.duration_ms, one.track.release_year) == ("GBAAM7801016", 192_000, 1978)
    assert one.liked_at == datetime(2020, 5, 5, 10, tzinfo=UTC)
    assert one.track.explicit is False
    assert (one.track.statistics is not None) == has_statistics
    assert one.track.artist_tags == tags


@pytest.mark.parametrize("said", ["garbage", "05/05/2020 10:00", "9999-12-31T00:00:00Z", "2024-13-45"])
def test_a_time_that_cannot_be_is_left_out_and_said(read: Read, said: str) -> None:
    """With its line, as every other value."""
    file = read(f"Track URI,Track Name,Artist Name(s),Added At\nspotify:track:{ROXANNE},Roxanne,The Police,{said}\n")
    assert file.rows[0].liked_at is None
    assert "Added At: an impossible value left out, in line 2." in file.notes


@pytest.mark.parametrize("said", ["", "1970-01-01T00:00:00Z"])
def test_a_time_that_is_not_known_is_not_complained_of(read: Read, said: str) -> None:
    """Exportify writes 1970 for it."""
    file = read(f"Track URI,Track Name,Artist Name(s),Added At\nspotify:track:{ROXANNE},Roxanne,The Police,{said}\n")
    assert file.rows[0].liked_at is None
    assert not any("Added At" in note for note in file.notes)


def test_a_text_that_is_no_name_is_refused(read: Read) -> None:
    """Half a file in quotation marks is no title."""
    with pytest.raises(CsvError, match=r"line 2, column 'title': 20,000 characters") as refused:
        read(f'title,artist\n"{"x" * 20_000}",Ada\n')
    assert refused.value.line == 2


@pytest.mark.parametrize(("start", "kind"), [(b"\x1f\x8b\x08", "gzip"), (b"PK\x03\x04", "ZIP"), (b"PAR1", "Parquet")])
def test_a_packed_file_is_called_what_it_is(tmp_path: Path, start: bytes, kind: str) -> None:
    """With what to do about it."""
    path = tmp_path / "songs.csv"
    path.write_bytes(start + bytes(20))
    with pytest.raises(CsvError, match=kind) as refused:
        read_tracks(path)
    assert "Unpack" in refused.value.hint
