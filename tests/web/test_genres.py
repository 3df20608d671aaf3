"""What a person makes of genres on their page: names, mergings, hidden ones, the way back; and how they sound."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.playlists.plan import STAY, STAYS
from cratewise.tracks import AudioStatistics
from cratewise.web import workspace
from cratewise.web.view import LibraryView

from .conftest import FAMILIES, N_SONGS, UNSURE_EVERY, Site

FIRST, SECOND = FAMILIES[:2]
OF_FIRST = [number for number in range(0, N_SONGS, len(FAMILIES)) if number % UNSURE_EVERY]
RIGHT_TO_LEFT = "\u05d2'\u05d0\u05d6 <b>&amp;"


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A site whose library is read and sorted."""
    site.sort()
    return site


def change(site: Site, genre: str, **word: object) -> dict[str, object]:
    """What the page sends, and what comes back."""
    answer = site.client.put(f"/api/genres/{genre}", json=word)
    assert answer.status_code == 200, answer.text
    kept: dict[str, object] = answer.json()
    return kept


def page_of(site: Site, path: str = "/genres") -> str:
    """The HTML of a page."""
    answer = site.client.get(path)
    assert answer.status_code == 200, path
    return answer.text


def test_a_name_that_a_person_gave_is_shown_everywhere(sorted_site: Site) -> None:
    """On each page and in the plan, as text and apart from what stands around it; open pages hear of it."""
    before = sorted_site.client.get("/api/songs")
    kept = change(sorted_site, FIRST, name=RIGHT_TO_LEFT)
    assert kept["now"] == {"name": RIGHT_TO_LEFT, "merged_into": "", "hidden": False}
    assert kept["revision"] == sorted_site.client.get("/api/state").json()["revision"]
    after = sorted_site.client.get("/api/songs", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200, "the songs that a browser keeps have the old name"
    assert after.json()["genres"][FIRST] == RIGHT_TO_LEFT
    for path in ("/", "/genres", "/songs", "/review", "/map", "/preview"):
        page = page_of(sorted_site, path)
        assert RIGHT_TO_LEFT in unescape(page), path
        assert "<b>&amp;" not in page, path
    for path in ("/", "/genres", "/map"):
        assert "<bdi>\u05d2" in page_of(sorted_site, path), path
    names = [change["name"] for change in json_of_plan(sorted_site)]
    assert f"{RIGHT_TO_LEFT} · liked" in names
    assert change(sorted_site, FIRST, name="")["before"] == kept["now"]
    assert "\u05d2" not in page_of(sorted_site)


def json_of_plan(site: Site) -> list[dict[str, object]]:
    """The changes of the plan."""
    app = site.server.workspace.app
    return [{"name": one.name} for one in workflows.make_plan(app, workflows.current_rules(app)).changes]


def test_a_merged_genre_counts_as_another_until_it_is_separated(sorted_site: Site) -> None:
    """Card, count and playlist follow; what was before takes it back, to the song."""
    before = page_of(sorted_site)
    songs = sorted_site.client.get("/api/songs").json()
    kept = change(sorted_site, FIRST, merged_into=SECOND)
    page = page_of(sorted_site)
    assert f'data-family="{FIRST}"' not in page
    assert f'data-restore="{FIRST}"' in page
    assert {row[4] for row in sorted_site.client.get("/api/songs").json()["songs"]} == set(FAMILIES[1:])
    assert change(sorted_site, FIRST, **kept["before"])["now"] == kept["before"]  # type: ignore[arg-type]
    assert page_of(sorted_site) == before.replace(*revisions(before, page_of(sorted_site)))
    assert sorted_site.client.get("/api/songs").json() == songs


def revisions(*pages: str) -> list[str]:
    """The revision of each page."""
    return [re.findall(r'data-revision="(\w+)"', page)[0] for page in pages]


def test_the_songs_of_a_hidden_genre_are_found_by_it(sorted_site: Site) -> None:
    """It is in the list of genres that songs are filtered by, under a heading of its own."""
    assert 'label="Hidden"' not in sorted_site.client.get("/songs").text
    change(sorted_site, FIRST, hidden=True)
    page = sorted_site.client.get(f"/songs?family={FIRST}").text
    hidden = page.split('<optgroup label="Hidden">')[1].split("</optgroup>")[0]
    assert f'<option value="{FIRST}" selected>' in hidden
    assert page.count(f'value="{FIRST}"') == 1


def test_a_hidden_genre_is_listed_at_the_end_with_its_songs(sorted_site: Site) -> None:
    """It has no card and no playlist; even with every genre hidden, the page shows the way back."""
    change(sorted_site, FIRST, hidden=True)
    page = page_of(sorted_site)
    assert f'data-family="{FIRST}"' not in page
    gone = page.split('id="gone"')[1]
    assert f"hidden · {len(OF_FIRST)} songs" in gone
    assert FIRST not in {one.genre for one in workflows.make_plan(
        sorted_site.server.workspace.app, workflows.current_rules(sorted_site.server.workspace.app)
    ).changes}  # fmt: skip
    for slug in FAMILIES[1:]:
        change(sorted_site, slug, hidden=True)
    assert page_of(sorted_site).count("data-restore=") == len(FAMILIES)
    change(sorted_site, FIRST, hidden=False)
    assert f'data-family="{FIRST}"' in page_of(sorted_site)


def test_what_becomes_of_a_left_playlist_is_said_in_the_same_words(sorted_site: Site) -> None:
    """Where a genre is merged or hidden, and at the top of the preview: it stays, and what can be done with it."""
    assert STAYS not in text_of(sorted_site, "/preview")
    sorted_site.run("/api/jobs/apply", sorted_site.order())
    names = {head.name for head in sorted_site.account.heads.values()}
    (name,) = (one for one in names if one.startswith("Pop "))
    page = page_of(sorted_site)
    button = re.search(rf"data-more=\"{FIRST}\"[^>]+data-playlists='([^']*)'", page, re.DOTALL)
    assert button is not None
    assert json.loads(button[1]) == [name]
    assert page.count(f'<span data-stays-words="one" hidden>{STAYS}</span>') == 2, "in both dialogs"
    change(sorted_site, FIRST, merged_into=SECOND)
    for path in ("/genres", "/preview"):
        assert f"{name} {STAYS}" in text_of(sorted_site, path), path
    preview = page_of(sorted_site, "/preview")
    assert preview.index("left-playlists") < preview.index('class="changes"')
    assert preview.count("nothing goes in or out any more") == 1
    change(sorted_site, SECOND, hidden=True)
    other = next(one for one in names if one.startswith("Rock "))
    for path in ("/genres", "/preview"):
        text = text_of(sorted_site, path)
        assert f"{name} and {other} {STAY}" in text or f"{other} and {name} {STAY}" in text, path
    change(sorted_site, FIRST, merged_into="")
    change(sorted_site, SECOND, hidden=False)
    for path in ("/genres", "/preview"):
        assert "left-playlists" not in page_of(sorted_site, path), path
    sorted_site.client.put("/api/choice", json={"genres": FAMILIES[1:]})
    assert f"{name} {STAYS}" in text_of(sorted_site, "/preview"), "a genre that is only switched off"


def text_of(site: Site, path: str) -> str:
    """What a person reads on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page_of(site, path))).split())


@pytest.mark.parametrize(
    ("genre", "word", "status"),
    [
        ("no such genre", {"hidden": True}, 422),
        (FIRST, {"merged_into": "no such genre"}, 422),
        (FIRST, {"merged_into": FIRST}, 409),
        (FIRST, {"name": "two\nlines"}, 409),
        (FIRST, {"name": "\u202ekcoR"}, 409),
        (FIRST, {"name": "n" * 61}, 409),
        (FIRST, {"name": "n" * 201}, 422),
        (FIRST, {"name": "Classical"}, 409),
        (FIRST, {"hidden": "yes"}, 422),
        (FIRST, {"hiden": True}, 422),
    ],
    ids=json.dumps,
)
def test_what_cannot_be_made_of_a_genre_changes_nothing(
    sorted_site: Site, genre: str, word: dict[str, object], status: int
) -> None:
    """By the rules of the command line; and it says why."""
    refused = sorted_site.client.put(f"/api/genres/{genre}", json=word)
    assert refused.status_code == status
    assert refused.json()["error"]["message"]
    assert workflows.genre_changes(sorted_site.server.workspace.app) == ()


def test_two_genres_cannot_be_parts_of_each_other(sorted_site: Site) -> None:
    """The second merging is refused, and the first stays."""
    change(sorted_site, FIRST, merged_into=SECOND)
    refused = sorted_site.client.put(f"/api/genres/{SECOND}", json={"merged_into": FIRST})
    assert refused.status_code == 409
    assert "a part of itself" in refused.json()["error"]["message"]
    assert [one.genre for one in workflows.genre_changes(sorted_site.server.workspace.app)] == [FIRST]


def test_before_the_first_reading_no_genre_is_changed(site: Site) -> None:
    """There is nobody yet whose word it would be."""
    assert site.client.put(f"/api/genres/{FIRST}", json={"hidden": True}).status_code == 409


def test_a_card_shows_what_its_songs_sound_like(site: Site) -> None:
    """The means of what is known, with how many songs that is; no card has a place for it where nothing is known."""
    songs = site.account.songs
    for number, energy in ((OF_FIRST[0], 0.2), (OF_FIRST[1], 0.6)):
        known = AudioStatistics(energy=energy, tempo_bpm=100.0)
        songs[number] = replace(songs[number], track=replace(songs[number].track, statistics=known))
    site.sort()
    page = page_of(site)
    sounds = re.findall(r'class="sound" role="img" aria-label="([^"]+)"', page)
    assert sounds == [f"Sound: energy 40%, 100 beats a minute, known of 2 of {len(OF_FIRST)} songs"]
    assert '<rect y="60" width="1" height="40"/>' in page
    assert f"Known of 2 of {len(OF_FIRST)} songs" in page


def test_a_change_while_the_library_is_read_is_seen_by_the_next_look(
    sorted_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before it is not kept."""
    work = sorted_site.server.workspace
    work.library_changed()

    def slow(app: Application) -> LibraryView:
        view = LibraryView(app)
        monkeypatch.setattr(workspace, "LibraryView", LibraryView)
        workflows.change_genre(app, FIRST, name="Mine")
        work.library_changed()
        return view

    monkeypatch.setattr(workspace, "LibraryView", slow)
    before = work.library.revision
    assert work.library.revision == LibraryView(work.app).revision != before
