"""The person's own playlists: read once, then only what changed, and gone on with where it stopped."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.demo import Demo, running_demo
from cratewise.settings import Settings
from cratewise.spotify.sandbox.state import with_playlist
from cratewise.spotify.sandbox.values import Entry
from cratewise.workflows.sync import current_account

AT = datetime(2026, 1, 1, tzinfo=UTC)
N_ENTRIES = 120  # three pages


class NoClassifier:
    """Has nothing to say."""

    version = "none"

    def classify(self, tracks, *, least_confidence):
        """One answer for everything."""
        return [Classification(one.track_id, "pop", "pop", 0.9, "", False, "") for one in tracks]


@pytest.fixture
def demo(tmp_path: Path, url: str) -> Iterator[Demo]:
    """The demo account, with one long playlist, read and sorted; on each kind of database."""

    def wired(settings: Settings) -> Application:
        here = settings.model_copy(update={"database_url": SecretStr(url)})
        return Application(here, load_classifier=NoClassifier, pause=lambda _: None)

    with running_demo(Settings(data_dir=tmp_path), wired) as running:
        uris = [one.uri for one in running.sandbox.store.account.saved if one.uri.startswith("spotify:track:")]
        change(running, "Sunday morning", (uris * 5)[:N_ENTRIES])
        workflows.sync_library(running.app)
        yield running


def change(demo: Demo, name: str, uris: list[str]) -> None:
    """Somebody changes what stands in a playlist."""

    def changed(account):
        playlist = next(one for one in account.playlists.values() if one.name == name)
        entries = tuple(Entry(uri, AT, playlist.owner.id) for uri in uris)
        return with_playlist(account, replace(playlist, entries=entries, revision=playlist.revision + 1))

    demo.sandbox.store.change_account(changed)


def calls_of(app: Application, run: Callable[[], object]) -> int:
    """How many calls to Spotify something makes."""
    before = app.account.budget().used
    run()
    return app.account.budget().used - before


def liked(app: Application) -> dict[str, int | None]:
    """How many liked songs each playlist holds, as far as that is known."""
    return {one.name: one.liked for one in workflows.own_playlists(app)}


def test_they_are_read_once_and_then_only_where_they_changed(demo: Demo) -> None:
    """In as many calls as was said before; songs in them are not liked for that."""
    app = demo.app
    songs = len(workflows.list_songs(app))
    found = workflows.look_for_playlists(app)
    assert (len(found.own), len(found.changed), found.calls) == (3, 3, 5)
    assert calls_of(app, lambda: workflows.read_playlists(app, found)) == found.calls
    assert liked(app)["Sunday morning"] == N_ENTRIES
    assert None not in liked(app).values()
    assert len(workflows.list_songs(app)) == songs
    assert calls_of(app, lambda: workflows.look_for_playlists(app)) == 1
    assert workflows.look_for_playlists(app).calls == 0
    change(demo, "Sunday morning", [])
    found = workflows.look_for_playlists(app)
    assert (len(found.changed), found.calls) == (1, 1)
    workflows.read_playlists(app, found)
    assert liked(app)["Sunday morning"] == 0


def test_reading_goes_on_where_it_was_stopped(demo: Demo) -> None:
    """After a stop at any page; what was read is not read again."""
    app = demo.app

    def stop(_stage: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    found = workflows.look_for_playlists(app)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(KeyboardInterrupt):
            workflows.read_playlists(app, found, stop)
        found = workflows.look_for_playlists(app)
        assert found.calls == left
    assert liked(app)["Sunday morning"] == N_ENTRIES
    known = app.library.playlists.songs(current_account(app).account_id)
    assert max(len(one.uris) for one in known.values()) == N_ENTRIES


def test_a_playlist_that_changed_meanwhile_is_read_from_its_beginning(demo: Demo) -> None:
    """Half of the old and half of the new would be neither."""
    app = demo.app

    def stop(_stage: str, done: int, _total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflows.read_playlists(app, workflows.look_for_playlists(app), stop)
    uri = demo.sandbox.store.account.saved[0].uri
    change(demo, "Sunday morning", [uri] * 60)
    workflows.read_playlists(app, workflows.look_for_playlists(app))
    assert liked(app)["Sunday morning"] == 60


def test_a_playlist_that_is_gone_is_forgotten(demo: Demo) -> None:
    """And playlists made here are not read: what stands in them is known."""
    app = demo.app
    workflows.read_playlists(app, workflows.look_for_playlists(app))
    account = demo.sandbox.store.account
    gone = next(one for one in account.playlists.values() if one.name == "Sunday morning")
    demo.sandbox.store.change_account(lambda now: with_playlist(now, replace(gone, is_followed=False)))
    workflows.classify_library(app)
    workflows.apply_plan(app, workflows.make_plan(app, workflows.default_rules(app)))
    found = workflows.look_for_playlists(app)
    assert (len(found.own), found.changed) == (3, ())
    workflows.read_playlists(app, found)
    assert set(liked(app)) == {"Road trip 2019 (do not touch)", "Jazz · liked", "Pop · liked"}
    assert [one.name for one in workflows.own_playlists(app) if one.is_managed] == ["Pop · liked"]
    account_id = current_account(app).account_id
    assert gone.id not in app.library.playlists.songs(account_id)
