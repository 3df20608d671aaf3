"""What Spotify counts for the app of a host: calls and waits are those of all its processes together."""

import time

import pytest
from tests.hosting.conftest import Browser, Hosting

from cratewise.hosting.calls import SharedHold
from cratewise.hosting.host import Host
from cratewise.spotify.budget import DAY_S
from cratewise.spotify.errors import QuotaExceeded
from cratewise.spotify.sandbox.faults import too_many_requests


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    return browser


def test_a_quota_stop_of_one_process_stops_all(hosting: Hosting, browser: Browser) -> None:
    """Until it ends nothing is sent for anybody, and nobody is sent to log in."""
    hosting.work()
    hosting.sandbox.faults.add(too_many_requests(7200, reason="QUOTA_EXCEEDED", path="/v1/me/tracks"))
    browser.client.post("/api/jobs/sort")
    assert browser.ended()["status"] == "failed"
    calls = hosting.sandbox.traffic.calls.total()
    with Host(hosting.settings) as elsewhere, elsewhere.application("somebody else") as app:
        with pytest.raises(QuotaExceeded):
            app.account.check_quota()
        assert app.account.budget().stopped_until is not None
    assert "error" in browser.client.post("/api/login", json={}).json()
    assert hosting.sandbox.traffic.calls.total() == calls


def test_a_wait_that_one_process_was_asked_for_holds_for_all(hosting: Hosting, browser: Browser) -> None:
    """Another process sends nothing before it is over."""
    hosting.work()
    hosting.sandbox.faults.add(too_many_requests(3, path="/v1/me/tracks"))
    browser.client.post("/api/jobs/sort")
    hold = SharedHold(hosting.host.own)
    browser.until(lambda _job: hold.ends_at_s() > time.time())
    other = hosting.browser(hosting.serve())
    other.client.cookies.update(browser.client.cookies)
    other.client.get("/")  # asks the account, which was not read yet
    browser.done()
    assert hosting.sandbox.traffic.early_calls == []


def test_a_longer_wait_is_not_cut_short(hosting: Hosting) -> None:
    """Whoever says it; what cannot be understood is no wait."""
    hold = SharedHold(hosting.host.own)
    assert hold.ends_at_s() == 0
    hold.extend(100.0)
    hold.extend(50.0)
    assert SharedHold(hosting.host.own).ends_at_s() == 100.0
    hosting.host.own.write("spotify-wait.json", b"rubbish")
    assert hold.ends_at_s() == 0


def test_calls_are_counted_for_all_accounts_together(hosting: Hosting, browser: Browser) -> None:
    """For a day; what is older is forgotten."""
    before = hosting.host.calls_today()
    assert before > 0
    hosting.work()
    browser.sort()
    assert hosting.host.calls_today() > before
    tomorrow_s = hosting.host.now().timestamp() + DAY_S + 1
    assert hosting.host.calls.count(tomorrow_s) == 0
    hosting.host.calls.drop_old(tomorrow_s)
    assert hosting.host.calls_today() == 0
