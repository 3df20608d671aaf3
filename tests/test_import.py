"""Libraries from files: without Spotify, beside Spotify, and carried from one machine to another."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from cratewise import progress, workflows
from cratewise.app import Application
from cratewise.errors import CratewiseError, DataFileError, GenresError, LibraryError
from cratewise.exports.files import read_file
from cratewise.exports.record import LibraryRecord
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings
from cratewise.tracks import AudioStatistics, Track

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
    "Valence,Tempo,Time Signature"
)
SO_WHAT = (
    "spotify:track:4vLYewWIvqHfKtJDk8c8tq,So What,Kind of Blue,Miles Davis,1959-08-17,545000,60,false,,"
    '2024-01-02T03:04:05Z,"cool jazz,jazz",Columbia,0.3,0.2,2,-16.0,1,0.04,0.9,0.4,0.1,0.3,136.0,4'
)
ONE_MORE_TIME = (
    "spotify:track:0DiWol3AO6WpXZgp0goxAV,One More Time,Discovery,Daft Punk,2001-03-07,320357,80,false,,"
    '2024-02-02T03:04:05Z,"french house,filter house",Virgin,0.6,0.7,2,-8.6,1,0.13,0.02,0,0.33,0.47,122.7,4'
)
NO_ID = ",Untitled Demo,,Somebody;Nobody,,,,,,,,,,,,,,,,,,,,"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Application]]:
    """Makes applications, each with an empty library of its own."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(
            Application(Settings(data_dir=tmp_path / name, sources=()), now=lambda: NOW)
        )


