import math
from pathlib import Path

import polars
import pytest

from cratewise.errors import DataFileError
from cratewise.sources.trackfile import read_tracks
from cratewise.sources.trackframe import FrameTracks, tracks_in_frame
from cratewise.sources.tracklayout import layout_of
from cratewise.tracks import AudioStatistics, Track


def read(frame: polars.DataFrame, *, any_semicolon: bool = True) -> FrameTracks:
    """The tracks of a frame that is a whole file."""
    layout = layout_of("songs.parquet", frame.schema, lambda _column: any_semicolon)
    return tracks_in_frame(frame, layout, "songs.parquet", 1)


def test_the_dataset_gives_the_same_tracks_as_its_csv_file(shared: Path) -> None:
    """All 114,000, with numbers as numbers and with numbers as texts, and the same values are left out."""
    path = shared / "data" / "spotify_tracks.csv"
    file = read_tracks(path)
    for frame in (polars.read_csv(path), polars.read_csv(path, infer_schema=False)):
        found = read(frame)
        assert found.tracks == file.tracks
        assert len(list(found.gaps.notes())) == len(file.notes)
        assert found.gaps.left_out["tempo"].n_values == 157


@pytest.mark.parametrize(
    ("columns", "track"),
    [
        ({"name": ["Air"], "artist": ["Bach"]}, Track("songs.parquet:row-1", "Air", ("Bach",))),
        (
            {"uri": ["spotify:track:5ByAIlEEnxYdvpnezg7HTX"], "title": [" Juicy "]},
            Track("5ByAIlEEnxYdvpnezg7HTX", "Juicy"),
        ),
        ({"id": [7], "Artist Name(s)": ["A;B"]}, Track("7", artists=("A", "B"))),
        ({"id": ["x"], "artists": [["A; B", " ", None, "C"]]}, Track("x", artists=("A; B", "C"))),
        (
            {"id": ["x"], "artists": [[{"name": "A", "id": "1"}, {"name": "B", "id": "2"}]]},
            Track("x", artists=("A", "B")),
        ),
        ({"id": ["x"], "artists": ["['A', 'B']"]}, Track("x", artists=("A", "B"))),
        ({"id": ["x"], "artists": [None]}, Track("x")),
        ({"id": ["x"], "track_name": ["T"], "explicit": [True]}, Track("x", "T", explicit=True)),
        ({"id": ["x"], "track_name": ["T"], "explicit": ["no"]}, Track("x", "T", explicit=False)),
        ({"id": ["x"], "BPM": [120], "Key": ["C#"]}, Track("x", statistics=AudioStatistics(tempo_bpm=120.0, key=1))),
        ({"id": ["x"], "energy": [math.nan], "title": ["T"]}, Track("x", "T")),
        ({"id": ["x"], "title": ["T"], "genre": [3], "loudness_of_me": [[1]]}, Track("x", "T")),
        ({"id": ["x"], "title": [b"T"], "label": ["house"]}, Track("x", "T")),
    ],
)
def test_common_names_and_types_are_read(columns: dict[str, list[object]], track: Track) -> None:
    """Whatever they are called, and however artists, ids and truths are stored; other columns don't matter."""
    found = read(polars.DataFrame(columns))
    assert found.tracks == (track,)
    assert not found.gaps.left_out


def test_artists_are_parted_by_commas_where_a_file_knows_no_semicolons() -> None:
    """A question of the whole file, so that one slice isn't read otherwise than the next."""
    frame = polars.DataFrame({"title": ["T"], "artist_names": ["A, B"]})
    assert read(frame, any_semicolon=False).tracks[0].artists == ("A", "B")
    assert read(frame, any_semicolon=True).tracks[0].artists == ("A, B",)


def test_a_value_that_cannot_be_is_left_out_and_nothing_else() -> None:
    """It is counted by column, with the place of the first; the rest of the row stays."""
    frame = polars.DataFrame(
        {
            "track_name": ["A", "B" * 20_000, "C"],
            "artists": [["X"], ["Y"], ["Z" * 20_000, "W"]],
            "danceability": ["0.5", "loud", " NA "],
            "tempo": [0.0, 120.0, math.inf],
            "key": [1.5, 3.0, 12.0],
            "explicit": ["perhaps", "yes", ""],
        }
    )
    found = tracks_in_frame(frame, layout_of("songs.parquet", frame.schema), "songs.parquet", 1001)
    first, second, third = found.tracks
    assert first == Track("songs.parquet:row-1001", "A", ("X",), statistics=AudioStatistics(danceability=0.5))
    assert (second.title, second.artists, second.explicit) == ("", ("Y",), True)
    assert second.statistics == AudioStatistics(tempo_bpm=120.0, key=3)
    assert (third.artists, third.statistics) == (("W",), None)
    assert {name: tuple(one) for name, one in found.gaps.left_out.items()} == {
        "track_name": (1, "row 1,002 of songs.parquet"),
        "artists": (1, "row 1,003 of songs.parquet"),
        "danceability": (1, "row 1,002 of songs.parquet"),
        "tempo": (2, "row 1,001 of songs.parquet"),
        "key": (2, "row 1,001 of songs.parquet"),
        "explicit": (1, "row 1,001 of songs.parquet"),
    }


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"track_name": [1]}, "'track_name': it holds Int64, not text"),
        ({"track_name": ["T"], "artists": [1.5]}, "'artists': it holds Float64, not names, or lists of names"),
        ({"track_name": ["T"], "artists": [[1, 2]]}, "not names, or lists of names"),
        ({"track_name": ["T"], "energy": [[0.5]]}, r"'energy': it holds List\(Float64\), not numbers"),
        ({"track_name": ["T"], "explicit": [[True]]}, "not true or false"),
        ({"track_name": ["T"], "track_id": [1.5]}, "not ids"),
        ({"track_nam": ["T"], "genre": ["house"]}, "none of the columns is known.*nearest: 'track_nam'"),
    ],
)
def test_a_column_of_a_wrong_type_is_an_error_with_its_name(columns: dict[str, list[object]], said: str) -> None:
    """Before any work, since it would be wrong in every row."""
    with pytest.raises(DataFileError, match=said):
        read(polars.DataFrame(columns))
