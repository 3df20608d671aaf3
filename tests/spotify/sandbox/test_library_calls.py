from collections.abc import Callable

import httpx
import pytest

from cratewise.spotify.sandbox.server import SandboxServer

GONE_FROM_TRACKS = {"popularity", "available_markets", "linked_from"}


def test_the_profile_has_the_immutable_key_and_nothing_that_was_taken_away(api: httpx.Client) -> None:
    """`GET /me` gives account_id, id, name and images; no country, e-mail, product or followers."""
    profile = api.get("/me").json()
    assert set(profile) == {"account_id", "display_name", "external_urls", "href", "id", "images", "type", "uri"}
    assert profile["account_id"] != profile["id"]


def test_an_address_may_end_with_a_slash(api: httpx.Client) -> None:
    """Spotify answers it as it does the one without."""
    assert api.get("/me/").json() == api.get("/me").json()


def test_liked_songs_come_newest_first_with_links_to_the_pages_beside(api: httpx.Client) -> None:
    """Following `next` reads every song once, and `previous` leads back."""
    first = api.get("/me/tracks", params={"limit": 2}).json()
    assert (first["total"], first["limit"], first["offset"], first["previous"]) == (5, 2, 0, None)
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert third["next"] is None
    assert api.get(third["previous"]).json() == second
    entries = first["items"] + second["items"] + third["items"]
    assert len({entry["track"]["uri"] for entry in entries}) == 5
    times = [entry["added_at"] for entry in entries]
    assert times == sorted(times, reverse=True)
    assert all(time.endswith("Z") for time in times)


def test_an_offset_behind_the_end_gives_an_empty_page(api: httpx.Client) -> None:
    """A library that shrank while it was read ends the reading instead of breaking it."""
    page = api.get("/me/tracks", params={"offset": 50}).json()
    assert (page["items"], page["next"], page["total"]) == ([], None, 5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"limit": 51}, "Invalid limit"), ({"limit": 0}, "Invalid limit"), ({"offset": -1}, "Invalid offset")],
)
def test_pages_outside_the_limits_are_refused(api: httpx.Client, parameters: dict[str, int], message: str) -> None:
    """More than 50 a page is an error, not silently less."""
    answer = api.get("/me/tracks", params=parameters)
    assert answer.status_code == 400
    assert answer.json() == {"error": {"status": 400, "message": message}}


def test_a_track_has_the_fields_new_apps_get(api: httpx.Client) -> None:
    """Names, album and year are there; statistics, popularity, markets and made-up codes are not."""
    tracks = [entry["track"] for entry in api.get("/me/tracks").json()["items"]]
    track = next(track for track in tracks if track["name"] == "Get Lucky")
    assert [artist["name"] for artist in track["artists"]] == ["Daft Punk", "Pharrell Williams", "Nile Rodgers"]
    assert (track["album"]["name"], track["album"]["release_date"]) == ("Random Access Memories", "2013")
    assert (track["type"], track["is_local"], track["external_ids"], track["duration_ms"]) == ("track", False, {}, 0)
    assert len(track["id"]) == 22
    assert track["uri"] == f"spotify:track:{track['id']}"
    assert not GONE_FROM_TRACKS & set(track)
    assert not {"genres", "popularity", "followers"} & set(track["artists"][0])
    assert not {"available_markets", "popularity"} & set(track["album"])


def test_one_song_can_be_liked_under_two_ids(api: httpx.Client) -> None:
    """The duplicate has its own id and album."""
    tracks = [entry["track"] for entry in api.get("/me/tracks").json()["items"]]
    juicy = [track for track in tracks if track["name"] == "Juicy"]
    assert len({track["id"] for track in juicy}) == 2
    assert len({track["album"]["id"] for track in juicy}) == 2


