"""What is written is read back as it was, and anything else is one clear error."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratewise.csvrows import parse_csv
from cratewise.errors import CratewiseError, DataFileError
from cratewise.exports.files import FORMATS, read_file, read_table, write_file
from cratewise.exports.record import Background, LibraryRecord, SongRecord, contents_of
from cratewise.exports.table import COLUMNS, to_csv
from cratewise.library.contents import StatisticsAnswer, TagsAnswer
from cratewise.library.corrections import Correction, GenreChange, Pin
from cratewise.playlists.rules import Rules
from cratewise.tracks import AudioStatistics

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from(
        ["=1+1", "'", "'=x", "-5", "a;b", "\\", "\\;", "\\-", ";", "a\r\nb", '"', ",", " x ", "\ufeff", "none"]
    ),
)
words = st.lists(texts, max_size=3).map(tuple)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
share = st.one_of(st.none(), st.floats(0, 1))
statistics = st.builds(
    AudioStatistics,
    energy=st.floats(0, 1),
    loudness_db=st.one_of(st.none(), st.floats(-60, 5)),
    key=st.one_of(st.none(), st.integers(0, 11)),
    tempo_bpm=st.one_of(st.none(), st.floats(1, 300)),
)
songs = st.builds(
    SongRecord,
    track_id=texts.filter(lambda text: text.strip() == text and text != ""),
    title=texts,
    artists=words,
    album=texts,
    genre=texts,
    family=texts,
    confidence=st.floats(0, 1),
    genre_from=st.sampled_from(["", "model", "song", "album", "artist"]),
    said_at=st.one_of(st.none(), moments),
    runner_up=texts,
    reason=texts,
    genre_slug=texts,
    family_slug=texts,
    liked_at=st.one_of(st.none(), moments),
    is_available=st.booleans(),
    release_year=st.one_of(st.none(), st.integers(1860, 2100)),
    duration_ms=st.one_of(st.none(), st.integers(1, 10**7)),
    explicit=st.one_of(st.none(), st.booleans()),
    isrc=texts,
    uri=texts,
    artist_ids=words,
    cover_url=texts,
    song_id=texts,
    popularity=st.one_of(st.none(), st.integers(0, 100)),
    statistics=st.one_of(st.none(), statistics),
    statistics_from=words,
    artist_tags=words,
    tags_from=words,
)
lists = st.lists(songs, max_size=4).map(tuple)
backgrounds = st.builds(
    Background,
    account=texts,
    exported_at=st.one_of(st.none(), moments),
    model_version=texts,
    unliked=lists,
    statistics=st.lists(
        st.builds(StatisticsAnswer, texts, texts, moments, st.one_of(st.none(), statistics), st.none()), max_size=2
    ).map(tuple),
    tags=st.lists(
        st.builds(TagsAnswer, texts, texts, moments, st.dictionaries(texts, st.floats(0, 9), max_size=2)), max_size=2
    ).map(tuple),
    corrections=st.lists(
        st.builds(Correction, st.sampled_from(["song", "album", "artist"]), texts, texts, texts, texts, texts, moments),
        max_size=2,
    ).map(tuple),
    genre_changes=st.lists(st.builds(GenreChange, texts, texts, texts, st.booleans()), max_size=2).map(tuple),
    pins=st.lists(st.builds(Pin, texts, texts, st.booleans(), moments), max_size=2).map(tuple),
    rules=st.one_of(st.none(), st.builds(Rules, st.lists(texts, unique=True, max_size=3).map(tuple))),
)
records = st.builds(LibraryRecord, lists, st.one_of(st.none(), backgrounds), texts)
no_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("form", ["json", "parquet", "jspf"])
@given(record=records)
@no_fixture
def test_a_whole_library_is_read_back_as_it_was(form: str, record: LibraryRecord, tmp_path: Path) -> None:
    """Every song, every answer of a source, every word of the person."""
    file = tmp_path / f"library.{form}"
    write_file(record, file, replace=True)
    assert read_file(file) == record


@given(lists)
def test_songs_in_a_csv_file_are_read_back_as_they_were(written: tuple[SongRecord, ...]) -> None:
    """Text that looks like a formula, names with semicolons and line breaks, and all that is unknown."""
    read = read_table(parse_csv(to_csv(written), "library.csv"))
    assert read is not None
    assert read.songs == written


@given(lists)
def test_no_field_is_a_formula(written: tuple[SongRecord, ...]) -> None:
    """What a spreadsheet would run stands behind an apostrophe; numbers below 0 stay numbers."""
    for row in parse_csv(to_csv(written), "library.csv").rows:
        for name, value in zip(COLUMNS, row.values, strict=True):
            assert name == "loudness_db" or not value.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("form", FORMATS)
@given(content=st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode), st.just(b"PAR1" * 3)))
@no_fixture
def test_any_other_file_is_one_clear_error(form: str, content: bytes, tmp_path: Path) -> None:
    """Binary rubbish, empty files, other JSON: an error that names the file."""
    if form == "csv":
        return  # read as a table first
    file = tmp_path / f"library.{form}"
    file.write_bytes(content)
    with pytest.raises(DataFileError, match=r"library\."):
        read_file(file)


def jsons(depth: int = 2) -> st.SearchStrategy[object]:
    """Values that JSON has, half of them with the names of this format."""
    plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
    if not depth:
        return plain
    keys = st.sampled_from(
        ["cratewise", "songs", "library", "track_id", "rules", "corrections", "tags", "playlist", "x"]
    )
    inner = jsons(depth - 1)
    return st.one_of(plain, st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4))


@pytest.mark.parametrize("form", ["json", "jspf"])
@given(found=jsons(3))
@no_fixture
def test_other_json_is_a_clear_error_or_a_library(form: str, found: object, tmp_path: Path) -> None:
    """Whatever it holds: never anything but this program's own errors."""
    file = tmp_path / f"library.{form}"
    document = {"cratewise": 1, "songs": found, "library": found} if form == "json" else {"playlist": found}
    file.write_text(json.dumps(document))
    with suppress(CratewiseError):
        assert contents_of(read_file(file), AT)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    """With what to do."""
    file = tmp_path / "library.json"
    file.write_text('{"cratewise": 2, "songs": []}')
    with pytest.raises(DataFileError, match="format 2, newer than 1") as raised:
        read_file(file)
    assert "Update" in raised.value.hint


