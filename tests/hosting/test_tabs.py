"""What a host's person sees in the browser when they were logged out elsewhere."""

from typing import TYPE_CHECKING

from tests.e2e.conftest import PATIENCE_S, browser  # noqa: F401 - a fixture
from tests.hosting.conftest import Hosting

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_an_open_tab_goes_to_the_way_in_once_its_account_is_logged_out(
    hosting: Hosting,
    browser: "Browser",  # noqa: F811
) -> None:
    """It shows no song any more, and after the next login it is back where it was."""
    person = hosting.browser(hosting.serve())
    person.log_in()
    url = hosting.serve()
    context = browser.new_context()
    context.add_cookies([{"name": "account", "value": person.client.cookies["account"], "url": url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    with page.expect_request("**/api/events"):
        page.goto(f"{url}/settings")
    person.client.post("/api/logout")
    page.wait_for_url("**/connect?back=%2Fsettings")
    context.close()
