"""Asking the sources: side by side, once, and without harm when one of them is down."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import DataFileError, LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.songs import SavedSong
from cratewise.settings import Settings
from cratewise.sources.online import online_sources
from cratewise.sources.timing import Timing
from cratewise.tracks import AudioStatistics, Track

from .sources.standin import KEY, Artist, StandIn

START = datetime(2026, 1, 1, tzinfo=UTC)
N_SONGS = 90  # three batches of ReccoBeats


class Clock:
    """The time, until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Now."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """The sources: they know every other song and every other artist."""
    with closing(StandIn(lambda: 0.0)) as server:
        for number in range(0, N_SONGS, 2):
            href = f"https://open.spotify.com/track/{track_id(number)}"
            server.features.append({"id": str(number), "href": href, "energy": 0.5, "tempo": 120.0})
            server.artists.append(Artist(f"mb{number}", f"Artist {number}", (f"sp{number}",), {"jazz": 3}))
            server.listeners[f"Artist {number}"] = [{"name": "cool jazz", "count": 100}]
        yield server


def track_id(number: int) -> str:
    """An id as Spotify writes it."""
    return f"{number:022d}"


@pytest.fixture
def app(tmp_path: Path, stand_in: StandIn, clock: Clock) -> Iterator[Application]:
    """An application whose library has songs of which nothing is known."""
    waited = [0.0]
    no_wait = Timing(now_s=lambda: sum(waited), sleep=waited.append, jitter=lambda: 0.0)

    def open_sources(settings: Settings):  # type: ignore[no-untyped-def] # a context manager
        key = SecretStr(KEY)
        return online_sources(settings.sources, lastfm_key=key, addresses=stand_in.addresses, timing=no_wait)

    with Application(Settings(data_dir=tmp_path), open_sources=open_sources, now=clock) as made:
        songs = [
            SavedSong(
                Track(track_id(number), f"Song {number}", (f"Artist {number}",)),
                f"spotify:track:{track_id(number)}",
                START + timedelta(minutes=number),
                artist_ids=(f"sp{number}",),
            )
            for number in range(N_SONGS)
        ]
        made.library.songs.write(KnownAccount("ada", "Ada", N_SONGS, START), songs)
        yield made


def known(app: Application) -> dict[str, Track]:
    """What is known of each song, by title."""
    return {one.song.track.title: one.song.track for one in app.library.genres.songs("ada", 0.4)}


def results(found: workflows.EnrichResult) -> dict[str, tuple[int, int]]:
    """Asked and found, by source."""
    return {one.name: (one.asked, one.found) for one in found.sources}


def test_every_source_is_asked_once(app: Application, stand_in: StandIn) -> None:
    """What they know is in the songs and kept with its source; a second run asks nobody anything."""
    half = N_SONGS // 2
    found = workflows.enrich_library(app)
    assert results(found) == {
        "reccobeats": (N_SONGS, half),
        "musicbrainz": (N_SONGS, half),
        "lastfm": (N_SONGS, half),
    }
    assert found.changed == half
    songs = known(app)
    assert songs["Song 0"].statistics == AudioStatistics(energy=0.5, tempo_bpm=120.0)
    assert set(songs["Song 0"].artist_tags) == {"jazz", "cool jazz"}
    assert (songs["Song 1"].statistics, songs["Song 1"].artist_tags) == (None, ())
    assert workflows.known_from(app) == {
        "statistics": {"reccobeats": half, "": half},
        "tags": {"musicbrainz": half, "lastfm": half, "": half},
    }
    calls = len(stand_in.heard)
    again = workflows.enrich_library(app)
    assert (results(again), again.changed) == ({"reccobeats": (0, 0), "musicbrainz": (0, 0), "lastfm": (0, 0)}, 0)
    assert len(stand_in.heard) == calls


def test_what_is_not_known_is_asked_for_again_after_a_while(app: Application, stand_in: StandIn, clock: Clock) -> None:
    """Absent answers count for thirty days; known ones for good."""
    workflows.enrich_library(app)
    half = N_SONGS // 2
    clock.now = START + timedelta(days=29)
    assert results(workflows.enrich_library(app))["reccobeats"] == (0, 0)
    clock.now = START + timedelta(days=31)
    href = f"https://open.spotify.com/track/{track_id(1)}"
    stand_in.features.append({"id": "late", "href": href, "energy": 0.9})
    assert results(workflows.enrich_library(app)) == {
        "reccobeats": (half, 1),
        "musicbrainz": (half, 0),
        "lastfm": (half, 0),
    }
    assert known(app)["Song 1"].statistics == AudioStatistics(energy=0.9)


def test_a_source_that_is_down_does_no_harm(app: Application, stand_in: StandIn) -> None:
    """The others go on, it says what is wrong, and the next run asks it alone."""
    working = stand_in.answer
    stand_in.answer = lambda heard: (500, {}) if heard.path.startswith("/v1") else working(heard)  # type: ignore[method-assign]
    found = {one.name: one for one in workflows.enrich_library(app).sources}
    assert (found["reccobeats"].asked, found["reccobeats"].waiting) == (0, N_SONGS)
    assert "ReccoBeats" in found["reccobeats"].problem
    assert found["musicbrainz"].found == found["lastfm"].found == N_SONGS // 2
    stand_in.answer = working  # type: ignore[method-assign]
    assert results(workflows.enrich_library(app))["reccobeats"] == (N_SONGS, N_SONGS // 2)


def test_what_was_answered_before_a_stop_is_kept(app: Application, stand_in: StandIn) -> None:
    """Stopped in the middle, nothing that was answered is asked again; the rest is asked the next time."""

    class StoppedError(Exception):
        pass

    def stop(stage: str, done: int, total: int | None) -> None:
        if done:
            raise StoppedError

    stand_in.faults.clear()
    with pytest.raises(StoppedError):
        workflows.enrich_library(app, stop)
    asked = {one for heard in stand_in.heard for value in heard.values("ids") for one in value.split(",")}
    before = len(stand_in.heard)
    result = results(workflows.enrich_library(app))
    assert result["reccobeats"][0] == N_SONGS - len(asked)
    assert len(stand_in.heard) > before or len(asked) == N_SONGS
    assert known(app)["Song 0"].statistics is not None


def test_progress_covers_all_sources(app: Application) -> None:
    """One stage names them, and counts up to everything that is asked."""
    told: list[tuple[str, int, int | None]] = []
    workflows.enrich_library(app, lambda stage, done, total: told.append((stage, done, total)))
    assert {stage for stage, *_ in told} == {"Asking ReccoBeats and MusicBrainz and Last.fm"}
    assert told[0][1:] == (0, 3 * N_SONGS)
    assert told[-1][1:] == (3 * N_SONGS, 3 * N_SONGS)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_catalogue_is_looked_in_before_anybody_is_asked(app: Application, tmp_path: Path, stand_in: StandIn) -> None:
    """By id, else by names; a second file of that name takes its place, and what was found outlives the catalogue."""
    file = tmp_path / "songs.csv"
    header = "track_id,track_name,artists,energy\n"
    file.write_text(f"{header}{track_id(1)},Other,Other,0.1\nelsewhere,SONG 3,artist 3,0.3\nx,Nobody's,No,\n")
    assert workflows.add_catalogue(app, file) == 2
    found = workflows.enrich_library(app)
    assert results(found)["catalogue"] == (2, 2)
    assert results(found)["reccobeats"][0] == N_SONGS - 2
    assert known(app)["Song 1"].statistics == AudioStatistics(energy=0.1)
    assert known(app)["Song 3"].statistics == AudioStatistics(energy=0.3)
    file.write_text(f"{header}{track_id(5)},Song 5,Artist 5,0.5\n")
    assert workflows.add_catalogue(app, file) == 1
    assert app.library.catalogues.all() == {"songs.csv": 1}
    assert workflows.remove_catalogue(app, "songs.csv") == 1
    assert known(app)["Song 1"].statistics == AudioStatistics(energy=0.1)
    with pytest.raises(LibraryError, match=r"no catalogue 'songs\.csv'"):
        workflows.remove_catalogue(app, "songs.csv")


def test_a_catalogue_without_statistics_is_refused(app: Application, tmp_path: Path) -> None:
    """One clear error, and the one of that name stays."""
    file = tmp_path / "songs.csv"
    file.write_text("track_id,track_name,artists,energy\na,A,B,0.5\n")
    workflows.add_catalogue(app, file)
    file.write_text("track_id,track_name,artists\na,A,B\n")
    with pytest.raises(DataFileError, match="no song in it has statistics"):
        workflows.add_catalogue(app, file)
    assert app.library.catalogues.all() == {"songs.csv": 1}


def test_nobody_is_asked_who_is_not_in_the_settings(tmp_path: Path, app: Application, stand_in: StandIn) -> None:
    """With `sources = none` nothing leaves the machine."""
    key = SecretStr(KEY)
    open_none: Callable[[Settings], object] = lambda settings: online_sources(  # noqa: E731
        settings.sources, lastfm_key=key, addresses=stand_in.addresses
    )
    settings = Settings(data_dir=tmp_path, sources=())
    with Application(settings, open_sources=open_none, now=app.now) as quiet:  # type: ignore[arg-type]
        assert workflows.enrich_library(quiet) == workflows.EnrichResult((), 0)
    assert stand_in.heard == []
