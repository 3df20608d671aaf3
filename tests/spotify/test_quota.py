"""The quota stop holds until it ends, also after a restart."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cratewise.drawer import Folder
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import connect, kept_in
from cratewise.spotify.errors import QuotaExceeded
from cratewise.spotify.quota import KeptQuota

from .conftest import START_S, FakeClock, Reply, ScriptedServer

QUOTA = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
ME = {"account_id": "a", "id": "a", "display_name": "A"}


def test_a_quota_stop_says_when_it_ends_and_nothing_is_sent_before(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """Retry-After of many hours is kept, not slept through; afterwards calls go out again."""
    server.answers(429, QUOTA, headers={"Retry-After": "48925"})
    with pytest.raises(QuotaExceeded) as raised:
        client.current_user()
    assert raised.value.ends_at == datetime.fromtimestamp(START_S + 48925, UTC)
    assert f"until {raised.value.ends_at.astimezone():%a %d %b, %H:%M}" in str(raised.value)
    with pytest.raises(QuotaExceeded):
        client.saved_tracks()
    assert (len(server.heard), clock.slept) == (1, [])
    clock.now_s += 48926
    server.rules["/api/token"] = lambda heard: _json_reply({"access_token": "access-2", "expires_in": 3600})
    server.answers(200, ME)
    assert client.current_user().id == "a"


def test_a_quota_stop_holds_after_a_restart(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, tmp_path: Path
) -> None:
    """A new client over the same data folder sends nothing either, not even to renew its token."""
    server.answers(429, QUOTA, headers={"Retry-After": "48925"})
    with pytest.raises(QuotaExceeded):
        client.current_user()
    clock.now_s += 7200  # the access token has expired meanwhile
    with connect(kept_in(tmp_path), server.addresses, timing=clock.timing) as restarted, pytest.raises(QuotaExceeded):
        restarted.current_user()
    assert len(server.heard) == 1


def test_a_quota_stop_without_retry_after_lasts_an_hour(client: SpotifyClient, server: ScriptedServer) -> None:
    """Spotify not saying how long is no reason to go on."""
    server.answers(429, QUOTA)
    with pytest.raises(QuotaExceeded) as raised:
        client.current_user()
    assert raised.value.ends_at.timestamp() == START_S + 3600


@pytest.mark.parametrize(
    ("asked", "lasts_s"),
    [
        ("-5", 3600),
        ("soon", 3600),
        ("", 3600),
        ("0", 0),
        ("1.5", 1.5),
        ("9" * 400, 7 * 86400),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86400),
    ],
)
def test_an_absurd_retry_after_stops_for_a_week_at_most(
    client: SpotifyClient, server: ScriptedServer, asked: str, lasts_s: float
) -> None:
    """What makes no sense counts as not said, and nothing stops calls for ever."""
    server.answers(429, QUOTA, headers={"Retry-After": asked})
    with pytest.raises(QuotaExceeded) as raised:
        client.current_user()
    assert raised.value.ends_at.timestamp() == START_S + lasts_s


def test_the_end_of_a_stop_is_known_without_a_call(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, tmp_path: Path
) -> None:
    """A page can show it at once after a restart."""
    assert kept_in(tmp_path).spending(clock.timing)["stopped_until"] is None
    server.answers(429, QUOTA, headers={"Retry-After": "60"})
    with pytest.raises(QuotaExceeded):
        client.current_user()
    assert kept_in(tmp_path).spending(clock.timing)["stopped_until"] == datetime.fromtimestamp(START_S + 60, UTC)
    clock.now_s += 61
    assert kept_in(tmp_path).spending(clock.timing)["stopped_until"] is None
    assert len(server.heard) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"ends_at_s": "x"}', b'{"ends_at_s": NaN}', b"\xff"])
def test_a_damaged_quota_file_counts_as_no_stop(tmp_path: Path, content: bytes) -> None:
    """The worst that comes of it is one call that tells the end again."""
    path = tmp_path / "spotify-quota.json"
    path.write_bytes(content)
    assert KeptQuota(Folder(tmp_path)).ends_at_s() is None
    KeptQuota(Folder(tmp_path)).keep(12.5)
    assert KeptQuota(Folder(tmp_path)).ends_at_s() == 12.5


def _json_reply(body: dict[str, object]) -> Reply:
    return Reply(200, json.dumps(body).encode())


def test_a_wait_of_hours_is_a_stop_also_without_a_reason(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """It is remembered, said with the time it ends, and nothing is sent before; a message of no text does no harm."""
    server.answers(429, {"error": {"status": 429, "message": ["Too many"]}}, headers={"Retry-After": "48925"})
    with pytest.raises(QuotaExceeded) as raised:
        client.current_user()
    assert raised.value.ends_at.timestamp() == START_S + 48925
    with pytest.raises(QuotaExceeded):
        client.playlists()
    assert (len(server.heard), clock.slept) == (1, [])


def test_a_reason_counts_whatever_the_message_is(client: SpotifyClient, server: ScriptedServer) -> None:
    """Also where the wait is short or absent."""
    server.answers(429, {"error": {"message": 7, "reason": "QUOTA_EXCEEDED"}}, headers={"Retry-After": "30"})
    with pytest.raises(QuotaExceeded):
        client.current_user()
