import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cratewise.errors import SpotifyError
from cratewise.spotify.sandbox.faults import silence
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.values import Account


def bearer(server: SandboxServer) -> dict[str, str]:
    """Headers that may do everything."""
    return {"authorization": f"Bearer {server.issue_token()['access_token']}"}


def test_the_state_outlives_a_restart(tmp_path: Path, initial: Callable[[], Account]) -> None:
    """Playlists, covers, likes, snapshots and logins are as they were, for a server on the same file."""
    state = tmp_path / "deep" / "state.json"
    with SandboxServer(state, initial=initial) as server:
        headers = bearer(server)
        made = httpx.post(f"{server.api_url}/me/playlists", json={"name": "Kept"}, headers=headers).json()
        before = server.store.account
    with SandboxServer(state, initial=initial) as server:
        assert server.store.account == before
        again = httpx.get(f"{server.api_url}/playlists/{made['id']}", headers=headers).json()
    assert (again["name"], again["snapshot_id"]) == ("Kept", made["snapshot_id"])
    assert [path.name for path in state.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"account": {}}'])
def test_a_damaged_state_file_is_named(tmp_path: Path, content: str) -> None:
    """One clear error that says what to do, instead of a fresh account over the old one."""
    state = tmp_path / "state.json"
    state.write_text(content)
    with pytest.raises(SpotifyError, match=r"state\.json cannot be read") as caught:
        SandboxServer(state)
    assert "Delete the file" in caught.value.hint
    assert state.read_text() == content


def test_a_write_that_cannot_be_kept_does_not_happen(tmp_path: Path, initial: Callable[[], Account]) -> None:
    """When the disk refuses, the account in memory stays as it is on disk."""
    folder = tmp_path / "folder"
    folder.mkdir()
    server = SandboxServer(folder / "state.json", initial=initial)
    shutil.rmtree(folder)
    folder.write_text("a file in the folder's place")
    before = server.store.account
    with pytest.raises(SpotifyError, match="folder"):
        server.store.change_account(lambda _: initial())
    assert server.store.account is before


def test_concurrent_writes_all_count(server: SandboxServer, api: httpx.Client, own_playlist: str) -> None:
    """Eight clients at once lose nothing."""
    uri = next(uri for uri in server.store.account.items if uri.startswith("spotify:track:"))

    def add() -> None:
        for _ in range(5):
            api.post(f"/playlists/{own_playlist}/items", json={"uris": [uri]}).raise_for_status()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    playlist = server.store.account.playlists[own_playlist]
    assert (len(playlist.entries), playlist.revision) == (40, 41)


def test_it_stops_within_a_second_though_connections_are_open(initial: Callable[[], Account]) -> None:
    """An idle client and one that waits for an answer do not hold it up."""
    server = SandboxServer(initial=initial)
    server.start()
    headers = bearer(server)
    server.faults.add(silence(path="/v1/me/tracks"))
    with httpx.Client(headers=headers, timeout=5) as idle, socket.create_connection(("127.0.0.1", server.port)) as raw:
        idle.get(f"{server.api_url}/me")
        raw.sendall(b"GET /v1/me/tracks HTTP/1.1\r\nhost: x\r\n\r\n")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.api_url}/me")
    server.stop()


def test_it_starts_again_on_the_same_port(initial: Callable[[], Account]) -> None:
    """Stopping frees the port, and addresses stay the same."""
    server = SandboxServer(initial=initial)
    server.start()
    address = server.api_url
    server.stop()
    with server:
        assert server.api_url == address
        assert httpx.get(f"{server.api_url}/me", headers=bearer(server)).status_code == 200


def test_a_taken_port_is_named(server: SandboxServer, initial: Callable[[], Account]) -> None:
    """The error says which port, and what to do."""
    with pytest.raises(SpotifyError, match=f"port {server.port}") as caught:
        SandboxServer(port=server.port, initial=initial).start()
    assert "--port" in caught.value.hint


def test_a_state_that_cannot_be_kept_is_refused_at_once(tmp_path: Path) -> None:
    """A file where a folder should be is found before anything is served."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SpotifyError, match="cannot be written"):
        SandboxServer(tmp_path / "file" / "state.json").start()
