"""A playlist of songs that a person chose: made once, left alone by the rules, taken back like any other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from cratewise import workflows
from cratewise.app import Application
from cratewise.demo import Demo, running_demo
from cratewise.errors import PlaylistsError
from cratewise.playlists.chosen import genre_of, is_chosen, plan_chosen
from cratewise.playlists.plan import LikedSong
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings

from ..test_workflows import NameClassifier, like_only

COLOURS = {"pop": "#111111", "jazz": "#222222"}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def song(number: int, family: str = "jazz", **changes: object) -> LikedSong:
    """A liked song of some family."""
    made = LikedSong(f"uri:{number}", str(number), f"Song {number}", ("Ada",), NOON + timedelta(days=number))
    return replace(made, genre=family, family=family, **changes)  # type: ignore[arg-type]


def test_each_song_once_newest_first() -> None:
    """Those that were asked for and still play; another release of one is the same song."""
    songs = [song(1, isrc="A"), song(2), song(3, "pop", is_available=False), song(4), song(5, isrc="A")]
    plan = plan_chosen(songs, {"1", "2", "3", "5", "gone"}, " Mine ", Rules(()), COLOURS)
    (change,) = plan.changes
    assert [one.uri for one in change.adds] == ["uri:5", "uri:2"]
    assert (change.kind, change.name, change.removes) == ("create", "Mine", ())
    assert is_chosen(change.genre)
    assert genre_of(change.genre) == "jazz"
    assert change.cover is not None
    assert (change.cover.title, change.cover.colour) == ("Mine", "#222222")


def test_the_same_choice_is_the_same_playlist() -> None:
    """Another name or other songs make another."""
    marks = [
        plan_chosen([song(1), song(2)], ids, name, Rules((), covers=False), COLOURS).changes[0].genre
        for ids, name in (({"1", "2"}, "A"), ({"2", "1"}, "A"), ({"1"}, "A"), ({"1", "2"}, "B"))
    ]
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [(" ", "needs a name"), ("two\nlines", "cannot be"), ("x" * 101, "cannot be"), ("A", "plays none")],
)
def test_what_cannot_be_made_is_said(name: str, said: str) -> None:
    """A name that is none, and songs that don't play."""
    with pytest.raises(PlaylistsError, match=said):
        plan_chosen([song(1, is_available=False)], {"1"}, name, Rules(()), COLOURS)


def test_no_more_than_a_playlist_takes() -> None:
    """Spotify's limit, said before a call is made."""
    songs = [song(number, isrc=f"ISRC{number}") for number in range(10_001)]
    with pytest.raises(PlaylistsError, match="10,000"):
        plan_chosen(songs, {one.track_id for one in songs}, "All", Rules(()), COLOURS)


@pytest.fixture
def demo(tmp_path: Path, url: str) -> Iterator[Demo]:
    """A library that is read and sorted, and its account, on each database."""

    def wired(settings: Settings) -> Application:
        here = settings.model_copy(update={"database_url": SecretStr(url)})
        return Application(here, load_classifier=NameClassifier, pause=lambda _: None)

    with running_demo(Settings(data_dir=tmp_path), wired) as running:
        workflows.sync_library(running.app)
        workflows.classify_library(running.app)
        yield running


@pytest.fixture
def chosen(demo: Demo) -> tuple[str, ...]:
    """Seven songs."""
    return tuple(row.track_id for row in workflows.list_songs(demo.app)[10:17])


def in_account(demo: Demo) -> dict[str, int]:
    """The playlists in the account by name, and how much they hold."""
    playlists = demo.sandbox.store.account.playlists.values()
    return {one.name: len(one.entries) for one in playlists if one.is_followed}


def make(demo: Demo, chosen: tuple[str, ...]) -> workflows.ApplyResult:
    """Makes the playlist."""
    return workflows.apply_plan(demo.app, workflows.plan_of_songs(demo.app, chosen, "Seven"), keep_rules=False)


def test_it_is_made_once_and_taken_back(demo: Demo, chosen: tuple[str, ...]) -> None:
    """It stands in the list of playlists, in the history, and is gone after undo."""
    before = in_account(demo)
    result = make(demo, chosen)
    assert (result.created, result.added) == (1, 7)
    assert in_account(demo) == before | {"Seven": 7}
    (playlist,) = workflows.managed_playlists(demo.app)
    assert (playlist.name, playlist.genre_name, playlist.songs) == ("Seven", "your choice", 7)
    with pytest.raises(PlaylistsError, match="already"):
        workflows.plan_of_songs(demo.app, chosen, "Seven")
    workflows.undo_run(demo.app)
    assert in_account(demo) == before
    assert make(demo, chosen).created == 1


def test_the_rules_leave_it_alone(demo: Demo, chosen: tuple[str, ...]) -> None:
    """It counts for none of their playlists, and what is un-liked stays in it."""
    alone = workflows.make_plan(demo.app, workflows.default_rules(demo.app))
    make(demo, chosen)
    assert workflows.make_plan(demo.app, workflows.default_rules(demo.app)) == alone
    workflows.apply_plan(demo.app, alone)
    account = demo.sandbox.store.account
    like_only(demo, [one for one in account.saved if one.uri.split(":")[-1] not in chosen])
    workflows.sync_library(demo.app)
    workflows.apply_plan(demo.app, workflows.make_plan(demo.app, workflows.default_rules(demo.app)))
    assert in_account(demo)["Seven"] == 7


def test_taking_it_back_does_not_stop_the_rules(demo: Demo, chosen: tuple[str, ...]) -> None:
    """Keeping playlists current waits after an undo of what the rules wrote, not of this."""
    workflows.apply_plan(demo.app, workflows.make_plan(demo.app, workflows.default_rules(demo.app)))
    make(demo, chosen)
    workflows.undo_run(demo.app)
    assert workflows.keep_current(demo.app).applied is None
