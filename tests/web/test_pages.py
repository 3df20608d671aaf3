import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from cratewise import workflows
from cratewise.errors import SpotifyError
from cratewise.settings import Settings
from cratewise.web.rendering import told
from cratewise.workflows.account import Budget

from .conftest import FAMILIES, HOSTILE_TITLE, N_SONGS, PATIENCE_S, UNKNOWN, UNSURE_EVERY, Site, StandInAccount

N_UNSURE = len(range(0, N_SONGS, UNSURE_EVERY))
PAGES = ("/", "/genres", "/songs", "/preview", "/history")


def text_of(site: Site, path: str) -> str:
    """The HTML of a page."""
    answer = site.client.get(path)
    assert answer.status_code == 200, path
    return answer.text


def words_of(page: str) -> str:
    """What a person reads of it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A server whose library is sorted."""
    site.sort()
    return site


def test_before_the_first_sorting_the_account_is_shown(site: Site) -> None:
    """A newcomer sees whose songs there are, how many, and one button."""
    page = text_of(site, "/")
    words = words_of(page)
    assert f"{N_SONGS} liked songs, waiting to be sorted" in words
    assert "Sandbox account" in words
    assert page.count('data-action="') == 1
    for path in PAGES[1:4]:
        assert "not sorted yet" in words_of(text_of(site, path))


def test_an_account_that_cannot_be_reached_is_no_missing_login(serve_site: Callable[..., Site]) -> None:
    """The page says what happened and what to do, and its one button tries again."""

    def refuse(settings: Settings) -> StandInAccount:
        raise SpotifyError("the connection broke", hint="Check it.")

    page = text_of(serve_site(refuse), "/")
    words = words_of(page)
    assert "The connection broke Check it. Try again" in words
    assert "dashboard" not in words


def test_the_overview_counts_songs_and_genres(sorted_site: Site) -> None:
    """The headline, every genre with its count, and how many songs are unsure."""
    words = words_of(text_of(sorted_site, "/"))
    assert f"{N_SONGS - N_UNSURE} songs, sorted into {len(FAMILIES)} genres" in words
    assert f"unsure {N_UNSURE - len(UNKNOWN)}" in words
    assert f"unknown {len(UNKNOWN)}" in words
    assert "Choose playlists" in words


def test_the_numbers_of_the_overview_add_up(site: Site) -> None:
    """What is liked is said to be in a genre, unsure, unknown or left aside, and that is all of it."""
    site.account.local_files = 2
    site.sort()
    words = words_of(text_of(site, "/"))
    said = re.search(r"Of (\d+) liked: (.*?episodes)\)\s*\.", words)
    assert said, words
    assert int(said.group(1)) == N_SONGS + 2
    assert sum(int(number) for number in re.findall(r"\d+", said.group(2))) == N_SONGS + 2
    assert "2 left aside (local files or episodes" in said.group(2)
    left_out = words_of(text_of(site, "/preview")).split("Left out, and why")[1]
    assert "2 liked local files or episodes, which no playlist here can hold" in left_out


def test_an_empty_account_is_no_riddle(site: Site) -> None:
    """Without liked songs it says so, before the first reading and after it, and offers to look again."""
    site.account.songs.clear()
    for _ in range(2):
        words = words_of(text_of(site, "/"))
        assert "No liked songs yet" in words
        assert "Look again" in words
        site.sort()


def test_every_genre_has_a_switch_that_is_on(sorted_site: Site) -> None:
    """The default needs no choice: each family with enough songs gets a playlist."""
    page = text_of(sorted_site, "/genres")
    switches = re.findall(r'name="genre" value="([^"]+)"[^>]*?( checked)?>', page)
    assert {slug for slug, checked in switches if checked} == set(FAMILIES)
    only = text_of(sorted_site, f"/genres?genre={FAMILIES[2]}")
    assert re.findall(r'value="([^"]+)"[^>]*? checked>', only) == [FAMILIES[2]]


