"""Values that no library has: refused with their place, whichever format they stand in."""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cratewise.csvrows import parse_csv
from cratewise.errors import DataFileError
from cratewise.exports.files import read_file, read_table, write_file
from cratewise.exports.record import LibraryRecord, SongRecord

SONG: Mapping[str, Any] = {"track_id": "a", "liked_at": "2024-01-02T03:04:05Z"}
STATISTICS = {"track_id": "a", "source": "csv", "found_at": "2024-01-02T03:04:05Z"}
TAGS = {"subject": "track:a", "source": "csv", "found_at": "2024-01-02T03:04:05Z"}
OF_SONGS = {
    "liked_at: 2024-01-02 03:04:05 without its time zone": {"liked_at": "2024-01-02T03:04:05"},
    "liked_at: 9999-12-31": {"liked_at": "9999-12-31T23:59:59-14:00"},
    "said_at: 1066-10-14": {"said_at": "1066-10-14T09:00:00Z"},
    "track_id: nothing": {"track_id": " "},
    "track_id: aaaaa": {"track_id": "a" * 501},
    "uri: spotify:local:": {"uri": "spotify:local:" + "a" * 500},
    "isrc: 漢漢": {"isrc": "漢" * 200},
    "artist_ids → 2 → id: aaaaa": {"artist_ids": ["a", "a" * 501]},
    "duration_ms: -5": {"duration_ms": -5},
    "duration_ms: 1000000000": {"duration_ms": 10**30},
    "release_year: -1000": {"release_year": -(10**18)},
    "popularity: 101": {"popularity": 101},
    "confidence: nan": {"confidence": float("nan")},
    "genre_from: banana": {"genre_from": "banana"},
    "key: 1000000": {"statistics": {"key": 10**30}},
    "tempo_bpm: -5": {"statistics": {"tempo_bpm": -5}},
    "danceability: inf": {"statistics": {"danceability": float("inf")}},
}
OF_LIBRARIES = {
    "library → unliked → 1 → track_id: nothing": {"unliked": [{"track_id": ""}]},
    "library → unliked → 1 → song_id: aaaaa": {"unliked": [{"track_id": "a", "song_id": "a" * 501}]},
    "library → statistics → 1 → source: aaaaa": {"statistics": [STATISTICS | {"source": "a" * 501}]},
    "library → tags → 1 → subject: aaaaa": {"tags": [TAGS | {"subject": "a" * 501, "tags": {}}]},
    "library → statistics → 2 → key: 99": {"statistics": [STATISTICS, STATISTICS | {"statistics": {"key": 99}}]},
    "library → tags → 1 → rock: nan": {"tags": [TAGS | {"tags": {"rock": float("nan")}}]},
    "library → pins → 1 → said_at": {
        "pins": [{"track_id": "a", "genre": "jazz", "is_in": True, "said_at": "2024-01-02T03:04:05"}]
    },
    "library → corrections → 1 → said_at": {
        "corrections": [
            {
                "kind": "song",
                "key": "a",
                "name": "A",
                "genre": "jazz",
                "family": "jazz",
                "said_by": "Ada",
                "said_at": "2024-01-02T03:04:05",
            }
        ]
    },
}


def refused(file: Path, songs: list[Mapping[str, Any]], library: Mapping[str, Any] | None = None) -> str:
    """What the error says of a library with these songs."""
    file.write_text(json.dumps({"cratewise": 1, "songs": songs, "library": library}))
    with pytest.raises(DataFileError) as raised:
        read_file(file)
    return str(raised.value)


@pytest.mark.parametrize(("said", "values"), OF_SONGS.items(), ids=OF_SONGS)
def test_a_song_that_cannot_be_is_named(said: str, values: Mapping[str, Any], tmp_path: Path) -> None:
    """By its number in the file."""
    assert f"library.json, songs → 2 → {said}" in refused(tmp_path / "library.json", [SONG, {**SONG, **values}])


@pytest.mark.parametrize(("said", "library"), OF_LIBRARIES.items(), ids=OF_LIBRARIES)
def test_a_word_that_cannot_be_is_named(said: str, library: Mapping[str, Any], tmp_path: Path) -> None:
    """What sources and the person said."""
    assert f"library.json, {said}" in refused(tmp_path / "library.json", [SONG], library)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("duration_ms", "inf", "line 3, column 'duration_ms': 'inf' is not a whole number"),
        ("duration_ms", "-1", "line 3 → duration_ms: -1"),
        ("key", "nan", "line 3, column 'key': 'nan' is not a whole number"),
        ("liked_at", "9999-12-31T23:59:59-14:00", "line 3 → liked_at: 9999-12-31"),
        ("genre_from", "banana", "line 3 → genre_from: banana"),
    ],
)
def test_in_a_table_the_line_is_named(column: str, value: str, said: str) -> None:
    """As a spreadsheet shows it."""
    rows = f"track_id,genre_slug,genre_from,song_id,{column if column != 'genre_from' else 'x'}\na,,,a,\n"
    row = f"b,,{value},b,\n" if column == "genre_from" else f"b,,,b,{value}\n"
    with pytest.raises(DataFileError) as raised:
        read_table(parse_csv((rows + row).encode(), "library.csv"))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"cratewise": 1, "songs": {}}', "library.json, songs: it is not a list"),
        ('{"cratewise": 1, "songs": [7]}', "library.json, songs → 1: it is not an object"),
        ('{"cratewise": 1, "songs": [{}]}', "library.json, songs → 1 → track_id: it is missing"),
        ("[" * 100_000, "library.json is nested too deeply"),
    ],
)
def test_another_shape_is_said_in_plain_words(content: str, said: str, tmp_path: Path) -> None:
    """With its place."""
    file = tmp_path / "library.json"
    file.write_text(content)
    with pytest.raises(DataFileError) as raised:
        read_file(file)
    assert said in str(raised.value)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """A Parquet file out of one, too."""
    file, pipe = tmp_path / "library.parquet", tmp_path / "pipe.parquet"
    write_file(LibraryRecord((SongRecord("a", title="A"),)), file)
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(file.read_bytes()), daemon=True)
    writer.start()
    assert [song.title for song in read_file(pipe).songs] == ["A"]
    writer.join(5)