def test_a_wrong_value_is_named_with_its_place(tmp_path: Path) -> None:
    """The third song's title."""
    file = tmp_path / "library.json"
    song = {"track_id": "a"}
    file.write_text(json.dumps({"cratewise": 1, "songs": [song, song, song | {"title": 7}]}))
    with pytest.raises(DataFileError, match=r"library\.json, songs → 3 → title: .*string"):
        read_file(file)
    file.write_text('{"cratewise": 1, "songs": [{"track_id": ')
    with pytest.raises(DataFileError, match=r"library\.json, line 1, column \d+: it is not JSON"):
        read_file(file)


def test_a_list_for_players_says_what_to_import_instead(tmp_path: Path) -> None:
    """M3U8 holds addresses alone."""
    file = tmp_path / "library.m3u8"
    write_file(LibraryRecord((SongRecord("a"),)), file)
    with pytest.raises(DataFileError) as raised:
        read_file(file)
    assert "JSON" in raised.value.hint


def written_parquet(file: Path, n_rows: int, about: object) -> Path:
    """A Parquet file with rows of the same song, and something about them."""
    import polars

    names = ("track_id", "genre_slug", "genre_from", "song_id")
    frame = polars.select(polars.repeat("a", n_rows).alias(name) for name in names)
    frame.write_parquet(file, metadata={"cratewise": json.dumps(about)})
    return file


def test_a_parquet_file_of_millions_of_rows_is_refused_unread(tmp_path: Path) -> None:
    """Packed, they take a few kilobytes; as songs they would take all of the memory."""
    file = written_parquet(tmp_path / "bomb.parquet", 1_000_001, {"version": 1})
    with pytest.raises(DataFileError, match=r"1,000,001 rows, more than 1,000,000"):
        read_file(file)


@pytest.mark.parametrize("about", [[], "cratewise", 1, None])
def test_a_parquet_file_that_says_something_else_of_itself_is_refused(about: object, tmp_path: Path) -> None:
    """Its metadata may be JSON, and no library's all the same."""
    with pytest.raises(DataFileError, match="no library that cratewise exported"):
        read_file(written_parquet(tmp_path / "other.parquet", 1, about))


def test_a_message_is_short_whatever_a_file_calls_things(tmp_path: Path) -> None:
    """The place of a wrong value is made of names that stand in the file."""
    said = {"subject": "a", "source": "b", "found_at": "2020-01-01T00:00:00Z", "tags": {"y" * 20_000: "z"}}
    file = tmp_path / "library.json"
    file.write_text(json.dumps({"cratewise": 1, "songs": [], "library": {"tags": [said]}}), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        read_file(file)
    assert len(str(caught.value)) < 300
