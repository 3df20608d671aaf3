"""What an account has allowed is the account's: no login in another browser takes it away."""

import pytest
from tests.hosting.conftest import Browser, Hosting

from cratewise.spotify.sandbox.faults import too_many_requests
from cratewise.spotify.scopes import READING, SORTING


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in and may write."""
    browser = hosting.browser(hosting.serve())
    browser.log_in(writing=True)
    return browser


def allowed(hosting: Hosting) -> set[str]:
    """What the login that is kept allows."""
    account_id = hosting.sandbox.store.account.account_id
    tokens = hosting.host.spotify(account_id).logins.load(account_id)
    assert tokens is not None
    return set(tokens.scopes)


def test_a_login_for_reading_leaves_the_permission_to_write(hosting: Hosting, browser: Browser) -> None:
    """It is for a browser that nobody is logged in in, so that it asks for reading alone."""
    hosting.work()
    browser.sort()
    other = hosting.browser(hosting.serve())
    assert other.log_in().headers["location"] == "/"
    assert allowed(hosting) == set(SORTING)
    other.write()
    other.done()


@pytest.mark.parametrize("writing", [False, True], ids=["for reading", "for writing"])
def test_a_login_while_playlists_are_written_does_not_break_that(
    hosting: Hosting, browser: Browser, *, writing: bool
) -> None:
    """The worker goes on, whichever tokens are kept from then on."""
    hosting.work()
    browser.sort()
    other = hosting.browser(hosting.serve())
    hosting.sandbox.faults.add(*(too_many_requests(2, method="POST", path="/v1/playlists/") for _ in range(3)))
    browser.write()
    browser.until(lambda job: job["stage"] == "Writing playlists")  # its first call waits now, for six seconds
    assert other.log_in(writing=writing).headers["location"] == "/"
    assert (browser.job() or {})["status"] == "running"
    browser.done()


def test_a_permission_that_was_taken_back_at_spotify_is_gone(hosting: Hosting, browser: Browser) -> None:
    """The tokens that allowed more work no longer: those of the new login count."""
    hosting.sandbox.accounts.revoke_all()
    hosting.browser(str(browser.client.base_url)).log_in()
    assert allowed(hosting) == set(READING)
    assert browser.client.get("/").status_code == 200
