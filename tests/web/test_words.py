"""A person's word: what to look at first, saying a genre of one song or many, and taking it back."""

import json
from collections.abc import Sequence

import numpy as np
import pytest

from cratewise import workflows
from cratewise.model.likeness import Likeness
from cratewise.tracks import Track

from .conftest import FAMILIES, N_SONGS, UNSURE_EVERY, Site

N_UNSURE = len(range(0, N_SONGS, UNSURE_EVERY))
ARTIST_SONGS = len(range(3, N_SONGS, 40))


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A site whose library is read and sorted."""
    site.sort()
    return site


def rows(site: Site) -> dict[str, list[object]]:
    """The songs as the browser gets them, by id."""
    return {row[10]: row for row in site.client.get("/api/songs").json()["songs"]}


def say(site: Site, songs: list[str], genre: str, about: str = "song") -> dict[str, object]:
    """What a person says, and what comes back."""
    answer = site.client.post("/api/corrections", json={"songs": songs, "genre": genre, "about": about})
    assert answer.status_code == 200, answer.text
    kept: dict[str, object] = answer.json()
    return kept


def test_the_least_certain_songs_come_first(sorted_site: Site) -> None:
    """With what they may be, the likeliest first, then the commonest genres; at most as many as there are digits."""
    queue = sorted_site.client.get("/api/review", params={"limit": 5}).json()
    assert queue["left"] == N_UNSURE
    assert [song["percent"] for song in queue["songs"]] == [9, 9, 30, 30, 30]
    first = queue["songs"][0]
    assert first["family"] == "", "it is not even a guess"
    assert first["by_artist"] == len(range(int(first["id"][5:]) % 40, N_SONGS, 40))
    likely, *others = first["candidates"]
    assert likely["genre"] == first["genre"]
    assert likely["percent"] == 9
    assert {one["percent"] for one in others} == {None}
    families = [one["family"] for one in first["candidates"]]
    assert len(families) == len(set(families)) == 9
    assert set(FAMILIES) <= set(families)


@pytest.mark.parametrize(("about", "n_songs"), [("song", 1), ("artist", ARTIST_SONGS)])
def test_a_word_counts_at_once_and_can_be_taken_back(sorted_site: Site, about: str, n_songs: int) -> None:
    """On the pages, in the plan, and until it is taken back; the song says whose word it is."""
    before = rows(sorted_site)
    kept = say(sorted_site, ["track3"], "gospel", about)
    assert kept["songs"] == n_songs
    assert kept["revision"] == sorted_site.client.get("/api/state").json()["revision"]
    after = rows(sorted_site)
    changed = [key for key in before if before[key] != after[key]]
    assert len(changed) == n_songs
    assert after["track3"][3] == "gospel"
    assert after["track3"][6] & 8
    word = sorted_site.client.get("/api/corrections/track3").json()
    assert (word["about"], [word["correction"]]) == (about, kept["corrections"])
    assert sorted_site.client.get("/api/corrections/track4").json() is None
    taken = sorted_site.client.post("/api/corrections/take-back", json={"corrections": kept["corrections"]})
    assert taken.json()["corrections"] == kept["corrections"]
    assert rows(sorted_site) == before
    assert sorted_site.client.get("/api/corrections/track3").json() is None


def test_what_was_said_of_many_songs_is_taken_back_at_once(sorted_site: Site) -> None:
    """However often it was said; a word on the artist stays, and songs that nothing was said of are an error alone."""
    songs = [f"track{number}" for number in range(20)]
    before = rows(sorted_site)
    say(sorted_site, songs[:10], "jazz", "song")
    say(sorted_site, songs[:5], "gospel", "song")
    unsay = lambda ids: sorted_site.client.post("/api/corrections/unsay", json={"songs": ids})  # noqa: E731
    answer = unsay(songs)
    assert (answer.status_code, answer.json()["songs"], len(answer.json()["corrections"])) == (200, 10, 15)
    assert rows(sorted_site) == before
    assert unsay(songs).status_code == 409
    say(sorted_site, ["track3"], "gospel", "artist")
    assert unsay(["track3"]).status_code == 409
    assert rows(sorted_site)["track3"][3] == "gospel"


def test_many_songs_are_spoken_of_at_once(sorted_site: Site) -> None:
    """All or none: with one that isn't there nothing is kept. What was said is not asked about again."""
    songs = [f"track{number}" for number in range(0, N_SONGS, UNSURE_EVERY)]
    refused = sorted_site.client.post("/api/corrections", json={"songs": [*songs, "nobody"], "genre": "jazz"})
    assert refused.status_code == 409
    assert workflows.corrections(sorted_site.server.workspace.app) == ()
    assert say(sorted_site, [*songs, songs[0]], "jazz")["songs"] == N_UNSURE
    assert sorted_site.client.get("/api/review").json() == {"left": 0, "songs": []}
    assert {row[3] for key, row in rows(sorted_site).items() if key in songs} == {"jazz"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"songs": ["track3"], "genre": "no such genre"}, 422),
        ({"songs": [], "genre": "jazz"}, 422),
        ({"songs": ["track3"], "genre": "jazz", "about": "label"}, 422),
        ({"songs": "track3", "genre": "jazz"}, 422),
    ],
    ids=json.dumps,
)
def test_what_cannot_be_meant_keeps_nothing(sorted_site: Site, body: dict[str, object], status: int) -> None:
    """And says why."""
    refused = sorted_site.client.post("/api/corrections", json=body)
    assert refused.status_code == status
    assert refused.json()["error"]["message"]
    assert workflows.corrections(sorted_site.server.workspace.app) == ()
    assert sorted_site.client.post("/api/corrections/take-back", json={"corrections": [7]}).status_code == 409


