"""Two processes at one library: what either said stays, and what either reads is one state."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.demo import Demo, running_demo
from cratewise.errors import LibraryError
from cratewise.genres.taxonomy import Taxonomy
from cratewise.library.accounts import KnownAccount
from cratewise.settings import Settings

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "Track URI,Track Name,Artist Name(s),Added At"
_A_MOMENT_S = 0.5


class Between(Application):
    """One process, and what another does while this one is between reading and writing."""

    def __init__(self, settings: Settings, does: Callable[[], object]) -> None:
        super().__init__(settings, now=lambda: NOW)
        self._other = Thread(target=does)

    @property
    def taxonomy(self) -> Taxonomy:
        """The genres, which are asked for in between; the other either is done by then, or waits for its turn."""
        if self._other.ident is None:
            self._other.start()
            self._other.join(_A_MOMENT_S)
        return super().taxonomy

    def wait(self) -> None:
        """Waits until the other is done."""
        self._other.join()


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    """Those of both processes."""
    return Settings(data_dir=tmp_path / "data", database_url=url, sources=())


@pytest.fixture
def app(settings: Settings) -> Iterator[Application]:
    """A process with a library of one song."""
    with Application(settings, now=lambda: NOW) as opened:
        workflows.import_file(opened, written(settings, "a"))
        yield opened


@pytest.fixture
def demo(settings: Settings) -> Iterator[Demo]:
    """An account of Spotify's that is read into the same database."""
    with running_demo(
        settings, lambda demo: Application(demo.model_copy(update={"database_url": settings.database_url}))
    ) as running:
        yield running


def written(settings: Settings, *letters: str) -> Path:
    """A file with so many songs."""
    rows = [f"spotify:track:{letter * 22},Song {letter},Ada,2024-01-02T03:04:05Z" for letter in letters]
    file = settings.data_dir.parent / "liked.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


def test_what_is_said_during_an_import_stays(app: Application, settings: Settings, tmp_path: Path) -> None:
    """A pin, a word that is taken back, another name of a genre."""
    (word,) = workflows.correct(app, "jazz", [workflows.find_song(app, "song a")])
    assert word.correction_id is not None
    number = word.correction_id
    file = tmp_path / "library.json"
    workflows.export_library(app, file)

    def speak() -> None:
        workflows.pin(app, workflows.find_song(app, "song a"), "rock", is_in=True)
        workflows.take_back(app, [number])
        workflows.change_genre(app, "jazz", name="Blue Notes")

    with ExitStack() as stack:
        other = stack.enter_context(Between(settings, speak))
        workflows.import_file(other, file)
        other.wait()
    assert [(one.track_id, one.genre) for one in workflows.pins(app)] == [("a" * 22, "rock")]
    assert [one.taken_back_at for one in workflows.corrections(app)] == [NOW]
    assert [(one.genre, one.name) for one in workflows.genre_changes(app)] == [("jazz", "Blue Notes")]


def test_two_changes_of_genres_at_once_both_count(app: Application, settings: Settings) -> None:
    """One renames a genre while another hides one."""
    with ExitStack() as stack:
        other = stack.enter_context(Between(settings, lambda: workflows.change_genre(app, "jazz", name="Blue Notes")))
        workflows.change_genre(other, "rock", hidden=True)
        other.wait()
    assert {one.genre: (one.name, one.is_hidden) for one in workflows.genre_changes(app)} == {
        "jazz": ("Blue Notes", False),
        "rock": ("", True),
    }


def test_two_changes_of_the_rules_at_once_both_count(app: Application, settings: Settings) -> None:
    """One chooses genres while another chooses how few songs are enough for a playlist."""

    def choose() -> None:
        workflows.change_rules(app, lambda kept: replace(kept, genres=("jazz",)))

    with ExitStack() as stack:
        other = stack.enter_context(Between(settings, choose))
        workflows.change_rules(other, lambda kept: replace(kept, least_songs=3))
        other.wait()
    rules = workflows.current_rules(app)
    assert (rules.genres, rules.least_songs) == (("jazz",), 3)


@pytest.mark.parametrize(
    "export",
    [
        lambda app, folder: workflows.export_library(app, folder / "library.json"),
        lambda app, folder: workflows.export_playlists(app, folder / "lists", "csv"),
    ],
    ids=["library", "lists"],
)
def test_an_export_is_of_one_state(
    app: Application, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Callable
) -> None:
    """Songs that another process adds while the library is read out are in the next export."""
    with Application(settings, now=lambda: NOW) as other:
        read = app.library.contents.read

        def read_slowly(*arguments: object) -> object:
            found = read(*arguments)
            monkeypatch.undo()
            workflows.import_file(other, written(settings, "a", "b"))
            return found

        monkeypatch.setattr(app.library.contents, "read", read_slowly)
        export(app, tmp_path)
    assert len(workflows.library_record(app).songs) == 2


def test_two_people_in_one_database_see_their_own(demo: Demo, url: str, tmp_path: Path) -> None:
    """Each data folder shows, corrects and forgets the account that was read from it, whoever read theirs since."""
    workflows.sync_library(demo.app)
    mine = workflows.genre_overview(demo.app)
    other = KnownAccount("other", "Other", 0, demo.app.now() + timedelta(days=1))
    demo.app.library.songs.write(other, [])  # as from another folder
    assert workflows.genre_overview(demo.app).account_name == mine.account_name != "Other"
    with Application(Settings(data_dir=tmp_path / "elsewhere", database_url=url, sources=())) as elsewhere:
        shown = workflows.genre_overview(elsewhere).account_name
        assert shown == ("" if elsewhere.library.accounts.is_shared else "Other")
    workflows.forget(demo.app)
    assert demo.app.library.accounts.find("other") == other
    with pytest.raises(LibraryError, match="empty"):
        workflows.forget(demo.app)


def test_files_of_two_people_in_one_database_stay_apart(url: str, tmp_path: Path) -> None:
    """Whoever imports first; and an account that is read takes over what its own folder's files said."""
    if url.startswith("sqlite"):
        pytest.skip("a SQLite file is one data folder's own")
    for who in ("ada", "ben"):
        (tmp_path / f"{who}.csv").write_text(f"title,artist\nSong of {who},Somebody\n")
        settings = Settings(data_dir=tmp_path / who, database_url=url, sources=())
        with Application(settings) as app:
            result = workflows.import_file(app, tmp_path / f"{who}.csv")
            assert (result.found, result.added) == (1, 1)
            assert workflows.is_from_file(app)
            titles = [one.title for one in workflows.list_songs(app)]
            assert titles == [f"Song of {who}"]
