"""Plans for the pages: drafted once, and anew as soon as anything they are made from has changed."""

from collections.abc import Callable

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.workflows.services import Services

from .conftest import FAMILIES, PATIENCE_S, Site


@pytest.fixture
def drafted(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[Rules]:
    """The rules of each plan that is drafted, of a site whose library is read and sorted."""
    site.sort()
    site.server.workspace.ahead.stop()  # only what pages ask for counts here
    site.server.workspace.ahead.wait(PATIENCE_S)
    noted: list[Rules] = []
    draft = workflows.draft_plan

    def note(app: Services, rules: Rules) -> Plan:
        noted.append(rules)
        return draft(app, rules)

    monkeypatch.setattr(workflows, "draft_plan", note)
    return noted


def test_pages_of_the_same_rules_share_a_plan(site: Site, drafted: list[Rules]) -> None:
    """Genres, the preview and what a switch comes to read the songs once; other rules and back, once more."""
    genres = list(workflows.current_rules(site.server.workspace.app).genres)
    site.client.get("/preview")
    first = site.client.get("/genres").text
    site.client.get("/preview")
    assert site.client.get("/genres").text == first
    assert len(drafted) == 1
    site.client.put("/api/choice", json={"genres": genres[:2]})
    site.client.put("/api/choice", json={"genres": genres})
    site.client.get("/genres")
    assert [len(rules.genres) for rules in drafted] == [len(genres), 2]


def _say(site: Site, app: Application) -> None:
    workflows.correct(app, "gospel", workflows.targets_of(app, ["track3"], "song"))


def _pin(site: Site, app: Application) -> None:
    workflows.pin(app, workflows.targets_of(app, ["track3"], "song")[0], "gospel", is_in=True)


def _rename(site: Site, app: Application) -> None:
    workflows.change_genre(app, "jazz", name="Blue Notes")


def _write(site: Site, app: Application) -> None:
    site.run("/api/jobs/apply", site.order(FAMILIES[0]))


def _sync(site: Site, app: Application) -> None:
    site.sort()


@pytest.mark.parametrize("change", [_say, _pin, _rename, _write, _sync])
def test_a_change_is_seen_at_once(
    site: Site, drafted: list[Rules], change: Callable[[Site, Application], None]
) -> None:
    """Also one that another program makes at the same library: a word, a pin, a name, playlists, another reading."""
    workspace = site.server.workspace
    site.client.get("/genres")
    with Application(workspace.app.settings) as other:
        change(site, other)
    drafted.clear()
    site.client.get("/genres")
    rules = workflows.current_rules(workspace.app)
    assert drafted == [rules]
    assert workspace.drafts(workspace.app, rules) == workflows.draft_plan(workspace.app, rules)