def test_the_preview_shows_each_change_and_what_is_left_out(sorted_site: Site) -> None:
    """Playlists with their songs and reasons, and the numbers of the songs that go nowhere."""
    words = words_of(text_of(sorted_site, "/preview"))
    assert f"{len(FAMILIES)} playlists" in words
    assert "The artist is known for it." in words
    assert f"{N_UNSURE} songs whose genre it is not sure enough of" in words
    assert not sorted_site.account.heads


def test_after_writing_the_playlists_are_linked(sorted_site: Site) -> None:
    """The run's page links each playlist, the overview too, and the next preview is empty."""
    order = sorted_site.order(FAMILIES[0])
    sorted_site.run("/api/jobs/apply", order)
    for path in ("/history/1", "/"):
        assert 'href="https://open.spotify.com/playlist/playlist-0"' in text_of(sorted_site, path)
    sorted_site.sort()
    assert "Everything is as it should be" in text_of(sorted_site, "/preview")
    assert "1 playlist" in words_of(text_of(sorted_site, "/history"))


def test_the_overview_tells_what_is_new_since_playlists_were_written(sorted_site: Site) -> None:
    """Nothing before there are any; then how many songs were liked since, and where to see what they change."""
    assert "since you wrote playlists" not in sorted_site.client.get("/").text
    assert sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))["status"] == "done"
    assert "Nothing new since you wrote playlists." in sorted_site.client.get("/").text
    newest = sorted_site.account.songs[0]
    liked_at = datetime.now(UTC) + timedelta(seconds=1)
    track = replace(newest.track, track_id="track9001", title="Just liked")
    sorted_site.account.songs.insert(0, replace(newest, track=track, uri="spotify:track:track9001", added_at=liked_at))
    del sorted_site.account.songs[50]
    job = sorted_site.run("/api/jobs/sort")
    assert job["result"] == {"next": "/", "told": ["1 new song, 1 no longer liked."]}
    page = sorted_site.client.get("/").text
    assert '<span class="number">1</span> new since you wrote playlists' in page
    assert page.count("Just liked") == 1
    assert '<a href="/preview">See what they change</a>' in page
    assert sorted_site.run("/api/jobs/sort")["result"] == {"next": "/", "told": ["Nothing new."]}


def test_songs_that_a_stopped_sort_left_are_told_once_they_are_sorted(site: Site) -> None:
    """Nothing is new in the account then, but much was done."""
    workflows.sync_library(site.server.workspace.app)
    result = site.run("/api/jobs/sort")["result"]
    assert result == {"next": "/", "told": [f"{len(site.account.songs)} songs sorted."]}
    assert site.run("/api/jobs/sort")["result"] == {"next": "/", "told": ["Nothing new."]}


