"""Each call as it goes over the wire, and its answer as a value."""

from datetime import UTC, datetime

import pytest

from cratewise.errors import SpotifyError
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.errors import BadAnswer, ScopeMissing
from cratewise.spotify.tokens import TokenStore
from cratewise.spotify.values import PlaylistSummary, User

from .conftest import ACCOUNT, ScriptedServer, make_tokens

TRACK = {
    "type": "track",
    "id": "11dFghVXANMlKmJXsNCbNl",
    "uri": "spotify:track:11dFghVXANMlKmJXsNCbNl",
    "name": "Cut To The Feeling",
    "artists": [{"id": "6sFIWsNpZYqfjUpaCgueju", "name": "Carly Rae Jepsen"}],
    "album": {
        "name": "Cut To The Feeling",
        "release_date": "2017-05-26",
        "images": [{"url": "https://i.scdn.co/640", "width": 640}, {"url": "https://i.scdn.co/300", "width": 300}],
    },
    "duration_ms": 207959,
    "explicit": False,
    "external_ids": {"isrc": "us-um7-1703861"},
    "is_local": False,
}
PLAYLIST = {
    "id": "3cEYpjA9oz9GiPac4AsH4n",
    "name": "Soul · liked",
    "description": "Rhythm &amp; Blues",
    "owner": {"id": "someone", "display_name": "Some One"},
    "snapshot_id": "AAAA",
    "public": True,
    "collaborative": False,
    "items": {"href": "https://api.spotify.com/v1/playlists/3c/items", "total": 12},
    "external_urls": {"spotify": "https://open.spotify.com/playlist/3cEYpjA9oz9GiPac4AsH4n"},
}


def test_current_user_is_named_by_account_id(client: SpotifyClient, server: ScriptedServer) -> None:
    """The account's key is account_id, and the access token goes with the call."""
    server.answers(200, {"account_id": "aB3", "id": "someone", "display_name": None})
    assert client.current_user() == User("aB3", "someone", "someone")
    assert server.lines == ["GET /v1/me"]
    assert server.heard[0].headers["authorization"] == "Bearer access-1"


def test_saved_tracks_gives_a_page_of_songs(client: SpotifyClient, server: ScriptedServer) -> None:
    """A liked song arrives with all that is known, and `market` is not sent."""
    entry = {"added_at": "2024-05-01T10:20:30Z", "track": TRACK}
    server.answers(
        200,
        {"items": [entry], "total": 3, "offset": 1, "limit": 1, "next": f"{server.url}/v1/me/tracks?offset=2&limit=1"},
    )
    page = client.saved_tracks(offset=1, limit=1)
    assert server.heard[0].query == {"limit": "1", "offset": "1"}
    assert (page.total, page.offset, page.next) == (3, 1, 2)
    saved = page.items[0]
    assert saved.added_at == datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)
    assert saved.item.uri == TRACK["uri"]
    assert (saved.item.kind, saved.item.available) == ("track", True)
    assert saved.item.artist_ids == ("6sFIWsNpZYqfjUpaCgueju",)
    assert saved.item.cover_url == "https://i.scdn.co/300"
    track = saved.item.track
    assert (track.title, track.artists, track.album) == (
        "Cut To The Feeling",
        ("Carly Rae Jepsen",),
        "Cut To The Feeling",
    )
    assert (track.duration_ms, track.explicit, track.release_year, track.isrc) == (207959, False, 2017, "USUM71703861")


def test_playlists_read_the_count_under_both_names(client: SpotifyClient, server: ScriptedServer) -> None:
    """`items.total` of 2026 and `tracks.total` of before both give the count, and descriptions are unescaped."""
    old = {key: value for key, value in PLAYLIST.items() if key != "items"} | {"tracks": {"total": 7}}
    server.answers(200, {"items": [PLAYLIST, None, old], "total": 3, "next": None})
    page = client.playlists()
    assert [playlist.total for playlist in page.items] == [12, 7]
    assert page.items[0] == PlaylistSummary(
        id="3cEYpjA9oz9GiPac4AsH4n",
        name="Soul · liked",
        description="Rhythm & Blues",
        owner_id="someone",
        snapshot_id="AAAA",
        public=True,
        total=12,
        url="https://open.spotify.com/playlist/3cEYpjA9oz9GiPac4AsH4n",
    )
    assert page.next is None


def test_playlist_asks_for_the_summary_alone(client: SpotifyClient, server: ScriptedServer) -> None:
    """The hundred items that come with a playlist are not asked for, but their count is."""
    server.answers(200, PLAYLIST)
    assert client.playlist("3cEYpjA9oz9GiPac4AsH4n").snapshot_id == "AAAA"
    assert server.lines == ["GET /v1/playlists/3cEYpjA9oz9GiPac4AsH4n"]
    assert "items(total)" in server.heard[0].query["fields"]


