"""The pages from beyond this machine, in a browser: the passphrase first, then the page that was asked for."""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from cratewise.app import Application
from cratewise.demo import running_demo
from cratewise.settings import load_settings
from cratewise.web.passphrase import Passphrase
from cratewise.web.server import WebServer, listen

from .conftest import PATIENCE_S
from .test_axe import SCREENS, THEMES, nothing, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SECRET = "correct horse"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo's pages that ask for a passphrase."""
    folder = tmp_path_factory.mktemp("passphrase")
    with running_demo(load_settings(data_dir=folder)) as demo, listen("127.0.0.1", 0) as listening:
        settings = demo.app.settings.model_copy(update={"host": "0.0.0.0"})  # noqa: S104 (it listens on loopback)
        Passphrase(settings.data_dir).choose(SECRET)
        with Application.open(settings) as app:
            server = WebServer(app)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.stop()
            thread.join(PATIENCE_S)


def test_the_passphrase_leads_to_the_page_that_was_asked_for(browser: "Browser", url: str) -> None:
    """By keyboard; a wrong one is said beside the field, which is ready for the next."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(f"{url}/connect?writing=true")
    assert page.get_by_label("Passphrase").evaluate("field => field === document.activeElement")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("That is not the passphrase.").wait_for()
    page.keyboard.type(SECRET)  # the wrong one is selected
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/connect?writing=true")
    page.goto(url)
    page.get_by_role("button", name="Sort my songs").wait_for()
    context.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_the_way_in(
    browser: "Browser", url: str, screen: str, theme: Literal["dark", "light"]
) -> None:
    """In both themes, on a laptop and a phone."""
    assert violations(browser, f"{url}/enter", nothing, SCREENS[screen], theme) == []
