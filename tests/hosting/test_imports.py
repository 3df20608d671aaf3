"""Files that the people of a host import: each goes under the account of whoever sent it, or nowhere."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Event

import httpx
import pytest
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting

from cratewise import workflows
from cratewise.errors import DataFileError, LibraryError
from cratewise.hosting.uploads import PART_BYTES
from cratewise.jobs.runner import Jobs
from cratewise.jobs.state import JobOrder, state_of
from cratewise.jobs.uploads import Upload
from cratewise.library import contents
from cratewise.spotify.sandbox.faults import too_many_requests

CSV = "title,artist,id\nAfrica,Toto,0000000000000000000001\n"


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in, and whose account was not read yet."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    return browser


def send(browser: Browser, content: str = CSV) -> None:
    """Orders the import of a file."""
    answer = browser.client.post("/api/jobs/import", params={"name": "songs.csv"}, content=content)
    assert answer.status_code == 202, answer.text


def rows_of(hosting: Hosting, table: str) -> int:
    """How many rows a table has, whoever they belong to."""
    with hosting.host._database.reading() as connection:
        number: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 (ours)
    return number


def test_a_file_that_comes_before_the_first_sort_is_imported_after_reading_the_account(
    hosting: Hosting, browser: Browser
) -> None:
    """Spotify says which songs are liked, and the file says more of them; forgetting then leaves nothing."""
    hosting.work()
    liked = hosting.sandbox.store.account.saved[0].uri.rpartition(":")[2]
    send(browser, CSV + f"A liked song,Somebody,{liked}\n")
    told = browser.done()["result"]["told"]
    assert told[0] == "songs.csv: 2 songs, 1 of them among your liked songs."
    assert len(browser.client.get("/api/songs").json()["songs"]) > 400
    assert hosting.host.part("somebody else").accounts.find(hosting.sandbox.store.account.account_id) is not None
    assert rows_of(hosting, "accounts") == 1
    assert browser.client.post("/api/forget").status_code == 200
    for table in ("accounts", "tracks", "songs", "saved_tracks", "found_statistics", "found_tags"):
        assert rows_of(hosting, table) == 0, table


def test_nobody_waits_while_an_import_waits_for_the_database(hosting: Hosting, browser: Browser) -> None:
    """The process goes on answering others."""
    with ThreadPoolExecutor(1) as pool:
        with hosting.host._database.noting() as connection:
            connection.exec_driver_sql("LOCK TABLE jobs")
            sending = pool.submit(send, browser)
            until_s = time.monotonic() + PATIENCE_S
            while not connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
                assert time.monotonic() < until_s
            with httpx.Client(base_url=browser.client.base_url, timeout=10.0) as other:
                assert other.get("/health").status_code == 200
            assert not sending.done()
        sending.result(PATIENCE_S)


def test_a_file_is_imported_by_a_worker_on_another_machine(hosting: Hosting, browser: Browser, tmp_path: Path) -> None:
    """The two share the database and the key, and no folder; afterwards the file is nowhere."""
    send(browser)
    assert rows_of(hosting, "uploads") == 1
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(hosting.settings.data_dir / "logins.key", tmp_path / "elsewhere")
    hosting.work(folder=tmp_path / "elsewhere")
    assert browser.done()["result"]["told"][0].startswith("songs.csv: 1 song")
    assert rows_of(hosting, "uploads") == 0
    assert [path.name for path in hosting.settings.data_dir.rglob("*")] == ["logins.key"]
    assert not list((tmp_path / "elsewhere").rglob("songs.csv"))


def test_a_copy_that_a_killed_worker_left_goes_when_the_next_one_starts(hosting: Hosting) -> None:
    """Its job has ended meanwhile, or its account is forgotten."""
    left = hosting.settings.data_dir / "imports" / "ended"
    left.mkdir(parents=True)
    hosting.work()
    until_s = time.monotonic() + PATIENCE_S
    while left.exists():
        assert time.monotonic() < until_s


def test_a_file_goes_with_a_job_that_is_stopped_before_it_is_begun(hosting: Hosting, browser: Browser) -> None:
    """There is nobody but the board to delete it."""
    send(browser)
    assert rows_of(hosting, "uploads") == 1
    assert browser.client.post("/api/jobs/stop").json()["job"]["status"] == "stopped"
    assert rows_of(hosting, "uploads") == 0


def test_a_file_goes_with_a_job_that_is_stopped_on_the_way(hosting: Hosting, browser: Browser) -> None:
    """Once the worker has heard of it."""
    hosting.sandbox.faults.add(too_many_requests(2, path="/v1/me/tracks"))
    send(browser)
    hosting.work()
    browser.until(lambda job: job["stage"].startswith("Reading liked"))
    assert rows_of(hosting, "uploads") == 1
    browser.client.post("/api/jobs/stop")
    assert browser.ended()["status"] == "stopped"
    assert rows_of(hosting, "uploads") == 0


def test_an_import_that_writes_is_seen_by_everybody_and_can_be_stopped(
    hosting: Hosting, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far it is stands on the board at once, beside what is written as a whole; and nothing of that is kept."""
    go_on, heard, stop = Event(), Event(), Jobs.stop
    monkeypatch.setattr(contents, "link", lambda *_: go_on.wait(PATIENCE_S))
    monkeypatch.setattr(Jobs, "stop", lambda jobs: (stop(jobs), heard.set()))
    hosting.work()
    send(browser, CSV + f"A liked song,Somebody,{hosting.sandbox.store.account.saved[0].uri.rpartition(':')[2]}\n")
    browser.until(lambda job: job["stage"] == "Finding releases of one song")
    assert browser.client.post("/api/jobs/stop").json()["job"]["status"] == "stopping"
    heard.wait(PATIENCE_S)
    go_on.set()
    assert browser.ended()["status"] == "stopped"
    assert rows_of(hosting, "uploads") == 0


