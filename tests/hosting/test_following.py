"""What one process keeps of an account follows what is done at another."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.hosting.conftest import PATIENCE_S, Browser, Hosting

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    return browser


@pytest.fixture
def away(hosting: Hosting, browser: Browser) -> Browser:
    """The same session at another process; both know the account already, from before it was read."""
    away = hosting.browser(hosting.serve())
    away.client.cookies.update(browser.client.cookies)
    assert liked(away) == liked(browser)
    hosting.work()
    browser.sort()
    assert not has_key(browser)
    assert not has_key(away)
    return away


def has_key(browser: Browser) -> bool:
    """Whether the process shows that there is a key of Last.fm."""
    page = browser.client.get("/settings").text
    assert 'id="lastfm_key"' in page
    return "data-forget-key" in page


def liked(browser: Browser) -> int:
    """How many liked songs an account has that was not read yet."""
    found = re.search(r"([\d,]+) liked songs", browser.client.get("/").text)
    assert found
    return int(found[1].replace(",", ""))


def give_key(browser: Browser) -> None:
    """Gives the account a key of Last.fm."""
    assert browser.client.put("/api/sources", json={"lastfm_key": KEY}).json()["has_key"]


def comes_true(holds: Callable[[], bool]) -> bool:
    """Whether something holds before patience ends: the news takes a moment from process to process."""
    until_s = time.monotonic() + PATIENCE_S
    while not (held := holds()) and time.monotonic() < until_s:
        time.sleep(0.02)
    return held


def test_what_is_chosen_at_one_process_counts_at_the_other(browser: Browser, away: Browser) -> None:
    """Both ways."""
    give_key(browser)
    assert comes_true(lambda: has_key(away))
    away.client.put("/api/sources", json={"lastfm_key": ""})
    assert comes_true(lambda: not has_key(browser))


def test_what_was_forgotten_is_known_to_no_process(hosting: Hosting, browser: Browser, away: Browser) -> None:
    """Neither where it was done nor elsewhere; the key is not there for whoever logs in again, nor the first look."""
    give_key(browser)
    assert comes_true(lambda: has_key(away))
    assert browser.client.post("/api/forget").status_code == 200
    before = len(hosting.sandbox.store.account.saved)
    hosting.sandbox.store.change_account(lambda account: replace(account, saved=account.saved[50:]))
    browser.log_in()
    away.client.cookies.update(browser.client.cookies)
    assert liked(browser) == before - 50
    assert comes_true(lambda: liked(away) == before - 50)
    browser.sort()
    assert not has_key(browser)
    assert not has_key(away)


def test_nothing_kept_is_trusted_after_the_connection_to_hear_with_was_lost(
    hosting: Hosting, browser: Browser, away: Browser
) -> None:
    """What was told meanwhile is heard by nobody."""
    listeners = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"cratewise%%'"
    with hosting.host._database.noting() as connection:
        assert connection.exec_driver_sql(listeners).rowcount == 2
    give_key(browser)
    assert comes_true(lambda: has_key(away))
