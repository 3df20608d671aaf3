"""What is sent again, when, and what is not."""

import threading
from pathlib import Path

import httpx
import pytest

from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import Addresses, connect, token_store
from cratewise.spotify.errors import BadAnswer, RateLimited, ServerFailed, Unreachable
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.retry import retry_after_s
from cratewise.spotify.transport import HttpSender

from .conftest import ACCOUNT, START_S, FakeClock, Heard, Reply, ScriptedServer, make_tokens

ME = {"account_id": "a", "id": "a", "display_name": "A"}


def test_reads_are_sent_again_after_server_errors(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """500, 502 and 503 pass; the waits double."""
    for status in (500, 502, 503):
        server.answers(status, body=b"<html><title>Bad gateway</title></html>")
    server.answers(200, ME)
    assert client.current_user().id == "a"
    assert clock.slept == [1.0, 2.0, 4.0]


def test_reads_that_keep_failing_end_in_a_server_error(client: SpotifyClient, server: ScriptedServer) -> None:
    """A 502 is Spotify's fault, says the error, and its HTML is not shown."""
    for _ in range(4):
        server.answers(502, body=b"<html><title>Bad gateway</title></html>")
    with pytest.raises(ServerFailed, match=r"GET /me: .*502") as raised:
        client.current_user()
    assert "html" not in str(raised.value)
    assert len(server.heard) == 4


def test_a_write_is_not_sent_again_after_a_server_error(client: SpotifyClient, server: ScriptedServer) -> None:
    """A 502 on a POST may have been carried out."""
    server.answers(502)
    with pytest.raises(ServerFailed) as raised:
        client.create_playlist("x", "", public=False)
    assert raised.value.maybe_carried_out
    assert len(server.heard) == 1


def test_a_write_is_not_sent_again_when_its_answer_is_lost(client: SpotifyClient, server: ScriptedServer) -> None:
    """A connection that breaks after the write was sent leaves it open whether it was carried out."""
    server.answers(cut=True)
    with pytest.raises(Unreachable, match="POST /me/playlists") as raised:
        client.create_playlist("x", "", public=False)
    assert raised.value.maybe_carried_out
    assert len(server.heard) == 1


def test_a_read_is_sent_again_when_its_answer_is_lost(client: SpotifyClient, server: ScriptedServer) -> None:
    """Reading twice does no harm."""
    server.answers(cut=True)
    server.answers(200, ME)
    assert client.current_user().id == "a"


def test_writes_wait_for_retry_after_and_go_again(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """A 429 was not carried out; it is waited for as long as Spotify asks."""
    server.answers(429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, headers={"Retry-After": "7"})
    server.answers(201, {"snapshot_id": "s1"})
    assert client.add_items("p1", ["spotify:track:a"]) == "s1"
    assert clock.slept == [7.0]


def test_a_long_wait_is_given_to_the_caller(client: SpotifyClient, server: ScriptedServer, clock: FakeClock) -> None:
    """Nobody sits through a Retry-After of many minutes."""
    server.answers(429, headers={"Retry-After": "900"})
    with pytest.raises(RateLimited) as raised:
        client.current_user()
    assert raised.value.retry_after_s == 900.0
    assert clock.slept == []


def test_writes_are_sent_again_when_nothing_listens(server: ScriptedServer, clock: FakeClock, tmp_path: Path) -> None:
    """A refused connection carried nothing out: it is tried four times, and then known not to be carried out."""
    closed = ScriptedServer()
    closed.close()
    token_store(tmp_path).save(ACCOUNT, make_tokens())
    with (
        connect(tmp_path, Addresses(f"{closed.url}/v1", server.url), timing=clock.timing) as client,
        pytest.raises(Unreachable, match="cannot be reached") as raised,
    ):
        client.add_items("p1", ["spotify:track:a"])
    assert not raised.value.maybe_carried_out
    assert clock.slept == [1.0, 2.0, 4.0]


def test_silence_ends_in_a_time_out(server: ScriptedServer) -> None:
    """The error says that no answer came in time, and that a write may have been carried out."""
    given_up = threading.Event()

    def silent(heard: Heard) -> Reply:
        given_up.wait(30)
        return Reply(cut=True)

    server.rules["/me/playlists"] = silent
    sender = HttpSender(server.url, httpx.Timeout(5.0, read=0.05))
    try:
        with pytest.raises(Unreachable, match="did not answer in time") as raised:
            sender.send(Request("POST", "/me/playlists"))
    finally:
        given_up.set()
        sender.close()
    assert raised.value.maybe_carried_out


@pytest.mark.off_contract("the address is not the Web API's")
def test_an_address_that_is_none_is_an_error_of_this_room() -> None:
    """A mistyped setting is met like a host that is not there."""
    sender = HttpSender("spotify")
    with pytest.raises(Unreachable, match="spotify cannot be reached"):
        sender.send(Request("GET", "/me"))
    sender.close()


def test_an_answer_whose_packing_is_broken_is_a_bad_answer(client: SpotifyClient, server: ScriptedServer) -> None:
    """Not gzip, although it says so."""
    server.answers(200, body=b"not packed", headers={"Content-Encoding": "gzip"})
    with pytest.raises(BadAnswer, match="cannot be decoded"):
        client.current_user()


def test_the_wait_holds_for_the_next_call_too(client: SpotifyClient, server: ScriptedServer, clock: FakeClock) -> None:
    """When every attempt met a 429, the next call waits out what is left before it is sent."""
    for _ in range(4):
        server.answers(429, headers={"Retry-After": "5"})
    with pytest.raises(RateLimited):
        client.current_user()
    server.answers(200, ME)
    assert client.current_user().id == "a"
    assert clock.slept == [5.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_in_every_form(header: str, seconds: float | None) -> None:
    """Seconds, a date, and nonsense."""
    assert retry_after_s(Answer(429, {"retry-after": header}), START_S) == seconds


@pytest.mark.parametrize("asked", ["-5", "soon", "", "1e3", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_wait_that_makes_no_sense_is_a_short_one(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, asked: str
) -> None:
    """As if Spotify had not said how long."""
    server.answers(429, headers={"Retry-After": asked})
    server.answers(200, {"account_id": "a", "id": "a", "display_name": "A"})
    client.current_user()
    assert sum(clock.slept) < 3


@pytest.mark.parametrize("asked", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_of_years_is_not_waited_for(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, asked: str
) -> None:
    """It is told, and nothing sleeps or is sent again."""
    server.answers(429, headers={"Retry-After": asked})
    with pytest.raises(RateLimited):
        client.current_user()
    assert (clock.slept, len(server.heard)) == ([], 1)
