from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.values import Account

from .conftest import MovableClock


@pytest.fixture
def slow(initial: Callable[[], Account], clock: MovableClock) -> Iterator[httpx.Client]:
    """A client of a server on which reading lags two seconds behind."""
    with SandboxServer(initial=initial, clock=clock, lag=timedelta(seconds=2)) as server:
        headers = {"authorization": f"Bearer {server.issue_token()['access_token']}"}
        with httpx.Client(base_url=server.api_url, headers=headers) as client:
            yield client


def test_a_new_playlist_is_not_seen_at_once(slow: httpx.Client, move_clock: Callable[[timedelta], None]) -> None:
    """It is neither found nor listed for two seconds; the ones that were there are."""
    made = slow.post("/me/playlists", json={"name": "New"}).json()["id"]
    reads = [f"/playlists/{made}", f"/playlists/{made}/items", f"/playlists/{made}/images"]
    move_clock(timedelta(seconds=1))
    assert [slow.get(path).status_code for path in reads] == [404, 404, 404]
    assert [one["name"] for one in slow.get("/me/playlists").json()["items"]] == ["Road trip", "Sunday"]
    move_clock(timedelta(seconds=1))
    assert [slow.get(path).status_code for path in reads] == [200, 200, 200]
    assert slow.get("/me/playlists").json()["items"][0]["id"] == made


def test_it_can_be_written_to_all_the_same(slow: httpx.Client, move_clock: Callable[[timedelta], None]) -> None:
    """Filling it right away works, and shows later."""
    song = slow.get("/me/tracks").json()["items"][0]["track"]["uri"]
    made = slow.post("/me/playlists", json={"name": "New"}).json()["id"]
    song = song if song.startswith("spotify:track:") else slow.get("/me/tracks").json()["items"][1]["track"]["uri"]
    assert slow.post(f"/playlists/{made}/items", json={"uris": [song]}).status_code == 201
    move_clock(timedelta(seconds=2))
    assert slow.get(f"/playlists/{made}/items").json()["total"] == 1
