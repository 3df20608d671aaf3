"""The rules: shown as they are kept, kept as a whole or not at all, and planned by."""

import json
from html import unescape

import pytest

from cratewise import workflows
from cratewise.playlists.account import PlaylistHead

from .conftest import FAMILIES, Site

RULES = {
    "least_confidence": 0.5,
    "least_songs": 3,
    "several_above": 0.35,
    "only": ["year  before 2030", "year is 2000", "year = 2000"],
    "without": ["artist is Artist 7"],
    "sources": [],
    "order": "artist",
    "name_template": "My {genre} <b>",
    "description_template": "{count} songs",
    "covers": False,
    "public": True,
    "keep_unliked": True,
    "remake_deleted": True,
}


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A site whose library is read and sorted."""
    site.sort()
    return site


def test_rules_are_kept_and_shown(sorted_site: Site) -> None:
    """Conditions spelled in one way, each once; markup as text; what they come to is said; the genres stay."""
    app = sorted_site.server.workspace.app
    genres = workflows.current_rules(app).genres
    answer = sorted_site.client.put("/api/rules", json=RULES)
    assert answer.status_code == 200
    assert answer.json()["songs"] == 0, "no song of the stand-in has a year"
    kept = workflows.current_rules(app)
    assert (kept.only, kept.without) == (("year < 2030", "year = 2000"), ("artist = Artist 7",))
    assert kept.genres == genres
    page = sorted_site.client.get("/settings").text
    assert "My {genre} <b>" not in page
    shown = unescape(page)
    for said in (
        'value="My {genre} <b>"',
        "year < 2030\nyear = 2000",
        'value="0.35" selected',
        'value="artist" selected',
    ):
        assert said in shown
    form = page.split('<form id="rules"')[1].split("</form>")[0]
    assert form.count(" checked") == 4  # three switches, and the liked songs
    assert sorted_site.client.put("/api/rules", json=RULES | {"only": [], "without": []}).json()["songs"] > 0
    assert "My " in sorted_site.client.get("/preview").text


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"only": ["mood = happy"]}, 409),
        ({"without": ["energy"]}, 409),
        ({"name_template": "{mood}"}, 409),
        ({"name_template": " "}, 409),
        ({"name_template": "the {count} I like"}, 409),
        ({"name_template": "{genre\u202e}"}, 409),
        ({"least_songs": 0}, 422),
        ({"least_confidence": 2}, 422),
        ({"several_above": 0.01}, 422),
        ({"order": "random"}, 422),
        ({"covers": "yes"}, 422),
        ({"only": ["explicit"] * 21}, 422),
        ({"sources": ["nobody"]}, 409),
    ],
    ids=json.dumps,
)
def test_what_cannot_be_kept_changes_nothing(sorted_site: Site, wrong: dict[str, object], status: int) -> None:
    """The reason is said, and everything stays as it was."""
    before = workflows.current_rules(sorted_site.server.workspace.app)
    refused = sorted_site.client.put("/api/rules", json=RULES | wrong)
    assert refused.status_code == status
    assert refused.json()["error"]["message"]
    assert workflows.current_rules(sorted_site.server.workspace.app) == before


def test_before_the_first_reading_there_are_no_rules(site: Site) -> None:
    """The page leads to the start."""
    assert "Your songs are not sorted yet" in site.client.get("/settings").text
    assert site.client.put("/api/rules", json=RULES).status_code == 409


def test_own_playlists_are_read_and_become_sources(sorted_site: Site) -> None:
    """Those that were not read can't be chosen; what a source holds counts from then on."""
    account = sorted_site.account
    account.heads["mine"] = PlaylistHead("mine", "Mine <b>", "", "1", 2, "")
    account.entries["mine"] = ["spotify:track:track3", "spotify:track:elsewhere"]
    assert sorted_site.run("/api/jobs/playlists")["result"] == {"next": "/settings"}
    page = sorted_site.client.get("/settings").text
    assert "Mine &lt;b&gt;" in page
    assert 'value="mine" checked' not in page
    assert sorted_site.client.put("/api/rules", json=RULES | {"sources": ["mine", "mine"]}).status_code == 200
    assert workflows.current_rules(sorted_site.server.workspace.app).sources == ("mine",)
    assert 'value="mine" checked' in sorted_site.client.get("/settings").text


def test_what_undo_would_do_is_told_before(sorted_site: Site) -> None:
    """Song by song nothing is written; another run than the newest is refused."""
    sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))
    name = sorted_site.account.heads["playlist-0"].name
    said = sorted_site.client.get("/api/history/1/undo").json()
    assert said == {"deleted": [name], "restored": [], "kept": []}
    sorted_site.account.add("playlist-0", ["spotify:track:theirs"])
    kept = sorted_site.client.get("/api/history/1/undo").json()["kept"]
    assert kept == [f"{name}: it stays, with what you put in (1 entry)."]
    assert len(sorted_site.account.heads) == 1
    assert sorted_site.client.get("/api/history/9/undo").status_code == 409
