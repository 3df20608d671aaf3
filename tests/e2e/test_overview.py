"""The overview, and the frame around every page."""

import pytest

from .conftest import Site, Visitor
from .test_first_sort import PHONE, apply, sort

pytestmark = pytest.mark.browser


def test_the_account_can_be_reached_from_a_phone(visitor: Visitor, site: Site) -> None:
    """The link that stands in the side bar of a wide screen stands at the top of a narrow one."""
    page = visitor.page
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Sandbox account").click()
    page.wait_for_url(f"{site.account_url}**")


def test_the_overview_lists_the_largest_playlists(visitor: Visitor, site: Site) -> None:
    """Eight of them, largest first; the others unfold."""
    sort(visitor)
    apply(visitor)
    page = visitor.page
    page.goto(site.url)
    names = page.locator(".link-list .pill")
    shown = [one for one in names.all() if one.is_visible()]
    assert len(shown) == 8
    more = names.count() - 8
    assert more > 0
    page.get_by_text(f"and {more} more").click()
    assert names.last.is_visible()
    sizes = [int(text) for text in page.locator(".link-list .number").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