def test_playlist_items_keep_every_place(client: SpotifyClient, server: ScriptedServer) -> None:
    """Nulls, local files, episodes and unavailable tracks are values in their places, under both field names."""
    local = {"type": "track", "id": None, "uri": "spotify:local:A:B:C:10", "name": "C", "is_local": True}
    episode = {"type": "episode", "id": "e1", "uri": "spotify:episode:e1", "name": "Talk", "show": {"name": "Radio"}}
    gone = TRACK | {"is_playable": False}
    entries = [{"item": TRACK}, {"track": TRACK}, {"item": None}, None, {"item": local, "is_local": True}]
    server.answers(200, {"items": [*entries, {"item": episode}, {"item": gone}], "total": 7, "next": None})
    page = client.playlist_items("p1")
    assert server.heard[0].query == {"limit": "50", "offset": "0", "additional_types": "track,episode"}
    kinds = [entry.item.kind if entry.item else None for entry in page.items]
    assert kinds == ["track", "track", None, None, "local", "episode", "track"]
    assert [entry.uri for entry in page.items[2:6]] == [None, None, "spotify:local:A:B:C:10", "spotify:episode:e1"]
    assert [entry.item.available for entry in page.items if entry.item] == [True, True, True, True, False]


def test_create_playlist_sends_public_always(client: SpotifyClient, server: ScriptedServer) -> None:
    """Spotify's default is public, so `public` is said each time; a description is one line."""
    server.answers(201, PLAYLIST)
    assert client.create_playlist("Soul · liked", "Made by\ncratewise", public=False).id == PLAYLIST["id"]
    assert server.lines == ["POST /v1/me/playlists"]
    assert server.heard[0].json == {"name": "Soul · liked", "description": "Made by cratewise", "public": False}


def test_half_an_emoji_can_be_sent(client: SpotifyClient, server: ScriptedServer) -> None:
    """What UTF-8 cannot say becomes a question mark instead of a crash."""
    server.answers(201, PLAYLIST)
    server.answers(200)
    client.create_playlist("Soul \ud83d", "\udc80 liked", public=False)
    assert server.heard[0].json == {"name": "Soul ?", "description": "? liked", "public": False}
    client.change_playlist("\ud83d", name="\ud83d")
    assert (server.lines[1], server.heard[1].json) == ("PUT /v1/playlists/%3F", {"name": "?"})


def test_change_playlist_sends_only_what_is_given(client: SpotifyClient, server: ScriptedServer) -> None:
    """What is not given stays as it is; the answer has no body."""
    server.answers(200)
    client.change_playlist("p1", name="New")
    assert (server.lines, server.heard[0].json) == (["PUT /v1/playlists/p1"], {"name": "New"})


def test_items_are_added_replaced_and_removed_in_the_shapes_of_2026(
    client: SpotifyClient, server: ScriptedServer
) -> None:
    """All three speak to /items and give the new snapshot."""
    for status, snapshot in ((201, "s1"), (200, "s2"), (200, "s3")):
        server.answers(status, {"snapshot_id": snapshot})
    assert client.add_items("p1", ["spotify:track:a"], position=0) == "s1"
    assert client.replace_items("p1", []) == "s2"
    assert client.remove_items("p1", ["spotify:track:a", "spotify:track:b"], snapshot_id="s2") == "s3"
    path = "/v1/playlists/p1/items"
    assert server.lines == [f"POST {path}", f"PUT {path}", f"DELETE {path}"]
    assert [heard.json for heard in server.heard] == [
        {"uris": ["spotify:track:a"], "position": 0},
        {"uris": []},
        {"items": [{"uri": "spotify:track:a"}, {"uri": "spotify:track:b"}], "snapshot_id": "s2"},
    ]


def test_unfollow_takes_the_playlist_out_of_the_library(client: SpotifyClient, server: ScriptedServer) -> None:
    """The call of 2026 is used, not the removed one under /followers."""
    server.answers(200)
    client.unfollow_playlist("p1")
    assert server.lines == ["DELETE /v1/me/library"]
    assert server.heard[0].query == {"uris": "spotify:playlist:p1"}


def test_what_does_not_fit_into_a_call_is_not_sent(client: SpotifyClient, server: ScriptedServer) -> None:
    """More than 100 items, none to add, and pages over 50 are refused here."""
    with pytest.raises(SpotifyError, match="101 items"):
        client.add_items("p1", ["spotify:track:a"] * 101)
    with pytest.raises(SpotifyError, match=r"\\ud83d' is no Spotify URI"):
        client.add_items("p1", ["spotify:track:\ud83d"])
    with pytest.raises(SpotifyError, match="0 items"):
        client.remove_items("p1", [])
    with pytest.raises(SpotifyError, match="a page of 51"):
        client.saved_tracks(limit=51)
    assert server.heard == []


def test_a_permission_that_was_not_given_is_asked_for_before_sending(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """A call whose scopes the person has not allowed costs no call and names them."""
    store.save(ACCOUNT, make_tokens(scopes=("user-library-read",)))
    with pytest.raises(ScopeMissing, match="playlist-modify-private") as raised:
        client.create_playlist("x", "", public=False)
    assert raised.value.scopes == ("playlist-modify-private", "playlist-modify-public")
    assert server.heard == []


def test_a_write_whose_answer_is_rubbish_may_have_been_carried_out(
    client: SpotifyClient, server: ScriptedServer
) -> None:
    """The error says which call it was, and that one must look before sending it again."""
    server.answers(201, body=b"<html>gateway</html>")
    with pytest.raises(BadAnswer, match="POST /playlists/p1/items") as raised:
        client.add_items("p1", ["spotify:track:a"])
    assert raised.value.maybe_carried_out
