"""spotipy, which was written apart from this project, uses the stand-in as it would use Spotify."""

from collections.abc import Iterator

import pytest
import spotipy

from cratewise.spotify.sandbox.server import SandboxServer

from ..sandbox.conftest import FOREIGN_PLAYLIST, small_account


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A small account behind a server that listens."""
    with SandboxServer(initial=small_account) as running:
        yield running


@pytest.fixture
def robin(sandbox: SandboxServer) -> Iterator[spotipy.Spotify]:
    """spotipy with a token; told to ask the stand-in, and not to try again on its own."""
    client = spotipy.Spotify(auth=sandbox.issue_token()["access_token"], retries=0, status_retries=0)
    client.prefix = f"{sandbox.api_url}/"
    client._session.trust_env = False  # a proxy cannot reach the stand-in
    yield client
    client._session.close()


def test_the_library_is_read_page_by_page(robin: spotipy.Spotify) -> None:
    """By following the links of the pages, to the end."""
    page = robin.current_user_saved_tracks(limit=2)
    titles = [entry["track"]["name"] for entry in page["items"]]
    while page := robin.next(page):
        titles += [entry["track"]["name"] for entry in page["items"]]
    assert sorted(titles) == ["Demo Tape No. 3", "Get Lucky", "Juicy", "Juicy", "Роллинг"]
    assert robin.current_user()["display_name"] == "Robin (sandbox)"


def test_playlists_and_their_items_are_read(robin: spotipy.Spotify) -> None:
    """Songs, a place with nothing, an episode and a local file; those of others are refused."""
    playlist = next(one for one in robin.current_user_playlists()["items"] if one["name"] == "Sunday")
    entries = robin.playlist_items(playlist["id"])["items"]
    assert [entry["item"] and entry["item"]["type"] for entry in entries] == [
        "track",
        None,
        "track",
        "episode",
        "track",
    ]
    assert robin.playlist(playlist["id"])["items"]["total"] == playlist["items"]["total"] == 5
    with pytest.raises(spotipy.SpotifyException) as refused:
        robin.playlist_items(FOREIGN_PLAYLIST)
    assert refused.value.http_status == 403


def test_a_playlist_is_made_filled_and_changed(robin: spotipy.Spotify) -> None:
    """Adding at the end and in front, removing, moving, replacing, renaming; each write gives a new snapshot."""
    juicy, lucky = (robin.search(f"track:{title}")["tracks"]["items"][0]["uri"] for title in ("Juicy", "Lucky"))
    made = robin.current_user_playlist_create("Soul", public=False, description="By spotipy")
    key = made["id"]
    snapshots = [
        made["snapshot_id"],
        robin.playlist_add_items(key, [juicy])["snapshot_id"],
        robin.playlist_add_items(key, [lucky, lucky], position=0)["snapshot_id"],
        robin.playlist_reorder_items(key, range_start=2, insert_before=0)["snapshot_id"],
    ]
    assert _uris(robin, key) == [juicy, lucky, lucky]
    snapshots.append(robin.playlist_remove_all_occurrences_of_items(key, [lucky], snapshots[-1])["snapshot_id"])
    assert _uris(robin, key) == [juicy]
    snapshots.append(robin.playlist_replace_items(key, [lucky, juicy])["snapshot_id"])
    assert _uris(robin, key) == [lucky, juicy]
    assert len(set(snapshots)) == 6
    robin.playlist_change_details(key, name="Funk", public=False, collaborative=True)
    assert robin.playlist(key)["name"] == "Funk"
    assert robin.playlist(key)["collaborative"] is True


def test_a_playlist_is_unfollowed_by_the_call_of_2026(robin: spotipy.Spotify, sandbox: SandboxServer) -> None:
    """What spotipy 2.26 has for it is a removed call; its call for any uri of the library does it."""
    key = robin.current_user_playlist_create("Gone soon")["id"]
    with pytest.raises(spotipy.SpotifyException) as refused:
        robin.current_user_unfollow_playlist(key)
    assert refused.value.http_status == 403
    robin.current_user_saved_tracks_delete([f"spotify:playlist:{key}"])
    assert key not in [playlist["id"] for playlist in robin.current_user_playlists()["items"]]
    robin.current_user_follow_playlist(key)
    assert sandbox.store.account.playlists[key].is_followed


def _uris(robin: spotipy.Spotify, playlist: str) -> list[str]:
    return [entry["item"]["uri"] for entry in robin.playlist_items(playlist)["items"]]
