import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.demo import Demo, running_demo
from cratewise.errors import DataFileError, GenresError, LibraryError, PlaylistsError, SpotifyError
from cratewise.exclusive import InUseError
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong, SongStore
from cratewise.playlists.apply import StalePlanError
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings
from cratewise.spotify.sandbox.faults import Fault, not_registered
from cratewise.spotify.sandbox.values import SavedTrack
from cratewise.tracks import Track
from cratewise.workflows.account import Profile
from cratewise.workflows.liked import STAGE_SONGS
from cratewise.workflows.services import working_alone


class NameClassifier:
    """Gives each artist a style of its own choosing, always the same."""

    version = "names-1"

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """Answers from the first artist's name."""
        styles = load_taxonomy().styles[::5]
        said = []
        for track in tracks:
            digest = hashlib.sha256("".join(track.artists[:1]).encode()).digest()
            style = styles[digest[0] % len(styles)]
            confidence = 0.3 + digest[1] / 400
            unsure = confidence < least_confidence
            said.append(Classification(track.track_id, style.slug, style.family, confidence, "pop", unsure, "By name."))
        return said


@pytest.fixture
def wire(url: str) -> Callable[[Settings], Application]:
    """Wires an application with a classifier that needs no weights, and that waits for nothing; on each database."""

    def wired(settings: Settings) -> Application:
        here = settings.model_copy(update={"database_url": SecretStr(url)})
        return Application(here, load_classifier=NameClassifier, pause=lambda _: None)

    return wired


@pytest.fixture
def demo(tmp_path: Path, wire: Callable[[Settings], Application]) -> Iterator[Demo]:
    """The demo in a folder of its own."""
    with running_demo(Settings(data_dir=tmp_path), wire) as running:
        yield running


def sort_all(app: Application) -> workflows.ApplyResult:
    """Everything in a row, as one click does it."""
    workflows.sync_library(app)
    workflows.classify_library(app)
    return workflows.apply_plan(app, workflows.make_plan(app, workflows.default_rules(app)))


def pages_read(app: Application) -> tuple[workflows.SyncResult, int]:
    """Syncs, and counts the pages of liked songs that took."""
    pages = []
    result = workflows.sync_library(app, lambda stage, _done, _total: pages.append(stage))
    return result, pages.count(STAGE_SONGS)


def contents(demo: Demo) -> dict[str, tuple[str | None, ...]]:
    """What each playlist in the library of the sandbox account holds."""
    playlists = demo.sandbox.store.account.playlists.values()
    return {one.id: tuple(entry.uri for entry in one.entries) for one in playlists if one.is_followed}


def like_only(demo: Demo, saved: Sequence[SavedTrack]) -> None:
    """Makes these the liked songs of the sandbox account, newest first."""
    demo.sandbox.store.change_account(lambda account: replace(account, saved=tuple(saved)))


def test_a_library_is_sorted_and_stays_as_it_is(demo: Demo) -> None:
    """One pass makes the playlists, touches no other, and leaves nothing for a second pass to write."""
    before = contents(demo)
    first = sort_all(demo.app)
    assert first.created > 5
    after = contents(demo)
    assert {playlist_id: after[playlist_id] for playlist_id in before} == before
    assert {playlist.songs for playlist in first.playlists} == {
        len(uris) for playlist_id, uris in after.items() if playlist_id not in before
    }
    second = sort_all(demo.app)
    assert second.run_id is None
    assert {playlist.change for playlist in second.playlists} == {"unchanged"}
    assert contents(demo) == after


