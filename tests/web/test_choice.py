import re
import threading
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from cratewise import workflows
from cratewise.playlists.plan import STAYS
from cratewise.workflows import ApplyResult

from .conftest import FAMILIES, N_SONGS, PATIENCE_S, UNSURE_EVERY, Site

SURE = [number for number in range(N_SONGS) if number % UNSURE_EVERY]


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A sorted library in which one song is liked twice; one is no longer played, as everywhere here."""
    songs = site.account.songs
    twin = songs[1].track
    number = 1 + len(FAMILIES)
    songs[number] = replace(songs[number], track=replace(songs[number].track, title=twin.title, artists=twin.artists))
    site.sort()
    return site


def page_of(site: Site, path: str) -> str:
    """What a person reads on a page."""
    answer = site.client.get(path)
    assert answer.status_code == 200, path
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def chosen_on(site: Site, path: str = "/genres") -> set[str]:
    """Genres whose switch is on."""
    return set(re.findall(r'value="([^"]+)"[^>]*? checked>', site.client.get(path).text))


def choose(site: Site, *genres: str) -> dict[str, object]:
    """Moves the switches."""
    answer = site.client.put("/api/choice", json={"genres": genres})
    assert answer.status_code == 200, answer.text
    words: dict[str, object] = answer.json()
    return words


def test_the_cards_and_the_sum_are_the_plan(sorted_site: Site) -> None:
    """Page, choice, preview and playlists name one number of songs, and a card says what makes it differ."""
    page = page_of(sorted_site, "/genres")
    words = choose(sorted_site, *FAMILIES)
    assert words["songs"] == len(SURE) - 2
    assert f"{len(FAMILIES)} playlists with {words['songs']} songs" in page
    assert f"+{words['songs']} songs" in page_of(sorted_site, "/preview")
    sorted_site.run("/api/jobs/apply", sorted_site.order())
    written = {head.name: len(sorted_site.account.entries[key]) for key, head in sorted_site.account.heads.items()}
    assert sum(written.values()) == words["songs"]
    for number, note in ((1, "1 of them twice"), (5, "1 no longer on Spotify")):
        slug = FAMILIES[number]
        genre = words["genres"][slug]  # type: ignore[index]
        liked = sum(1 for song in SURE if song % len(FAMILIES) == number)
        assert genre == {"songs": liked - 1, "what": "songs", "note": f"{liked} liked: {note}"}
        assert genre["songs"] in written.values()
        assert f"{liked - 1} songs" in page
        assert genre["note"] in page


def test_a_choice_is_kept(sorted_site: Site) -> None:
    """Genres and preview show it again without being told, whoever looks; no genre at all is a choice too."""
    choose(sorted_site, *FAMILIES[:2])
    assert chosen_on(sorted_site) == set(FAMILIES[:2])
    assert page_of(sorted_site, "/preview").count(" · liked new +") == 2
    assert choose(sorted_site)["playlists"] == 0
    assert chosen_on(sorted_site) == set()
    assert "No genre is chosen" in page_of(sorted_site, "/preview")
    assert re.search(r"<button[^>]*data-go[^>]* disabled", sorted_site.client.get("/genres").text)
    assert not sorted_site.account.heads


def test_the_state_tells_of_another_choice(sorted_site: Site) -> None:
    """So that every tab can read it; the same choice again is the same."""
    words = choose(sorted_site, *FAMILIES[:2])
    state = sorted_site.client.get("/api/state").json()
    assert state["choice"] == words["choice"]
    assert sorted_site.client.get("/api/choice").json() == words
    assert words["chosen"] == FAMILIES[:2]
    assert choose(sorted_site, *FAMILIES)["choice"] != state["choice"]
    assert choose(sorted_site, *FAMILIES[:2])["choice"] == state["choice"]


def test_what_was_written_is_the_next_choice(sorted_site: Site) -> None:
    """After one genre was written, later plans are about that one, and a new song of another changes nothing."""
    sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))
    assert chosen_on(sorted_site) == {FAMILIES[0]}
    sorted_site.sort()
    assert "Everything is as it should be" in page_of(sorted_site, "/preview")


def test_a_choice_made_while_it_is_written_stays(sorted_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the press of Write on, the newest choice is the one that counts, however far the writing is."""
    order = sorted_site.order(*FAMILIES[:3])
    reached, gate, apply_plan = threading.Event(), threading.Event(), workflows.apply_plan

    def apply_plan_late(*arguments: Any, **options: Any) -> ApplyResult:
        reached.set()
        assert gate.wait(PATIENCE_S)
        return apply_plan(*arguments, **options)

    monkeypatch.setattr(workflows, "apply_plan", apply_plan_late)
    assert sorted_site.client.post("/api/jobs/apply", json=order).status_code == 202
    assert reached.wait(PATIENCE_S)
    assert chosen_on(sorted_site) == set(FAMILIES[:3])
    choose(sorted_site, FAMILIES[4])
    gate.set()
    assert sorted_site.server.workspace.jobs.wait(PATIENCE_S)
    assert len(sorted_site.account.heads) == 3
    assert chosen_on(sorted_site) == {FAMILIES[4]}


