"""What is sent can be watched, without anything secret in it."""

import logging

import pytest

from cratewise.errors import SpotifyError
from cratewise.spotify.client import SpotifyClient

from .conftest import FakeClock, ScriptedServer


def test_each_request_is_logged_with_what_came_of_it(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Call, part, status and time, for each time it was sent; no token, no body, no name."""
    server.answers(502, body=b"<html>secret</html>")
    server.answers(200, {"items": [], "total": 0, "limit": 50, "offset": 0, "next": None, "href": "", "previous": None})
    server.answers(cut=True)
    with caplog.at_level(logging.DEBUG, "cratewise.spotify"):
        client.saved_tracks(offset=100)
        with pytest.raises(SpotifyError):
            client.create_playlist("Name of my own", "", public=False)
    lines = [record.getMessage() for record in caplog.records if record.name == "cratewise.spotify.trace"]
    assert lines == [
        "GET /me/tracks limit=50 offset=100 -> 502 in 0.00 s",
        "GET /me/tracks limit=50 offset=100 -> 200 in 0.00 s",
        "POST /me/playlists -> no answer, perhaps carried out in 0.00 s",
    ]
    assert "access-1" not in caplog.text
    assert "secret" not in caplog.text
    assert "Name of my own" not in caplog.text


def test_nothing_is_logged_unless_it_is_asked_for(
    client: SpotifyClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls are no news."""
    server.answers(200, {"account_id": "a", "id": "a", "display_name": "A"})
    with caplog.at_level(logging.INFO):
        client.current_user()
    assert "GET /me" not in caplog.text
