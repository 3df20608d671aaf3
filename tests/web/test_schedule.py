"""Keeping the playlists current while the pages are served: off by default, begun once when due, and told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.drawer import Folder
from cratewise.errors import DataFileError, SpotifyError
from cratewise.jobs.schedule import ScheduleStore
from cratewise.settings import load_settings
from cratewise.web.schedule import begin_if_due
from cratewise.web.upkeep import schedule_of

from .conftest import FAMILIES, LIKED_AT, PATIENCE_S, Site, StandInClassifier

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOURS_6 = timedelta(hours=6)


@pytest.fixture
def written_site(site: Site) -> Site:
    """A site whose playlists were written once, at noon."""
    site.sort()
    assert site.run("/api/jobs/apply", site.order(*FAMILIES))["status"] == "done"
    site.server.workspace.app.now = lambda: NOON
    return site


def keep(site: Site, every: str) -> dict[str, object]:
    """What the page sends, and what comes back."""
    answer = site.client.put("/api/schedule", json={"every": every})
    assert answer.status_code == 200, answer.text
    kept: dict[str, object] = answer.json()
    return kept


def look(site: Site, at: datetime) -> bool:
    """What the timer does, at that moment; waits for what it began."""
    workspace = site.server.workspace
    workspace.app.now = lambda: at
    begun = begin_if_due(workspace.app, workspace.jobs)
    assert workspace.jobs.wait(PATIENCE_S)
    return begun


def test_nothing_is_written_by_itself_unless_somebody_says_so(written_site: Site) -> None:
    """It is off at first, and off again when it is switched off."""
    assert not look(written_site, NOON + timedelta(days=400))
    kept = keep(written_site, "6h")
    assert datetime.fromisoformat(str(kept["next_at"])) == NOON + timedelta(days=400) + HOURS_6
    assert keep(written_site, "off") == {"every": "off", "next_at": None, "last_at": None, "told": ""}
    assert not look(written_site, NOON + timedelta(days=800))


def test_it_is_refused_before_a_preview_was_written(site: Site) -> None:
    """Nor once what was written is undone; a choice of genres alone is no yes."""
    assert site.client.put("/api/schedule", json={"every": "1d"}).status_code == 409
    site.sort()
    site.client.put("/api/choice", json={"genres": FAMILIES})
    refused = site.client.put("/api/schedule", json={"every": "1d"})
    assert refused.status_code == 409
    assert "Nobody has seen yet" in refused.json()["error"]["message"]
    site.run("/api/jobs/apply", site.order(*FAMILIES))
    keep(site, "1d")
    site.run("/api/jobs/undo", {"run_id": 1})
    assert "was undone" in site.client.put("/api/schedule", json={"every": "1d"}).json()["error"]["message"]


def test_a_turn_that_changes_nothing_makes_no_page_stale(written_site: Site) -> None:
    """The page on show is still what the library is; with a song fewer it is not."""
    keep(written_site, "6h")
    songs = written_site.client.get("/api/songs").headers["ETag"]
    before = written_site.client.get("/api/state").json()["revision"]
    assert look(written_site, NOON + HOURS_6)
    assert "Nothing to write." in written_site.client.get("/settings").text
    assert written_site.client.get("/api/state").json()["revision"] == before
    assert written_site.client.get("/api/songs").headers["ETag"] != songs, "what was read is fetched anew all the same"
    written_site.account.songs.pop()
    assert look(written_site, NOON + 2 * HOURS_6)
    assert written_site.client.get("/api/state").json()["revision"] != before


def test_a_turn_begins_when_it_is_due_and_only_once(written_site: Site) -> None:
    """A new song is read, sorted and written; the page says when that was and what came of it."""
    keep(written_site, "6h")
    assert not look(written_site, NOON + HOURS_6 - timedelta(seconds=1))
    first = written_site.account.songs[1]
    new = replace(first.track, track_id=f"track{1 + 6000}", title="New", artists=("Nobody",))
    written_site.account.songs.insert(
        0, replace(first, track=new, uri="spotify:track:track6001", added_at=LIKED_AT + timedelta(days=1))
    )
    assert look(written_site, NOON + HOURS_6)
    assert any("spotify:track:track6001" in entries for entries in written_site.account.entries.values())
    assert not look(written_site, NOON + HOURS_6 + timedelta(seconds=30))
    page = written_site.client.get("/settings").text
    assert "0 playlists made, 1 changed: 1 song in, 0 out." in page
    assert look(written_site, NOON + timedelta(days=3)), "what was missed is made up for"
    assert not look(written_site, NOON + timedelta(days=3, hours=5)), "and once"
    assert "Nothing to write." in written_site.client.get("/settings").text


def test_it_waits_for_the_job_that_runs(written_site: Site) -> None:
    """And begins once that is done."""
    keep(written_site, "6h")
    workspace = written_site.server.workspace
    written_site.account.hold()
    written_site.client.post("/api/jobs/sort")
    assert written_site.account.reached.wait(PATIENCE_S)
    workspace.app.now = lambda: NOON + HOURS_6
    assert not begin_if_due(workspace.app, workspace.jobs)
    written_site.account.gate.set()
    assert workspace.jobs.wait(PATIENCE_S)
    assert look(written_site, NOON + HOURS_6)


def test_what_goes_wrong_is_told_and_tried_again_at_its_time(written_site: Site) -> None:
    """Not at once: the next turn comes a whole interval later."""
    keep(written_site, "6h")
    written_site.account.trouble = SpotifyError("Spotify is away")
    assert look(written_site, NOON + HOURS_6)
    assert "Not done: Spotify is away." in written_site.client.get("/settings").text
    written_site.account.trouble = None
    assert not look(written_site, NOON + HOURS_6 + timedelta(minutes=5))
    assert look(written_site, NOON + 2 * HOURS_6)


def test_forgetting_everything_ends_it(written_site: Site, tmp_path: Path) -> None:
    """Nothing is kept of it for that account."""
    keep(written_site, "6h")
    assert ScheduleStore(Folder(tmp_path)).of("account-1") is not None
    assert written_site.client.post("/api/forget").status_code == 200
    assert ScheduleStore(Folder(tmp_path)).of("account-1") is None


def test_a_damaged_schedule_is_one_clear_error(tmp_path: Path) -> None:
    """With the file's name and what to do."""
    (tmp_path / "schedule.json").write_text('{"account-1": {"every_s": 1}}')
    with pytest.raises(DataFileError, match=r"schedule\.json cannot be read"):
        ScheduleStore(Folder(tmp_path)).of("account-1")


def test_the_other_settings_work_beside_a_damaged_schedule(written_site: Site, tmp_path: Path) -> None:
    """Its card says what is wrong and what to do."""
    (tmp_path / "schedule.json").write_text("[")
    page = written_site.client.get("/settings")
    assert page.status_code == 200
    assert "schedule.json cannot be read" in page.text
    assert "Delete it" in page.text


def test_a_file_never_switches_it_on(written_site: Site, tmp_path: Path) -> None:
    """The schedule is the yes of somebody who saw what is written: an empty library that takes a file has none."""
    keep(written_site, "6h")
    file = tmp_path / "library.json"
    file.write_bytes(written_site.client.get("/api/export/json").content)
    with Application(load_settings(data_dir=tmp_path / "other"), load_classifier=StandInClassifier) as app:
        assert workflows.import_file(app, file).found > 0
        assert workflows.current_rules(app) == workflows.current_rules(written_site.server.workspace.app)
        assert schedule_of(app).every == "off"