def test_a_file_that_cannot_be_read_goes_too(hosting: Hosting, browser: Browser) -> None:
    """With the failure of its job."""
    hosting.work()
    send(browser, CSV + '"never closed,Ada,1\n')
    failed = browser.ended()
    assert (failed["status"], "line 3" in failed["message"]) == ("failed", True)
    assert rows_of(hosting, "uploads") == 0


def test_a_file_of_many_parts_is_whole(hosting: Hosting, browser: Browser) -> None:
    """Also where the last part is not full; it is there for its job alone, and only until that has ended."""
    board, account_id = hosting.host.board, hosting.sandbox.store.account.account_id
    assert browser.job() is None
    content = bytes(range(256)) * (2 * PART_BYTES // 256) + b"the end"
    order = JobOrder("a job", "import", board.now(), {"name": "songs.csv"}, attempt=0)
    board.post(account_id, order, state_of(order), Upload("songs.csv", BytesIO(content)))
    assert rows_of(hosting, "uploads") == 3
    left, copy = (hosting.settings.data_dir / "imports" / name / "songs.csv" for name in ("ended", "a job"))
    left.parent.mkdir(parents=True)
    left.write_text("of a worker that was killed")
    with hosting.host.upload(account_id).opened("a job", "songs.csv") as file:
        assert file == copy
        assert file.read_bytes() == content
        assert not left.exists()
        hosting.host.tidy()
        assert file.exists()
    assert not file.exists()
    with pytest.raises(DataFileError), hosting.host.upload(account_id).opened("another", "songs.csv"):
        pass
    board.ask_to_stop(account_id)
    assert rows_of(hosting, "uploads") == 0
    with pytest.raises(DataFileError), hosting.host.upload(account_id).opened("a job", "songs.csv"):
        pass


def test_a_file_makes_no_account_of_its_own_on_a_host(hosting: Hosting, tmp_path: Path) -> None:
    """Nobody could ever see or forget it: without the account's songs it is refused, and nothing is written."""
    file = tmp_path / "songs.csv"
    file.write_text(CSV)
    with hosting.host.application("ada") as app, pytest.raises(LibraryError, match="not read yet") as refusal:
        workflows.import_file(app, file)
    assert "sorted first" in refusal.value.hint
    assert rows_of(hosting, "accounts") == 0
