import re

import httpx
import pytest

from cratewise.spotify.sandbox.server import SandboxServer


@pytest.fixture
def own_with_song(api: httpx.Client, own_playlist: str, uris: dict[str, str]) -> str:
    """The id of a playlist with a name that HTML must escape, and one song."""
    api.put(f"/playlists/{own_playlist}", json={"name": "<R&B>"})
    api.post(f"/playlists/{own_playlist}/items", json={"uris": [uris["Juicy"]]})
    return own_playlist


def test_the_account_page_shows_playlists_and_liked_songs(server: SandboxServer, own_with_song: str) -> None:
    """Counts and makers, newest first; a playlist leads to its page."""
    page = httpx.get(server.page_url)
    assert "<strong>5</strong> liked songs" in page.text
    assert "&lt;R&amp;B&gt;" in page.text
    assert "1 item · by Robin (sandbox)" in page.text
    assert "by Somebody" in page.text
    assert page.text.index(f"/playlist/{own_with_song}") < page.text.index("Sunday")


def test_a_playlist_leads_to_its_songs_and_they_to_their_artists(
    server: SandboxServer, api: httpx.Client, own_with_song: str
) -> None:
    """The links of the Web API are these pages."""
    playlist = api.get(f"/playlists/{own_with_song}").json()
    page = httpx.get(playlist["external_urls"]["spotify"])
    assert "Juicy" in page.text
    track = playlist["items"]["items"][0]["item"]
    song = httpx.get(track["external_urls"]["spotify"])
    assert "&lt;R&amp;B&gt;" in song.text
    for linked in (track["artists"][0], track["album"]):
        assert "Juicy" in httpx.get(linked["external_urls"]["spotify"]).text
    assert "Роллинг" in httpx.get(f"{server.page_url}/liked").text


def test_entries_of_every_kind_can_be_shown(server: SandboxServer, api: httpx.Client) -> None:
    """Null entries, local files and episodes have their own words."""
    sunday = next(item for item in api.get("/me/playlists").json()["items"] if item["name"] == "Sunday")
    text = httpx.get(sunday["external_urls"]["spotify"]).text
    for words in ("Nothing is known of this item any more", "local file", "episode", "Groove Talk"):
        assert words in text
    episode = api.get(f"/playlists/{sunday['id']}/items?additional_types=episode").json()["items"][3]["item"]
    for linked in (episode, episode["show"]):
        assert "How records are pressed" in httpx.get(linked["external_urls"]["spotify"]).text


@pytest.mark.parametrize(
    "path",
    ["/playlist/x", "/track/x", "/episode/x", "/artist/x", "/album/x", "/show/x", "/static/x.css", "/covers/x.jpg"],
)
def test_what_is_not_there_has_a_page_too(server: SandboxServer, path: str) -> None:
    """404, with a way back."""
    page = httpx.get(server.page_url + path)
    assert page.status_code == 404
    assert 'href="/"' in page.text


def test_pages_may_load_nothing_from_elsewhere(server: SandboxServer) -> None:
    """No scripts at all; the style sheet is the server's own."""
    page = httpx.get(server.page_url)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'")
    assert "unsafe" not in policy
    assert " style=" not in page.text
    for address in re.findall(r'<link[^>]* href="([^"]+)"', page.text):
        assert httpx.get(server.page_url + address).status_code == 200