def test_what_files_told_is_known_of_the_account_that_is_read_later(demo: Demo, tmp_path: Path) -> None:
    """A correction made before there was an account counts for its songs; the file's other songs stay apart."""
    saved = demo.sandbox.store.account.saved
    track_id = next(one.uri.removeprefix("spotify:track:") for one in saved if one.uri.startswith("spotify:track:"))
    file = tmp_path / "songs.csv"
    file.write_text(
        f"track_id,track_name,artists,energy\n{track_id},Some Name,Some Artist,0.25\n,The Unheard,Nobody At All,\n"
    )
    workflows.import_file(demo.app, file)
    workflows.correct(demo.app, "folk", [workflows.find_song(demo.app, track_id)])
    workflows.save_rules(demo.app, Rules(("folk",)))
    n_songs = workflows.sync_library(demo.app).songs
    (row,) = [one for one in workflows.list_songs(demo.app) if one.track_id == track_id]
    assert (row.genre, row.said_by) == ("folk", "song")
    assert row.title != "Some Name"  # as Spotify names it
    assert workflows.known_from(demo.app)["statistics"]["csv"] == 1
    assert workflows.current_rules(demo.app).genres == ("folk",)
    assert "The Unheard" not in {one.title for one in workflows.list_songs(demo.app)}
    assert workflows.sync_library(demo.app).songs == n_songs


def test_undo_leaves_the_account_as_before(demo: Demo) -> None:
    """Undoing the only run takes every playlist it made out of the library."""
    before = contents(demo)
    sort_all(demo.app)
    result = workflows.undo_run(demo.app)
    assert len(result.deleted) > 5
    assert contents(demo) == before


def test_what_is_known_survives_a_restart(tmp_path: Path, wire: Callable[[Settings], Application]) -> None:
    """A new start over the same folder finds library, playlists and history, and can undo."""
    with running_demo(Settings(data_dir=tmp_path), wire) as first:
        before = contents(first)
        sort_all(first.app)
    with running_demo(Settings(data_dir=tmp_path), wire) as second:
        assert sort_all(second.app).run_id is None
        assert [run.state for run in workflows.history(second.app)] == ["done"]
        workflows.undo_run(second.app)
        assert contents(second) == before


