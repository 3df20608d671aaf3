"""Files that the people of a host import: each goes under the account of whoever sent it, or nowhere."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting

from cratewise import workflows
from cratewise.errors import LibraryError

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


def test_a_file_makes_no_account_of_its_own_on_a_host(hosting: Hosting, tmp_path: Path) -> None:
    """Nobody could ever see or forget it: without the account's songs it is refused, and nothing is written."""
    file = tmp_path / "songs.csv"
    file.write_text(CSV)
    with hosting.host.application("ada") as app, pytest.raises(LibraryError, match="not read yet") as refusal:
        workflows.import_file(app, file)
    assert "sorted first" in refusal.value.hint
    assert rows_of(hosting, "accounts") == 0