def place(site: Site, uri: str, genre: str, is_in: object) -> tuple[int, object]:
    """Where a person wants a song: the status, and what was said of it before or what is wrong."""
    answer = site.client.put("/api/places", json={"uri": uri, "genre": genre, "is_in": is_in})
    said = answer.json()
    return answer.status_code, said["before"] if answer.is_success else said["error"]["message"]


def test_a_song_is_kept_out_of_a_playlist_and_let_in_again(sorted_site: Site) -> None:
    """The plan changes at once, what was said before comes back for the way back, and what cannot be is refused."""
    family = FAMILIES[1]
    uris = {one["uri"] for one in sorted_site.client.get(f"/api/plan/{family}?genre={family}").json()["adds"]}
    uri = "spotify:track:track1"
    assert uri in uris

    def planned() -> set[str]:
        return {one["uri"] for one in sorted_site.client.get(f"/api/plan/{family}?genre={family}").json()["adds"]}

    revision = sorted_site.client.get("/api/state").json()["revision"]
    assert place(sorted_site, uri, family, False) == (200, None)
    assert sorted_site.client.get("/api/state").json()["revision"] != revision, "other tabs hear of it"
    assert planned() == uris - {uri}
    assert place(sorted_site, uri, family, True) == (200, False)
    assert place(sorted_site, uri, family, None) == (200, True)
    assert planned() == uris
    assert place(sorted_site, "spotify:track:nobody", family, False) == (
        409, "There is no liked song 'nobody'."
    )  # fmt: skip
    assert place(sorted_site, uri, "no such genre", False)[0] == 422
    assert place(sorted_site, uri, family, "yes")[0] == 422
    assert workflows.pins(sorted_site.server.workspace.app) == ()


def test_before_the_first_sorting_there_is_nothing_to_review(site: Site) -> None:
    """The page leads to the start, and the API says what is missing."""
    assert "Your songs are not sorted yet" in site.client.get("/review").text
    assert site.client.get("/api/review").status_code == 409
    assert site.client.post("/api/corrections", json={"songs": ["a"], "genre": "jazz"}).status_code == 409


def test_every_song_has_a_place_on_the_map(sorted_site: Site) -> None:
    """By its id, the same at each look, asked of the model once; a model that places nothing says so."""
    app = sorted_site.server.workspace.app
    refused = sorted_site.client.get("/api/map")
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "this model draws no map"
    asked: list[int] = []

    class Placing(type(app.classifier)):  # type: ignore[misc] # the stand-in's class
        """Puts each song on a line."""

        def likeness(self, tracks: Sequence[Track]) -> Likeness:
            """By its number."""
            asked.append(len(tracks))
            numbers = np.array([int(track.track_id.removeprefix("track")) for track in tracks], dtype=np.float32)
            place = np.stack([numbers / N_SONGS, -numbers / N_SONGS], axis=1)
            return Likeness(place, place)

    app._classifier = Placing()
    places = sorted_site.client.get("/api/map").json()
    assert set(places) == set(rows(sorted_site))
    assert places["track33"] == [100, -100]
    assert sorted_site.client.get("/api/map").json() == places
    assert asked == [N_SONGS]