def test_settings_tells_of_a_job_where_its_button_is(sorted_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """That it was stopped or failed stands there, and not at the top of a long page."""

    def refused(*_: object) -> None:
        raise SpotifyError("Nobody answered.", hint="Later.")

    monkeypatch.setattr(sorted_site.account, "own_playlists", refused)
    monkeypatch.setattr(sorted_site.server.workspace.app, "online_sources", refused)
    for path, begin, end in (
        ("/api/jobs/playlists", ">Read my playlists<", 'for="least_confidence"'),
        ("/api/jobs/enrich", 'id="sources"', 'id="upkeep"'),
    ):
        assert sorted_site.run(path)["status"] == "failed"
        page = sorted_site.client.get("/settings").text
        assert page.count("Nobody answered.") == 1
        assert page.index(begin) < page.index("Nobody answered.") < page.index(end), path


def test_a_reload_in_the_middle_shows_the_running_job(site: Site) -> None:
    """Whoever opens a page while a job runs sees how far it is."""
    text_of(site, "/")
    site.account.hold()
    site.client.post("/api/jobs/sort")
    assert site.account.reached.wait(PATIENCE_S)
    for path in ("/", "/history"):
        page = text_of(site, path)
        assert re.search(r'data-job="\w+" aria-label="Work under way"\s+data-job-id="\w+"', page), path


def test_a_job_is_shown_once(sorted_site: Site) -> None:
    """A page whose panel shows the job has no dock beside it, whatever kind of job it is."""
    sorted_site.account.hold()
    sorted_site.client.post("/api/jobs/sort")
    assert sorted_site.account.reached.wait(PATIENCE_S)
    for path in ("/", "/genres", "/preview", "/songs", "/history"):
        assert text_of(sorted_site, path).count('aria-label="Work under way"') == 1, path


def test_a_reload_while_sorting_says_so(site: Site) -> None:
    """The heading says what is going on, and no longer that the songs are waiting."""
    text_of(site, "/")
    site.account.hold()
    site.client.post("/api/jobs/sort")
    assert site.account.reached.wait(PATIENCE_S)
    heading = re.search(r"<h1.*?</h1>", text_of(site, "/"), re.DOTALL)
    assert heading
    shown = words_of(re.sub(r"<span[^>]* hidden>.*?</span>", "", heading.group(0)))
    assert shown == f"Sorting your {N_SONGS} liked songs"


def test_a_reload_while_writing_shows_the_run(sorted_site: Site) -> None:
    """The preview of a plan that is being written leads to that run, which is not called stopped."""
    order = sorted_site.order()
    sorted_site.account.hold()
    sorted_site.client.post("/api/jobs/apply", json=order)
    assert sorted_site.account.reached.wait(PATIENCE_S)
    answer = sorted_site.client.get("/preview", follow_redirects=True)
    assert answer.url.path == "/history/1"
    assert "Writing your playlists" in answer.text
    assert "Stopped on the way" not in answer.text


def test_a_stopped_run_can_go_on(sorted_site: Site) -> None:
    """The overview and the run's page say that it was stopped, and going on completes it."""
    order = sorted_site.order()
    sorted_site.account.hold()
    sorted_site.client.post("/api/jobs/apply", json=order)
    assert sorted_site.account.reached.wait(PATIENCE_S)
    sorted_site.client.post("/api/jobs/stop")
    sorted_site.account.gate.set()
    assert sorted_site.server.workspace.jobs.wait(PATIENCE_S)
    assert "stopped on the way" in text_of(sorted_site, "/")
    assert "/api/jobs/resume" in text_of(sorted_site, "/history/1")
    assert sorted_site.run("/api/jobs/resume")["result"] == {"next": "/history/1"}
    assert len(sorted_site.account.heads) == len(FAMILIES)


def test_the_history_tells_what_is_under_way_from_what_was_stopped(sorted_site: Site) -> None:
    """A run being written is called so, and not stopped; one that was stopped is."""
    order = sorted_site.order()
    sorted_site.account.hold()
    sorted_site.client.post("/api/jobs/apply", json=order)
    assert sorted_site.account.reached.wait(PATIENCE_S)
    assert "being written" in words_of(text_of(sorted_site, "/history"))
    sorted_site.client.post("/api/jobs/stop")
    sorted_site.account.gate.set()
    assert sorted_site.server.workspace.jobs.wait(PATIENCE_S)
    assert re.search(r'class="tag">stopped<', text_of(sorted_site, "/history"))


def test_a_stopped_undo_goes_on_taking_back(sorted_site: Site) -> None:
    """The run's page and the overview say that taking back was stopped, and offer only to go on with that."""
    sorted_site.run("/api/jobs/apply", sorted_site.order())
    sorted_site.account.hold()
    sorted_site.client.post("/api/jobs/undo", json={"run_id": 1})
    assert sorted_site.account.reached.wait(PATIENCE_S)
    sorted_site.client.post("/api/jobs/stop")
    sorted_site.account.gate.set()
    assert sorted_site.server.workspace.jobs.wait(PATIENCE_S)
    page = text_of(sorted_site, "/history/1")
    assert f"Taking back was stopped: 1 of {len(FAMILIES)} playlists taken back" in words_of(page)
    assert re.findall(r'data-action="([^"]+)"', page) == ["/api/jobs/undo"]
    assert 'data-open="undo"' not in page
    overview = words_of(text_of(sorted_site, "/"))
    assert "Taking your playlists back was stopped on the way." in overview
    assert "Writing your playlists was stopped" not in overview
    assert sorted_site.run("/api/jobs/undo", {"run_id": 1})["status"] == "done"
    assert not sorted_site.account.heads


def test_a_playlist_changed_by_hand_is_read_again(sorted_site: Site) -> None:
    """When the account is not as it was read, the preview offers to read it, comes back, and can be written."""
    sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))
    sorted_site.account.songs.pop(6)
    sorted_site.sort()
    order = sorted_site.order(FAMILIES[0])
    sorted_site.account.add("playlist-0", ["spotify:track:mine"])
    kept = list(sorted_site.account.entries["playlist-0"])
    assert sorted_site.run("/api/jobs/apply", order)["status"] == "failed"
    assert sorted_site.account.entries["playlist-0"] == kept
    path = f"/preview?genre={FAMILIES[0]}"
    page = text_of(sorted_site, path)
    assert "was changed since" in words_of(page)
    actions = re.findall(r"data-action=\"([^\"]+)\"(?: data-body='([^']+)')?", page)
    assert [action for action, _ in actions] == ["/api/jobs/sort"]
    assert re.search(r'class="button primary large">.*Read the account again', page)
    assert "was changed since" not in text_of(sorted_site, "/history/1")
    assert sorted_site.run("/api/jobs/sort", json.loads(actions[0][1]))["result"] == {"next": path}
    assert "was changed since" not in text_of(sorted_site, path)
    assert sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))["status"] == "done"
    assert "spotify:track:mine" in sorted_site.account.entries["playlist-0"]


