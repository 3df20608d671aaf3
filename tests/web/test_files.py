"""Files in the browser: songs from one, the library and its playlists into some."""

import io
import json
import time
import zipfile
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.jobs.journal import KeptJournal
from cratewise.jobs.state import JobOrder
from cratewise.web.ownworkspace import UPLOADS

from .conftest import PATIENCE_S, Site

CSV = "title,artist,id\n" + "".join(f"Song {number},Ada,{number:022d}\n" for number in range(60))


def imported(site: Site, content: str | bytes = CSV, name: str = "songs.csv") -> None:
    """Sends a file, and waits until it is taken in."""
    answer = site.client.post("/api/jobs/import", params={"name": name}, content=content)
    assert answer.status_code == 202, answer.text
    assert site.server.workspace.jobs.wait(20)


def test_songs_come_from_a_file(site: Site) -> None:
    """Without an account: sorted, shown, and a way to take the lists as files instead of a login."""
    imported(site)
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert (job.status, job.result) == (
        "done",
        {
            "next": "/",
            "told": ["songs.csv: 60 songs, 60 of them new.", "60 of 60 tracks have no audio statistics."],
        },
    )
    page = site.client.get("/").text
    assert "From a file" in page
    assert "Import a newer file" in page
    assert "Look for new songs" not in page
    assert len(json.loads(site.client.get("/api/songs").text)["songs"]) == 60
    assert "Take them as files" in site.client.get("/preview").text