def test_a_plan_that_is_refused_leaves_the_choice(sorted_site: Site) -> None:
    """Nothing is written, and nothing is kept."""
    before = chosen_on(sorted_site)
    refused = sorted_site.client.post("/api/jobs/apply", json={"plan_id": "other", "genres": [FAMILIES[0]]})
    assert refused.status_code == 409
    assert "nothing was written" in refused.json()["error"]["message"]
    assert chosen_on(sorted_site) == before
    assert len(sorted_site.account.heads) == 0


def test_switching_off_what_was_written_says_that_it_stays(sorted_site: Site) -> None:
    """A playlist whose genre is switched off is not taken away: card and preview say so, and count it."""
    sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))
    sorted_site.sort()
    words = choose(sorted_site)
    assert (words["playlists"], words["songs"]) == (0, 0)
    assert words["genres"][FAMILIES[0]]["note"] == "its playlist stays in your account as it is"  # type: ignore[index]
    page = page_of(sorted_site, "/preview")
    assert "No genre is chosen" in page
    held = len(sorted_site.account.entries["playlist-0"])
    assert f"{held} of your {N_SONGS} liked songs are in a playlist." in page
    (head,) = sorted_site.account.heads.values()
    assert f"{head.name} {STAYS}" in page
    assert "1 playlist without a change" not in page, "said once"


def test_a_choice_keeps_genres_that_have_no_switch_yet(sorted_site: Site) -> None:
    """Genres with too few songs stay chosen behind the page, so that they get their playlist one day."""
    hidden = set(re.findall(r'type="hidden" name="genre" value="([^"]+)"', sorted_site.client.get("/genres").text))
    taxonomy = sorted_site.server.workspace.app.taxonomy
    assert hidden == {family.slug for family in taxonomy.families} - set(FAMILIES)


def test_a_choice_of_what_does_not_exist_is_refused(sorted_site: Site) -> None:
    """Nothing is kept, and the answer names no terminal command."""
    choose(sorted_site, FAMILIES[3])
    answer = sorted_site.client.put("/api/choice", json={"genres": [FAMILIES[0], "nonsense"]})
    assert answer.status_code == 422
    assert "nonsense" in answer.json()["error"]["message"]
    assert "cratewise" not in answer.text
    assert chosen_on(sorted_site) == {FAMILIES[3]}


def test_a_card_tells_why_it_has_no_playlist(sorted_site: Site) -> None:
    """A family with too few songs has no switch; switched off, a card counts what is liked."""
    assert "No playlist yet: switch on a genre to go on." in page_of(sorted_site, "/genres")
    sorted_site.account.songs[:] = sorted_site.account.songs[:20]
    sorted_site.sort()
    page = page_of(sorted_site, "/genres")
    assert "Too few songs for a playlist" in page
    assert "A playlist needs at least 5 songs." in page
    assert "No playlist yet: no genre has the 5 songs it takes." in page