@pytest.fixture
def exportify(tmp_path: Path) -> Path:
    """A file as Exportify writes it today."""
    file = tmp_path / "liked.csv"
    file.write_text("\ufeff" + "\n".join([HEADER, SO_WHAT, ONE_MORE_TIME, NO_ID]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def full(make: Callable[[str], Application], exportify: Path) -> Application:
    """A library from a file, sorted, with everything a person can say."""
    app = make("full")
    workflows.import_file(app, exportify)
    workflows.classify_library(app)
    workflows.correct(app, "bebop" if "bebop" in slugs(app) else "jazz", [workflows.find_song(app, "so what")])
    workflows.correct(app, "house", [workflows.find_artist(app, "daft punk")])
    (newest, *_) = workflows.corrections(app)
    workflows.correct(app, "electronic", [workflows.find_album(app, "Discovery")])
    assert newest.correction_id is not None
    workflows.take_back(app, [newest.correction_id])
    workflows.pin(app, workflows.find_song(app, "untitled demo"), "jazz", is_in=True)
    workflows.change_genre(app, "jazz", name="Blue Notes")
    workflows.change_genre(app, "soundtrack-stage" if "soundtrack-stage" in slugs(app) else "folk", hidden=True)
    workflows.save_rules(app, Rules(("jazz", "electronic"), least_songs=1))
    return app


def slugs(app: Application) -> set[str]:
    """Every genre."""
    return set(workflows.genre_names(app))


def same(record: LibraryRecord) -> LibraryRecord:
    """A record without the time it was written."""
    assert record.background is not None
    return replace(record, background=replace(record.background, exported_at=None))


def songs(app: Application) -> dict[str, tuple[str, str]]:
    """Genre of each song and who said it, by title."""
    return {one.title: (one.genre, one.said_by) for one in workflows.list_songs(app)}


def test_a_file_is_a_library_without_spotify(full: Application) -> None:
    """With the day each song was liked; songs without an id have one by their names."""
    rows = {row.title: row for row in workflows.list_songs(full)}
    assert rows["So What"].added_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert rows["So What"].uri == "spotify:track:4vLYewWIvqHfKtJDk8c8tq"
    assert rows["Untitled Demo"].artists == ("Somebody", "Nobody")
    assert rows["Untitled Demo"].track_id.startswith("named-")
    assert rows["One More Time"].said_by == "album"
    assert workflows.known_from(full) == {
        "statistics": {"exportify": 2, "": 1},
        "tags": {"exportify": 2, "": 1},
    }


@pytest.mark.parametrize("form", ["json", "jspf", "parquet"])
def test_export_then_import_is_the_same_library(
    full: Application, make: Callable[[str], Application], form: str, tmp_path: Path
) -> None:
    """Songs, genres, who said them, every word, every answer of a source; also when it is imported twice."""
    file = tmp_path / f"library.{form}"
    workflows.export_library(full, file)
    other = make("other")
    for _ in range(2):
        found = workflows.import_file(other, file)
        workflows.classify_library(other)
        assert same(workflows.library_record(other)) == same(workflows.library_record(full))
        assert songs(other) == songs(full)
        assert workflows.genre_names(other)["jazz"] == "Blue Notes"
    assert (found.added, found.corrections) == (0, 0)


def test_a_csv_export_carries_songs_and_the_words_on_them(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """The same songs with the same genres by the same word; who tells the numbers is the file now."""
    file = tmp_path / "library.csv"
    workflows.export_library(full, file)
    other = make("other")
    for _ in range(2):
        workflows.import_file(other, file)
        workflows.classify_library(other)
        assert songs(other) == songs(full)
        assert len(workflows.corrections(other)) == 2  # the one that was taken back is of no song
    before, after = (workflows.library_record(app).songs for app in (full, other))
    apart = {"statistics_from": (), "tags_from": (), "genre": "", "family": "", "runner_up": ""}  # renamed
    assert [replace(one, **apart) for one in after] == [replace(one, **apart) for one in before]


def test_importing_a_file_twice_is_importing_it_once(full: Application, exportify: Path) -> None:
    """Nothing is new, and nothing that was said is lost."""
    before = same(workflows.library_record(full))
    found = workflows.import_file(full, exportify)
    assert (found.added, found.removed, found.found) == (0, 0, 3)
    assert same(workflows.library_record(full)) == before


def test_songs_that_left_the_file_leave_on_request_only(full: Application, tmp_path: Path) -> None:
    """A word on a song outlives it."""
    file = tmp_path / "less.csv"
    file.write_text("\n".join([HEADER, ONE_MORE_TIME]))
    assert workflows.import_file(full, file).removed == 0
    assert len(songs(full)) == 3
    assert workflows.import_file(full, file, replace_songs=True).removed == 2
    assert list(songs(full)) == ["One More Time"]
    file.write_text("\n".join([HEADER, SO_WHAT]))
    workflows.import_file(full, file)
    assert songs(full)["So What"][1] == "song"


def from_spotify(app: Application, *liked: SavedSong) -> None:
    """Reads an account whose songs say nothing but their names."""
    app.library.songs.write(KnownAccount("spotify-id", "Ada", len(liked), NOW - timedelta(days=1)), liked)


def test_beside_spotify_a_file_adds_no_songs(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """It says what the songs are like and what the person said of them, also of another release."""
    file = tmp_path / "library.json"
    workflows.export_library(full, file)
    app = make("spotify")
    track = Track("1" * 22, "So what", ("Miles Davis",), duration_ms=545_900)
    from_spotify(app, SavedSong(track, f"spotify:track:{'1' * 22}", NOW))
    found = workflows.import_file(app, file)
    assert (found.takes_songs, found.added, found.account_name) == (False, 0, "Ada")
    (row,) = workflows.list_songs(app)
    assert (row.track_id, row.said_by) == ("1" * 22, "song")
    (song,) = app.library.genres.songs("spotify-id", 0.4)
    assert song.song.track.statistics == AudioStatistics(0.3, 0.2, 2, -16.0, 1, 0.04, 0.9, 0.4, 0.1, 0.3, 136.0, 4)
    assert app.library.accounts.latest() == KnownAccount("spotify-id", "Ada", 1, NOW - timedelta(days=1))
    with pytest.raises(LibraryError, match="Spotify says"):
        workflows.import_file(app, file, replace_songs=True)


BAD = {
    "a quote never closed": f'{HEADER}\n{SO_WHAT}\nspotify:track:x,"Open,y',
    "a row cut off": f"{HEADER}\n{SO_WHAT}\nspotify:track:x,Title",
    "a number that is none": f"{HEADER}\n{SO_WHAT}\n{ONE_MORE_TIME.replace('122.7', 'fast')}",
    "only the header": f"{HEADER}\n",
    "no known column": ",".join(f"column {number}" for number in range(500)) + "\n" + "," * 499 + "\n",
    "binary rubbish": "\0\1\2",
    "nothing": "",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_file_changes_nothing(full: Application, text: str, tmp_path: Path) -> None:
    """One clear error that names the file, and no half import."""
    before = same(workflows.library_record(full))
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(DataFileError, match=r"bad\.csv"):
        workflows.import_file(full, file)
    assert same(workflows.library_record(full)) == before


def test_500_columns_are_read_where_titles_are_among_them(make: Callable[[str], Application], tmp_path: Path) -> None:
    """Whatever the others are."""
    file = tmp_path / "wide.csv"
    file.write_text(",".join([*(f"column {number}" for number in range(499)), "title"]) + "\n" + "," * 499 + "Jolene\n")
    app = make("wide")
    assert workflows.import_file(app, file).added == 1
    assert list(songs(app)) == ["Jolene"]


def test_an_unknown_genre_is_refused_and_nothing_is_imported(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """As a newer version might name one."""
    file = tmp_path / "library.json"
    workflows.export_library(full, file)
    file.write_text(file.read_text().replace('"genre": "house", "family"', '"genre": "vapornoise", "family"'))
    app = make("other")
    with pytest.raises(GenresError, match=r"library\.json, your word on “Daft Punk”: .*vapornoise"):
        workflows.import_file(app, file)
    assert workflows.list_songs(app) == ()


def test_the_lists_of_each_genre(full: Application, tmp_path: Path) -> None:
    """As the rules ask for them, with pins, in every format; nothing is replaced unasked."""
    files = workflows.export_playlists(full, tmp_path / "lists", "m3u8")
    assert {one.path.name: one.songs for one in files} == {
        "Blue Notes · liked.m3u8": 2,
        "Electronic · liked.m3u8": 1,
    }
    assert "Untitled Demo" in (tmp_path / "lists" / "Blue Notes · liked.m3u8").read_text(encoding="utf-8")
    with pytest.raises(CratewiseError, match="is there already"):
        workflows.export_playlists(full, tmp_path / "lists", "m3u8")
    for form in ("csv", "json", "parquet", "jspf"):
        assert len(workflows.export_playlists(full, tmp_path / form, form)) == 2


def test_an_empty_library_cannot_be_exported(make: Callable[[str], Application], tmp_path: Path) -> None:
    """It says how to fill it."""
    with pytest.raises(LibraryError, match="empty") as raised:
        workflows.export_library(make("empty"), tmp_path / "library.json")
    assert "cratewise import" in raised.value.hint
    assert not (tmp_path / "library.json").exists()


def test_the_rows_numbers_of_two_files_are_not_one_song(make: Callable[[str], Application], tmp_path: Path) -> None:
    """An id that is not Spotify's is a file's own: the next file's songs neither replace the first's nor its words."""
    app = make("numbers")
    for name, text in (
        ("a.csv", "id,title,artist\n1,Song A,Alice\n2,Song B,Bob\n"),
        ("b.csv", "id,title,artist\n1,Other C,Carol\n2,Other D,Dave\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        workflows.import_file(app, path)
        workflows.classify_library(app)
        if name == "a.csv":
            workflows.correct(app, "jazz", [workflows.find_song(app, "song a")])
    assert {title: by for title, (_, by) in songs(app).items()} == {
        "Song A": "song", "Song B": "model", "Other C": "model", "Other D": "model",
    }  # fmt: skip


def test_statistics_alone_take_no_names_away(full: Application, tmp_path: Path) -> None:
    """Nor the day the song was liked; they count for it."""
    path = tmp_path / "statistics.csv"
    path.write_text("track_id,energy\n4vLYewWIvqHfKtJDk8c8tq,0.25\n")
    before = {row.title: row for row in workflows.list_songs(full)}
    workflows.import_file(full, path)
    workflows.classify_library(full)
    after = {row.title: row for row in workflows.list_songs(full)}
    assert after.keys() == before.keys()
    assert after["So What"].added_at == before["So What"].added_at
    assert after["So What"].artists == before["So What"].artists


def test_a_table_of_merged_genres_is_nothing_new(full: Application, tmp_path: Path) -> None:
    """It names a song by each of its releases, and by the genre its own counts as; the word is the same."""
    again = tmp_path / "again.csv"
    again.write_text("\n".join([HEADER, SO_WHAT.replace("4vLYewWIvqHfKtJDk8c8tq", "2" * 22)]))
    workflows.import_file(full, again)
    workflows.classify_library(full)
    workflows.change_genre(full, "house", merged_into="pop")
    workflows.correct(full, "deep-house", [workflows.find_song(full, "untitled")])
    workflows.change_genre(full, "deep-house", hidden=True)
    before = workflows.corrections(full)
    file = tmp_path / "library.csv"
    workflows.export_library(full, file)
    assert workflows.import_file(full, file).corrections == 0
    assert workflows.corrections(full) == before


def test_a_table_says_a_song_once_for_all_its_releases(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """Also where the library is new: taking the word back takes it from all of them."""
    again = tmp_path / "again.csv"
    again.write_text("\n".join([HEADER, SO_WHAT.replace("4vLYewWIvqHfKtJDk8c8tq", "2" * 22)]))
    workflows.import_file(full, again)
    workflows.classify_library(full)
    file = tmp_path / "library.csv"
    workflows.export_library(full, file)
    other = make("other")
    workflows.import_file(other, file)
    assert [one.kind for one in workflows.corrections(other)].count("song") == 1


def test_a_file_without_songs_empties_no_library(full: Application, tmp_path: Path) -> None:
    """Taken as the whole truth it would."""
    file = tmp_path / "library.json"
    file.write_text('{"cratewise": 1, "songs": []}')
    with pytest.raises(LibraryError, match="no songs in it"):
        workflows.import_file(full, file, replace_songs=True)
    assert len(songs(full)) == 3


def test_songs_that_share_an_address_or_have_none_are_apart(make: Callable[[str], Application], tmp_path: Path) -> None:
    """In the lists of playlists too, which go by addresses."""
    app = make("shared")
    file = tmp_path / "library.json"
    rows = [{"track_id": one, "title": one, "genre_slug": "jazz", "genre_from": "song"} for one in "abcdef"]
    rows[3]["uri"] = rows[4]["uri"] = "spotify:track:same"
    file.write_text(json.dumps({"cratewise": 1, "songs": rows}))
    workflows.import_file(app, file)
    workflows.classify_library(app)
    workflows.save_rules(app, Rules(("jazz",), least_songs=1))
    (jazz,) = workflows.export_playlists(app, tmp_path / "lists", "json")
    assert {song.title for song in read_file(jazz.path).songs} == set("abcdef")


def test_a_name_that_another_genre_has_stays_away(
    full: Application, make: Callable[[str], Application], tmp_path: Path
) -> None:
    """It is said, and the rest of the file is taken."""
    file = tmp_path / "library.json"
    workflows.export_library(full, file)
    other = make("other")
    workflows.import_file(other, file)
    workflows.change_genre(other, "jazz", name="")
    workflows.change_genre(other, "rock", name="blue notes")
    found = workflows.import_file(other, file)
    assert "“Blue Notes” is the name of another genre." in found.notes
    assert workflows.genre_names(other)["jazz"] == "Jazz"


def test_an_older_export_does_not_pin_again(full: Application, tmp_path: Path) -> None:
    """A song that is pinned no more stays so; what is pinned since, too."""
    so_what, one_more_time = (workflows.find_song(full, words) for words in ("so what", "one more time"))
    workflows.pin(full, so_what, "blues", is_in=True)
    older, newer = tmp_path / "older.json", tmp_path / "newer.json"
    workflows.export_library(full, older)
    full.now = lambda: NOW + timedelta(days=1)  # type: ignore[method-assign]
    workflows.pin(full, so_what, "blues", is_in=None)
    workflows.pin(full, one_more_time, "pop", is_in=False)
    before = workflows.pins(full)
    workflows.export_library(full, newer)
    workflows.import_file(full, older)
    assert workflows.pins(full) == before
    assert so_what.key not in {one.track_id for one in before if one.genre == "blues"}
    assert read_file(newer).background is not None
    workflows.import_file(full, newer)
    assert workflows.pins(full) == before


@pytest.mark.parametrize("address", ["spotify:episode:", "https://open.spotify.com/episode/"])
def test_episodes_are_no_songs(make: Callable[[str], Application], tmp_path: Path, address: str) -> None:
    """Podcasts in a file are left out and counted; where there is nothing else in it, nothing is imported."""
    episode = SO_WHAT.replace("spotify:track:", address).replace("So What", "Ep. 1")
    file = tmp_path / "mixed.csv"
    file.write_text("\n".join([HEADER, ONE_MORE_TIME, episode]) + "\n", encoding="utf-8")
    app = make("mixed")
    found = workflows.import_file(app, file)
    assert (found.added, found.notes[-1]) == (1, "1 line is an episode of a podcast and was left out.")
    file.write_text("\n".join([HEADER, episode, episode]) + "\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"mixed\.csv: there are no songs in it, only episodes of podcasts"):
        workflows.import_file(app, file)


def test_lines_without_names_are_no_songs(make: Callable[[str], Application], tmp_path: Path) -> None:
    """As spreadsheets write them below a table; a file of nothing else is refused."""
    file = tmp_path / "table.csv"
    file.write_text("title,artist,energy\nOne More Time,Daft Punk,0.7\n,,\n,,0.5\n", encoding="utf-8")
    app = make("table")
    found = workflows.import_file(app, file)
    assert (found.added, found.notes[-1]) == (1, "2 lines name no song and were left out.")
    file.write_text("nombre,artista,energy\nOne More Time,Daft Punk,0.7\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"table\.csv: there are no songs in it, only lines without a title"):
        workflows.import_file(app, file)


def test_the_later_word_on_genres_and_rules_counts(full: Application, make: Callable[[str], Application]) -> None:
    """Whichever file is imported first: a merging that was taken back stays so, and a newer name and rule are taken."""
    older, newer = (full.settings.data_dir / f"{name}.json" for name in ("older", "newer"))
    workflows.change_genre(full, "soul-and-funk", merged_into="pop")
    workflows.change_genre(full, "jazz", name="Sunday")
    workflows.change_rules(full, lambda rules: replace(rules, least_songs=3))
    workflows.export_library(full, older)
    full.now = lambda: NOW + timedelta(days=1)  # type: ignore[method-assign]
    workflows.change_genre(full, "soul-and-funk", merged_into="")
    workflows.change_genre(full, "jazz", name="Monday")
    workflows.change_rules(full, lambda rules: replace(rules, least_songs=11))
    workflows.export_library(full, newer)
    forwards, backwards = make("forwards"), make("backwards")
    for app, files in ((full, (older,)), (forwards, (older, newer)), (backwards, (newer, older))):
        for file in files:
            workflows.import_file(app, file)
        changes = {one.genre: one for one in workflows.genre_changes(app)}
        assert changes["jazz"].name == "Monday"
        assert "soul-and-funk" not in changes
        assert workflows.current_rules(app).least_songs == 11


@pytest.mark.parametrize(("times", "said"), [(2, "1 line repeats"), (4, "3 lines repeat")])
def test_lines_of_the_same_song_are_counted_as_lines(
    make: Callable[[str], Application], tmp_path: Path, times: int, said: str
) -> None:
    """One song three times more is one song, and three lines too many."""
    file = tmp_path / "twice.csv"
    file.write_text("\n".join([HEADER, *[SO_WHAT] * times]) + "\n", encoding="utf-8")
    assert f"{said} a song that stands above." in workflows.import_file(make("twice"), file).notes


def test_what_is_too_long_for_an_id_is_none(make: Callable[[str], Application], tmp_path: Path) -> None:
    """The address of a local file holds its names: of two long ones the songs are still two. Nor is it a code."""
    file = tmp_path / "local.csv"
    rows = [f"spotify:local:{'%E6%BC%A2' * 90}:{number},Song {number},Ada,{'9' * 600}" for number in range(2)]
    file.write_text("\n".join(["Track URI,Track Name,Artist Name(s),ISRC", *rows]) + "\n", encoding="utf-8")
    app = make("local")
    workflows.import_file(app, file)
    record = workflows.library_record(app)
    assert {(song.title, song.isrc, song.track_id[:6]) for song in record.songs} == {
        ("Song 0", "", "named-"),
        ("Song 1", "", "named-"),
    }


class StopError(Exception):
    """What a person's stop is, to an import."""


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    """Lets an import tell how far it is every few songs, as it does with large files every few hundred."""
    monkeypatch.setattr(progress, "STEPS", 5)
    return 5


def many(tmp_path: Path, n_songs: int) -> Path:
    """A file of that many songs."""
    file = tmp_path / "many.csv"
    rows = [SO_WHAT.replace("So What", f"Song {number}").replace("4vLY", f"{number:04}") for number in range(n_songs)]
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("form", ["csv", "own csv", "json", "jspf", "parquet"])
def test_an_import_can_be_stopped_anywhere_and_then_has_done_nothing(
    make: Callable[[str], Application], tmp_path: Path, in_small_steps: int, form: str
) -> None:
    """Whatever is gone through tells how far it is every few songs; what is written is written as a whole."""
    file, ending = many(tmp_path, 23), form.removeprefix("own ")
    if form != "csv":
        other = make("other")
        workflows.import_file(other, file)
        file = workflows.export_library(other, tmp_path / f"library.{ending}").path
    seen: list[tuple[str, int]] = []
    workflows.import_file(make("whole"), file, lambda stage, done, _total: seen.append((stage, done)))
    for (stage, before), (next_stage, done) in pairwise(seen):
        assert stage != next_stage or done - before <= in_small_steps
    assert {"Keeping the songs", "Putting together what is known of them", "Listing the songs"} <= {
        one for one, _ in seen
    }
    assert sum(done > 0 for _, done in seen) > 30
    app, left = make("stopped"), 0

    def stopping(_stage: str, _done: int, _total: int | None) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StopError

    for number in range(len(seen)):
        left = number
        with pytest.raises(StopError):
            workflows.import_file(app, file, stopping)
        assert app.library.accounts.latest() is None
    assert workflows.import_file(app, file).added == 23


def test_a_file_taken_in_again_can_be_stopped_too(full: Application, tmp_path: Path, in_small_steps: int) -> None:
    """What the library holds is read and compared in steps, and stays as it was."""
    file, before = many(tmp_path, 11), workflows.list_songs(full)
    workflows.import_file(full, file)
    stages: list[str] = []

    def stopping(stage: str, _done: int, _total: int | None) -> None:
        stages.append(stage)
        if stage == "Listing the songs":
            raise StopError

    with pytest.raises(StopError):
        workflows.import_file(full, file, stopping, replace_songs=True)
    assert "Reading your library" in stages
    assert "Taking down what is not liked any more" in stages
    assert {one.title for one in before} <= {one.title for one in workflows.list_songs(full)}