def test_a_run_tells_only_of_its_own_jobs(sorted_site: Site) -> None:
    """While a newer run is taken back, the page of an older one is as ever; what failed there is not told here."""
    for genre in FAMILIES[:2]:
        sorted_site.run("/api/jobs/apply", sorted_site.order(genre))
        sorted_site.sort()
    sorted_site.account.hold()
    sorted_site.account.trouble = SpotifyError("Spotify is asleep.", hint="Try again in an hour.")
    sorted_site.client.post("/api/jobs/undo", json={"run_id": 2})
    assert sorted_site.account.reached.wait(PATIENCE_S)
    assert "<h1>Taking them back" in text_of(sorted_site, "/history/2")
    assert "<h1>1 playlist is in your account" in text_of(sorted_site, "/history/1")
    sorted_site.account.gate.set()
    assert sorted_site.server.workspace.jobs.wait(PATIENCE_S)
    assert "Spotify is asleep." in text_of(sorted_site, "/history/2")
    assert "Spotify is asleep." not in text_of(sorted_site, "/history/1")


def test_once_the_newest_run_is_undone_the_one_before_leads_to_the_account(sorted_site: Site) -> None:
    """Only the run that the account shows has the way there, and a run that is taken back no longer counts."""
    ways = {"Open the account", "Back to the overview"}
    for genre in FAMILIES[:2]:
        sorted_site.run("/api/jobs/apply", sorted_site.order(genre))
        sorted_site.sort()
    assert not any(way in words_of(text_of(sorted_site, "/history/1")) for way in ways)
    assert all(way in words_of(text_of(sorted_site, "/history/2")) for way in ways)
    sorted_site.run("/api/jobs/undo", {"run_id": 2})
    assert all(way in words_of(text_of(sorted_site, "/history/1")) for way in ways)


def test_a_wrong_address_gets_a_page(site: Site) -> None:
    """Lost people are led back."""
    for path in ("/nowhere", "/history/7", "/history/x", "/covers/no-such-genre/0.svg"):
        answer = site.client.get(path)
        assert answer.status_code in {404, 422}
        assert 'href="/"' in answer.text
        assert "/api/" not in words_of(answer.text)


def test_titles_are_text(sorted_site: Site) -> None:
    """Markup in a title is escaped, and a right-to-left trick stays inside its own element."""
    page = text_of(sorted_site, "/preview")
    assert HOSTILE_TITLE not in page
    assert re.search(r"<bdi>&lt;img src=x[^<]*</bdi>", page)
    assert "<b>Listener</b>" not in text_of(sorted_site, "/")