def test_a_song_that_is_gone_says_so_and_a_local_file_has_no_id(api: httpx.Client) -> None:
    """`is_playable` stands only where it says something, unless a market is named."""
    tracks = {entry["track"]["name"]: entry["track"] for entry in api.get("/me/tracks").json()["items"]}
    assert tracks["Роллинг"]["is_playable"] is False
    assert tracks["Роллинг"]["restrictions"] == {"reason": "market"}
    assert "is_playable" not in tracks["Get Lucky"]
    local = tracks["Demo Tape No. 3"]
    assert (local["id"], local["is_local"], local["href"]) == (None, True, None)
    assert local["uri"].startswith("spotify:local:The+Neighbours:Garage:")
    named = api.get("/me/tracks", params={"market": "DE", "limit": 1}).json()
    assert "market=DE" in named["next"]


def test_songs_are_liked_and_unliked_through_the_library(api: httpx.Client, uris: dict[str, str]) -> None:
    """Unliking takes a song out; liking it again puts it first."""
    uri = uris["Get Lucky"]
    assert api.delete("/me/library", params={"uris": uri}).status_code == 200
    assert uri not in [entry["track"]["uri"] for entry in api.get("/me/tracks").json()["items"]]
    assert api.put("/me/library", params={"uris": uri}).status_code == 200
    newest = api.get("/me/tracks").json()["items"][0]
    assert (newest["track"]["uri"], newest["added_at"]) == (uri, "2026-10-01T12:00:00Z")


def test_unfollowing_takes_a_playlist_out_of_the_library_and_nothing_else(
    api: httpx.Client, own_playlist: str, server: SandboxServer
) -> None:
    """What "delete" is: the playlist is no longer listed, but can still be read and followed again."""
    uri = f"spotify:playlist:{own_playlist}"
    assert api.delete("/me/library", params={"uris": uri}).status_code == 200
    assert own_playlist not in [playlist["id"] for playlist in api.get("/me/playlists").json()["items"]]
    assert api.get(f"/playlists/{own_playlist}").status_code == 200
    assert not server.store.account.playlists[own_playlist].is_followed
    api.put("/me/library", params={"uris": uri})
    assert own_playlist in [playlist["id"] for playlist in api.get("/me/playlists").json()["items"]]


@pytest.mark.parametrize(
    ("uris", "status"),
    [
        (",".join(["spotify:track:" + "0" * 22] * 41), 400),
        ("", 400),
        ("spotify:user:somebody", 400),
        ("spotify:playlist:" + "0" * 22, 404),
    ],
)
def test_library_changes_outside_the_limits_are_refused(api: httpx.Client, uris: str, status: int) -> None:
    """At most 40 uris, of kinds this server knows, that exist."""
    answer = api.delete("/me/library", params={"uris": uris})
    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("track:Juicy artist:notorious", ["Juicy", "Juicy"]),
        ("get lucky daft", ["Get Lucky"]),
        ('album:"Greatest Hits"', ["Juicy"]),
        ("juicy year:2000-2010", ["Juicy"]),
        ("isrc:USUM71300000", []),
        ("nothing like it", []),
    ],
)
def test_search_finds_tracks_by_words_and_filters(api: httpx.Client, query: str, titles: list[str]) -> None:
    """Words and filters must all fit; accents and case do not matter."""
    tracks = api.get("/search", params={"q": query, "type": "track"}).json()["tracks"]
    assert [track["name"] for track in tracks["items"]] == titles
    assert tracks["total"] == len(titles)


@pytest.mark.parametrize(
    "parameters",
    [{"q": "a", "type": "track", "limit": 11}, {"q": "a", "type": "song"}, {"q": " ", "type": "track"}, {"q": "a"}],
)
def test_searches_outside_the_limits_are_refused(api: httpx.Client, parameters: dict[str, str | int]) -> None:
    """Ten a page at most, known types only, and something to look for."""
    assert api.get("/search", params=parameters).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/me/tracks", "user-library-read"),
        ("GET", "/me/playlists", "playlist-read-private"),
        ("DELETE", "/me/library?uris=spotify:track:x", "user-library-modify"),
    ],
)
def test_a_call_without_its_scope_is_refused(
    client_with: Callable[..., httpx.Client], method: str, path: str, scope: str
) -> None:
    """403 with the words clients look for, although the token is good."""
    answer = client_with("ugc-image-upload").request(method, path)
    assert answer.status_code == 403, scope
    assert answer.json() == {"error": {"status": 403, "message": "Insufficient client scope"}}