def test_syncing_again_reads_only_what_changed(demo: Demo) -> None:
    """The first sync reads every page, a later one stops at known songs, and removals are found by the count."""
    newest, *saved = demo.sandbox.store.account.saved
    like_only(demo, saved)
    result, pages = pages_read(demo.app)
    assert result.songs + result.left_aside == len(saved)
    assert result.left_aside > 0
    assert pages == -(-len(saved) // 50)
    assert pages_read(demo.app)[1] == 1
    like_only(demo, [newest, *saved])
    result, pages = pages_read(demo.app)
    assert (result.added, result.removed, pages) == (1, 0, 1)
    assert result.songs + result.left_aside == len(saved) + 1
    like_only(demo, [newest, *saved[:98], *saved[99:]])
    result, pages = pages_read(demo.app)
    assert (result.added, result.removed) == (0, 1)
    assert pages_read(demo.app)[1] == 1


def test_a_first_sync_keeps_each_song_once(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept a few pages at a time is not kept again at the end."""
    kept: list[str] = []
    write = SongStore.write

    def noted(store: SongStore, account: KnownAccount, songs: Sequence[SavedSong], *more: Collection[str]) -> None:
        kept.extend(song.track.track_id for song in songs)
        write(store, account, songs, *more)

    monkeypatch.setattr(SongStore, "write", noted)
    found = workflows.sync_library(demo.app)
    assert len(kept) == len(set(kept)) == found.songs


def test_a_first_sync_that_was_stopped_goes_on_after_a_restart(demo: Demo) -> None:
    """What was read is kept in the library, which counts as synced only once all of it is there."""
    n_pages = -(-len(demo.sandbox.store.account.saved) // 50)
    n_told = 0

    def stop_at_second(stage: str, done: int, total: int | None) -> None:
        nonlocal n_told
        n_told += 1
        if n_told == 2:
            demo.sandbox.faults.add(not_registered(path="/v1/me/tracks"))

    with pytest.raises(SpotifyError):
        workflows.sync_library(demo.app, stop_at_second)
    demo.app.close()
    with pytest.raises(LibraryError, match="empty"):
        workflows.make_plan(demo.app, workflows.default_rules(demo.app))
    result, pages = pages_read(demo.app)
    assert result.songs + result.left_aside == len(demo.sandbox.store.account.saved)
    assert result.added == result.songs
    assert pages <= n_pages - 2 + 2  # the rest, the top, and a page that overlaps
    assert pages_read(demo.app)[1] == 1


def test_only_new_songs_are_classified_again(demo: Demo) -> None:
    """A second pass asks the classifier about nothing, unless everything is wanted."""
    workflows.sync_library(demo.app)
    first = workflows.classify_library(demo.app)
    assert first.classified == first.songs
    assert workflows.classify_library(demo.app).classified == 0
    assert workflows.classify_library(demo.app, everything=True).classified == first.songs
    assert sum(genre.songs for genre in first.genres) + first.unsure == first.songs


@pytest.mark.parametrize(("seconds", "n_times"), [(0.0, 1), (0.4, 2), (2.0, 5)])
def test_no_more_genres_are_told_of_than_are_kept(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, seconds: float, n_times: int
) -> None:
    """They are kept about every second; who looks at the progress can stop it after each hundred."""
    monkeypatch.setattr(workflows.library, "_SONGS_AT_ONCE", 100)
    workflows.sync_library(demo.app)
    account_id, told, now_s = demo.sandbox.store.account.account_id, [], 0.0

    def n_left() -> int:
        return len(demo.app.library.genres.unsorted(account_id, demo.app.classifier.version))

    n_songs = n_left()

    def say(_stage: str, done: int, total: int | None) -> None:
        nonlocal now_s
        assert (done, total) == (n_songs - n_left(), n_songs)
        told.append(done)
        now_s += seconds

    workflows.classify_library(demo.app, say, clock=lambda: now_s)
    assert len(told) == 1 + -(-n_songs // 100)
    assert len(set(told)) == 1 + n_times
    assert told[-1] == n_songs


def test_the_overview_counts_what_the_list_shows(demo: Demo) -> None:
    """Families, styles and unsure songs add up to the songs in the list."""
    workflows.sync_library(demo.app)
    workflows.classify_library(demo.app)
    overview, songs = workflows.genre_overview(demo.app), workflows.list_songs(demo.app)
    assert overview.songs == len(songs)
    assert overview.unsure == sum(song.is_unsure for song in songs)
    for family in overview.families:
        assert family.songs == sum(song.family == family.slug and not song.is_unsure for song in songs)
        assert sum(style.songs for style in family.styles) == family.songs
        assert 1 <= len(family.example_artists) <= 4
    assert [song.added_at for song in songs] == sorted((song.added_at for song in songs), reverse=True)


@pytest.mark.parametrize("when", ["before", "after"])
def test_answers_that_are_lost_on_the_way_do_no_harm(demo: Demo, when: str) -> None:
    """Connections that break before or after a write was carried out leave no playlist and no song twice."""
    workflows.sync_library(demo.app)
    workflows.classify_library(demo.app)
    before = contents(demo)
    for path in ("/v1/me/playlists", "/v1/playlists"):
        demo.sandbox.faults.add(Fault("reset", when=when, method="POST", path=path))  # type: ignore[arg-type]
    plan = workflows.make_plan(demo.app, workflows.default_rules(demo.app))
    result = workflows.apply_plan(demo.app, plan)
    assert result.created == len(plan.changes)
    after = contents(demo)
    assert len(after) == len(before) + len(plan.changes)
    assert all(len(set(uris)) == len(uris) for playlist_id, uris in after.items() if playlist_id not in before)
    assert sort_all(demo.app).run_id is None


def test_nothing_is_written_for_another_account(demo: Demo, wire: Callable[[Settings], Application]) -> None:
    """A plan made from one account's library is not written to another account."""
    workflows.sync_library(demo.app)
    workflows.classify_library(demo.app)
    plan = workflows.make_plan(demo.app, workflows.default_rules(demo.app))

    class OtherAccount:
        def profile(self) -> Profile:
            return Profile("other", "Other")

        def close(self) -> None:
            pass

    with (
        Application(demo.app.settings, connect=lambda _: OtherAccount()) as other,  # type: ignore[arg-type,return-value]
        pytest.raises(PlaylistsError, match="but Other is logged in"),
    ):
        workflows.apply_plan(other, plan)


def test_the_account_that_was_read_last_is_worked_with_though_the_clock_was_set_back(demo: Demo) -> None:
    """Another was read while the clock ran ahead; that one's songs are not shown for this one's."""
    ahead = KnownAccount("other", "Other", 0, demo.app.now() + timedelta(days=1))
    demo.app.library.songs.write(ahead, [])
    found = workflows.sync_library(demo.app)
    assert workflows.genre_overview(demo.app).account_name == found.account_name != "Other"
    assert len(workflows.list_songs(demo.app)) > 0


def test_an_empty_library_says_what_to_do_first(demo: Demo) -> None:
    """Before the first sync there is nothing to show, and planning asks for it."""
    assert workflows.genre_overview(demo.app).songs == 0
    assert workflows.list_songs(demo.app) == ()
    assert workflows.history(demo.app) == ()
    assert workflows.managed_playlists(demo.app) == ()
    with pytest.raises(LibraryError, match="empty") as caught:
        workflows.make_plan(demo.app, workflows.default_rules(demo.app))
    assert "cratewise sync" in caught.value.hint


def test_a_genre_that_does_not_exist_is_refused(demo: Demo) -> None:
    """Rules that name an unknown genre are neither planned with nor kept."""
    workflows.sync_library(demo.app)
    with pytest.raises(GenresError, match="polka-metal"):
        workflows.make_plan(demo.app, Rules(("polka-metal",)))
    with pytest.raises(GenresError, match="polka-metal"):
        workflows.save_rules(demo.app, Rules(("polka-metal",)))
    assert workflows.current_rules(demo.app) == workflows.default_rules(demo.app)


def test_a_plan_is_refused_once_its_playlists_were_made(demo: Demo) -> None:
    """Two plans made at the same time don't make every playlist twice."""
    workflows.sync_library(demo.app)
    workflows.classify_library(demo.app)
    rules = workflows.default_rules(demo.app)
    plans = [workflows.make_plan(demo.app, rules) for _ in range(2)]
    workflows.apply_plan(demo.app, plans[0])
    made = contents(demo)
    with pytest.raises(StalePlanError, match="was made since"):
        workflows.apply_plan(demo.app, plans[1])
    assert contents(demo) == made


def test_only_one_process_works_with_an_account(demo: Demo) -> None:
    """While another one reads or writes, sync, apply and undo say so and do nothing."""
    sort_all(demo.app)
    made = contents(demo)
    plan = workflows.make_plan(demo.app, workflows.default_rules(demo.app))
    attempts: list[Callable[[], object]] = [
        lambda: workflows.sync_library(demo.app),
        lambda: workflows.apply_plan(demo.app, plan),
        lambda: workflows.resume_run(demo.app),
        lambda: workflows.undo_run(demo.app),
    ]
    with working_alone(demo.app):
        for attempt in attempts:
            with pytest.raises(InUseError, match="right now"):
                attempt()
    assert contents(demo) == made
    workflows.undo_run(demo.app)


def test_two_demos_never_share_a_folder(demo: Demo, wire: Callable[[Settings], Application]) -> None:
    """A second demo over the same folder is refused before it touches the first one's login."""
    folder = demo.app.settings.data_dir.parent
    with pytest.raises(InUseError, match="running already"), running_demo(Settings(data_dir=folder), wire):
        pass
    assert sort_all(demo.app).created > 5


def test_a_demo_needs_a_folder_that_can_be_written(tmp_path: Path, wire: Callable[[Settings], Application]) -> None:
    """A file where the folder should be is one clear error."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataFileError, match="cannot be written"),
        running_demo(Settings(data_dir=tmp_path / "file"), wire),
    ):
        pass