def test_a_stopped_import_can_be_gone_on_with(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Songs that were taken in and not sorted yet are sorted by a button, without any account."""
    with monkeypatch.context() as stopped:
        stopped.setattr(workflows, "classify_library", lambda *_: None)
        imported(site)
    page = site.client.get("/").text
    assert "60 liked songs, waiting to be sorted" in page
    assert "account" not in page.split("<main")[1].split("Sort my songs")[0]
    assert site.run("/api/jobs/sort")["status"] == "done"
    assert "not sorted yet" not in site.client.get("/").text


def test_songs_without_a_length_are_told_apart_from_unknown_ones(site: Site) -> None:
    """Beside an account, a file of titles and artists alone can't be matched: that is said."""
    site.sort()
    imported(site, "title,artist,id\nSong 1,Ada,\nUnliked,Ada,4vLYewWIvqHfKtJDk8c8tq\n")
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert job.result is not None
    assert "1 song has neither an id nor a length" in " ".join(job.result["told"])


def test_a_file_that_cannot_be_read_changes_nothing(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says where; nothing of what was sent stays on the disk."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    site.sort()
    before = site.client.get("/api/songs").text
    imported(site, CSV + '"never closed,Ada,99\n')
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert job.status == "failed"
    assert "line 62" in job.message
    assert "never closed" in job.message
    assert list(folder.iterdir()) == []
    assert "line 62" in site.client.get("/settings").text
    assert site.client.get("/api/songs").text == before


@pytest.mark.parametrize("name", ["../../../etc/songs.csv", "a/b\\c.csv", "\u202evsc.csv", "x" * 190 + ".csv"])
def test_a_name_of_a_file_leads_nowhere_else(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It is only shown."""
    folder = tmp_path / "deep" / "deep" / "deep"
    folder.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    imported(site, name=name)
    assert workflows.is_from_file(site.server.workspace.app)
    assert [path.name for path in tmp_path.rglob("*") if path.name.endswith("csv")] == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "m3u8", "jspf"])
def test_the_library_is_taken_as_a_file(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """In each format; what was written for it is gone afterwards."""
    site.sort()
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    answer = site.client.get(f"/api/export/{form}")
    assert answer.status_code == 200
    assert f'filename="cratewise.{form}"' in answer.headers["content-disposition"]
    assert len(answer.content) > 1000
    until_s = time.monotonic() + PATIENCE_S  # it goes once the answer is sent
    while list(folder.iterdir()):
        assert time.monotonic() < until_s


def test_the_lists_of_the_playlists_come_packed(site: Site) -> None:
    """One file for each playlist that the rules ask for."""
    site.sort()
    answer = site.client.get("/api/export/m3u8", params={"by_genre": True})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) > 1
        assert all(packed.read(name).startswith(b"#EXTM3U") for name in packed.namelist())


def test_what_cannot_be_exported_is_said(site: Site) -> None:
    """An empty library, and a format that is none."""
    assert site.client.get("/api/export/json").status_code == 409
    assert site.client.get("/api/export/exe").status_code == 404


def test_asking_the_sources_says_what_they_knew(site: Site) -> None:
    """Where none is switched on, that is all; the page says where the knowledge comes from."""
    app = site.server.workspace.app
    app.settings = app.settings.model_copy(update={"sources": ()})
    site.sort()
    assert site.client.post("/api/jobs/enrich").status_code == 202
    assert site.server.workspace.jobs.wait(20)
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert job.result == {"next": "/settings", "told": ["0 songs are known better than before."]}
    page = site.client.get("/settings").text
    assert "Where the knowledge comes from" in page
    assert "nothing from a source" in page


def begun_import(site: Site, job_id: str, name: str) -> None:
    """What a process leaves that is killed while it imports a file."""
    app = site.server.workspace.app
    KeptJournal(app.drawer).begin(JobOrder(job_id, "import", app.now(), {"name": name}))


def test_an_import_goes_on_after_a_kill(site: Site) -> None:
    """With the file that was kept for it, which goes once its songs are sorted."""
    uploads = site.server.workspace.app.settings.data_dir / UPLOADS
    (uploads / "a").mkdir(parents=True)
    (uploads / "a" / "songs.csv").write_text(CSV)
    begun_import(site, "a", "songs.csv")
    site.server.workspace.jobs.take_up()
    assert site.server.workspace.jobs.wait(PATIENCE_S)
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert job.status == "done", job.message
    assert not (uploads / "a").exists()


@pytest.mark.parametrize(
    ("job_id", "name"),
    [
        ("../../precious", "songs.csv"),
        ("a", "../../../precious/songs.csv"),
        ("..", "songs.csv"),
        ("a/b", "songs.csv"),
        ("gone", "songs.csv"),
        ("c", ".."),
        ("c", ""),
        ("absolute", ""),
    ],
)
def test_nothing_but_what_was_uploaded_is_imported_or_removed(
    site: Site, tmp_path: Path, job_id: str, name: str
) -> None:
    """Whatever stands in the journal."""
    uploads = site.server.workspace.app.settings.data_dir / UPLOADS
    for folder in (tmp_path / "precious", uploads, uploads / "a" / "b"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "songs.csv").write_text("title,artist\nAfrica,Toto\n")
    precious = tmp_path / "precious"
    begun_import(site, str(precious) if job_id == "absolute" else job_id, name or str(precious / "songs.csv"))
    site.server.workspace.jobs.take_up()
    assert site.server.workspace.jobs.wait(PATIENCE_S)
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert (job.status, "Choose the file again" in job.hint) == ("failed", True)
    assert (tmp_path / "precious" / "songs.csv").exists()
    assert (uploads / "a" / "b" / "songs.csv").exists() or job_id == "a"


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("apply", {"foo": 1}),
        ("apply", {"plan_id": 1, "genres": "jazz", "after_run": 0}),
        ("apply", {"plan_id": "x", "genres": ["jazz"]}),
        ("undo", {"run_id": "1"}),
        ("playlist", {"plan_id": "x", "songs": [1], "name": "n", "after_run": 0}),
        ("sort", {"following": None}),
        ("import", {}),
    ],
)
def test_an_order_that_does_not_say_what_is_needed_is_one_clear_failure(
    site: Site, kind: str, arguments: dict[str, object]
) -> None:
    """Somebody may have changed the journal by hand."""
    app = site.server.workspace.app
    KeptJournal(app.drawer).begin(JobOrder("job", kind, app.now(), arguments))
    site.server.workspace.runner.take_up()
    assert site.server.workspace.runner.wait(PATIENCE_S)
    job = site.server.workspace.jobs.latest
    assert job is not None
    assert (job.status, job.message) == ("failed", f"The job '{kind}' cannot be gone on with.")
    assert job.hint