def test_the_preview_counts_each_song_once(sorted_site: Site) -> None:
    """For one genre, what is written and the reasons for all others come to the size of the library."""
    page = page_of(sorted_site, f"/preview?genre={FAMILIES[1]}")
    written = int(re.search(r"playlist ?, \+(\d+) songs", page)[1])  # type: ignore[index]
    section = page.split("Left out, and why")[1]
    left_out = {words: int(count) for count, words in re.findall(r"(\d+) (songs? (?:whose|of|in|that)[^\d]*)", section)}
    assert written + sum(left_out.values()) == N_SONGS
    assert f"{written} of your {N_SONGS} liked songs are in a playlist once this is written" in section
    assert not any("no longer" in words for words in left_out)


@pytest.mark.parametrize(("n_songs", "n_shown"), [(5, 5), (6, 4)])
def test_no_button_hides_a_single_song(site: Site, n_songs: int, n_shown: int) -> None:
    """A card shows the first songs of its playlist; the last of them too where it is the only other."""
    kept = [number for number in SURE if number % len(FAMILIES) == 0][:n_songs]
    site.account.songs[:] = [site.account.songs[number] for number in kept]
    site.sort()
    page = site.client.get("/preview").text
    assert page.count('class="diff plus"') == n_shown
    assert page.count(f"Show {n_songs - n_shown} more") == (n_shown < n_songs)


def test_only_playlists_that_exist_are_without_a_change(sorted_site: Site) -> None:
    """Genres that have too few songs for a playlist are not counted as playlists, nor listed where they have none."""
    sorted_site.run("/api/jobs/apply", sorted_site.order())
    sorted_site.sort()
    page = page_of(sorted_site, "/preview")
    assert f"{len(FAMILIES)} playlists without a change" in page
    assert "chosen genres without a playlist" not in page
    assert " 0 songs, and a playlist needs" not in page


def test_a_namesake_is_pointed_out_before_writing(sorted_site: Site) -> None:
    """The card of a new playlist says that one of the person's own has that name."""
    name = sorted_site.server.workspace.app.taxonomy.genre(FAMILIES[2]).name
    sorted_site.account.create(f"{name} · liked", "mine", public=False)
    sorted_site.sort()
    page = page_of(sorted_site, "/preview")
    assert page.count("You have another playlist of this name that cratewise did not make.") == 1


def test_after_writing_the_way_to_the_account_comes_first(sorted_site: Site) -> None:
    """The main button of the run leads to where the playlists are; the history counts without a zero."""
    sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[0]))
    page = sorted_site.client.get("/history/1").text
    main = re.search(r'<a class="button primary large" href="([^"]+)"[^>]*>([^<]+)', page)
    assert main is not None
    settings = sorted_site.server.workspace.app.settings
    assert (main[1], main[2].strip()) == (settings.spotify_accounts_url, "Open the account")
    history = page_of(sorted_site, "/history")
    assert re.search(r"1 playlist \+\d+ songs \d{1,2} \w{3} \d{4}, \d\d:\d\d", history)


@pytest.mark.parametrize(
    ("path", "way"),
    [("/preview?genre=nonsense", "Go to the genres"), ("/genres?genre=nonsense", "Try again")],
)
def test_a_genre_that_does_not_exist_leads_to_those_that_do(sorted_site: Site, path: str, way: str) -> None:
    """The page names the genre, says it without the terminal and without a status, and links to the genres."""
    answer = sorted_site.client.get(path)
    assert answer.status_code == 422
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.split("<main")[1])).split())
    assert "There is no genre 'nonsense'." in words
    assert "cratewise" not in words
    assert "422" not in words
    assert f'href="/genres">{way}' in answer.text