def test_nothing_is_inline(sorted_site: Site) -> None:
    """No page holds what the policy forbids: inline scripts, styles or handlers, or other servers' files."""
    for path in PAGES:
        page = " ".join(re.findall(r"<[^>]+>", text_of(sorted_site, path)))
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page), path
        loaded = re.findall(r'<(?!a |link rel="expect" href="#)[^>]*\s(?:src|href)="([^"]*)"', page)
        assert loaded
        assert all(re.match(r"/(?!/)", address) for address in loaded), path


def test_pages_can_be_told_apart_by_ear(sorted_site: Site) -> None:
    """Each page has a title of its own, one main part and one first heading."""
    titles = set()
    for path in PAGES:
        page = text_of(sorted_site, path)
        titles.add(re.search("<title>(.*)</title>", page))
        assert page.count("<main") == page.count("<h1") == 1, path
    assert len({title.group(1) for title in titles if title}) == len(PAGES)


def test_static_files_are_kept_for_good(site: Site) -> None:
    """Their address carries their version, so the browser asks once; all of them are there."""
    page = text_of(site, "/")
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    assert len(addresses) >= 6
    for address in addresses:
        answer = site.client.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
    assert site.client.get("/static/0/css/base.css").status_code == 404
    assert ".g-rock { --genre: #" in site.client.get("/genres.css").text


def test_a_quota_stop_stands_on_every_page(sorted_site: Site) -> None:
    """With the time it ends, as the clock on the wall has it, also right after a start."""
    until = datetime.now(UTC) + timedelta(hours=5)
    sorted_site.account.calls = Budget(used=1144, limit=1000, stopped_until=until)
    for path in PAGES:
        words = words_of(text_of(sorted_site, path))
        assert f"Spotify takes no calls from your app until {until.astimezone():%a %d %b, %H:%M}" in words
    sorted_site.account.calls = Budget(used=1144, limit=1000)
    assert "takes no calls" not in text_of(sorted_site, "/")


def test_writing_that_spotify_may_stop_is_warned_of(sorted_site: Site) -> None:
    """The preview says what it costs and what was used, where that is more than is likely to be taken."""
    assert "calls to Spotify" not in text_of(sorted_site, "/preview")
    sorted_site.account.calls = Budget(used=999, limit=1000)
    words = words_of(text_of(sorted_site, "/preview"))
    assert re.search(r"This takes about \d+ calls to Spotify, and 999 were made in the last 24 hours", words)


def test_a_run_that_is_gone_on_with_or_taken_back_is_warned_of(sorted_site: Site) -> None:
    """Where its button is; not on a run that cannot be undone any more."""
    sorted_site.run("/api/jobs/apply", sorted_site.order())
    assert "calls to Spotify" not in text_of(sorted_site, "/history/1")
    sorted_site.account.calls = Budget(used=999, limit=1000)
    assert re.search(r"This takes about \d+ calls to Spotify", words_of(text_of(sorted_site, "/history/1")))


def test_the_first_reading_of_many_songs_is_warned_of(site: Site) -> None:
    """Before it begins."""
    site.account.calls = Budget(used=995, limit=1000)
    calls = -(-N_SONGS // 50) + 1
    assert f"This takes about {calls} calls to Spotify, and 995 were made" in words_of(text_of(site, "/"))


def test_messages_show_commands_and_the_dashboard_as_what_they_are() -> None:
    """And nothing else in them counts as markup."""
    address = "developer.spotify.com/dashboard"
    shown = told(f"Run `cratewise login` <b>now</b>: https://{address}.")
    link = f'<a href="https://{address}" target="_blank" rel="noreferrer">{address}</a>'
    assert shown == f"Run <code>cratewise login</code> &lt;b&gt;now&lt;/b&gt;: {link}."


def test_a_few_unsure_songs_leave_no_hundred_percent(site: Site) -> None:
    """The overview says 100 % where it stands by every genre, and nowhere else."""
    site.sort()
    songs = [one["id"] for one in site.client.get("/api/review?limit=200").json()["songs"]]
    site.client.post("/api/corrections", json={"songs": songs[1:], "genre": FAMILIES[0]})
    assert '<span class="figure number">99%</span>' in site.client.get("/").text
    site.client.post("/api/corrections", json={"songs": songs[:1], "genre": FAMILIES[0]})
    assert '<span class="figure number">100%</span>' in site.client.get("/").text
