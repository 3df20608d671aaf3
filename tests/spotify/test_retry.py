"""What is sent again, when, and what is not."""

import contextlib
import gzip
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import Addresses, connect, kept_in
from cratewise.spotify.errors import BadAnswer, QuotaExceeded, RateLimited, ServerFailed, Unreachable
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.retry import OwnHold, RetrySender, retry_after_s
from cratewise.spotify.timing import Timing
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


def test_short_waits_that_do_not_help_end_in_an_error(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """Four attempts, as far apart as Spotify asks."""
    for _ in range(4):
        server.answers(429, headers={"Retry-After": "9"})
    with pytest.raises(RateLimited) as raised:
        client.current_user()
    assert raised.value.retry_after_s == 9.0
    assert clock.slept == [9.0, 9.0, 9.0]


def test_a_clock_set_back_while_waiting_holds_nobody_for_longer(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """The wait is over when it was waited for, whatever the clock says then."""
    server.answers(429, headers={"Retry-After": "60"})

    def set_back(heard: Heard) -> Reply:
        clock.now_s -= 100_000
        return Reply(429, b"", {"Retry-After": "5"})

    server.rules["/v1/me/playlists"] = set_back
    with pytest.raises(RateLimited):
        client.playlists()
    n_slept = len(clock.slept)
    server.answers(200, {"items": []})
    client.saved_tracks()
    assert sum(clock.slept[n_slept:]) <= 61 + 60
    n_slept = len(clock.slept)
    server.answers(200, {"items": []})
    client.saved_tracks()
    assert clock.slept[n_slept:] == []


def test_writes_are_sent_again_when_nothing_listens(server: ScriptedServer, clock: FakeClock, tmp_path: Path) -> None:
    """A refused connection carried nothing out: it is tried four times, and then known not to be carried out."""
    closed = ScriptedServer()
    closed.close()
    kept_in(tmp_path).logins.save(ACCOUNT, make_tokens())
    with (
        connect(kept_in(tmp_path), Addresses(f"{closed.url}/v1", server.url), timing=clock.timing) as client,
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
def test_an_answer_that_trickles_in_for_ever_is_given_up() -> None:
    """Each byte comes in time, and the whole never."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_trickle, args=(listening,), daemon=True).start()
        sender = HttpSender(f"http://127.0.0.1:{listening.getsockname()[1]}", longest_answer_s=0.3)
        with pytest.raises(Unreachable, match="did not answer in time"):
            sender.send(Request("GET", "/me", repeatable=True))
        sender.close()


def _trickle(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)


def test_an_answer_without_measure_is_given_up(client: SpotifyClient, server: ScriptedServer) -> None:
    """200 MB of nothing, packed to 200 kB."""
    bomb = gzip.compress(bytes(200_000_000), 9)
    server.rules["/v1/me"] = lambda heard: Reply(200, bomb, {"Content-Encoding": "gzip"})
    with pytest.raises(BadAnswer, match="GET /me: the answer is larger than 16,777,216 bytes"):
        client.current_user()


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
    with pytest.raises(QuotaExceeded):
        client.current_user()
    assert (clock.slept, len(server.heard)) == ([], 1)


def test_a_wait_that_was_made_longer_meanwhile_is_waited_out() -> None:
    """Somebody else who shares the hold was told to wait longer while this one slept."""
    hold, now_s = OwnHold(), 100.0
    sent_at_s: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds
        if now_s < 115.0:
            hold.extend(130.0)

    class Noting:
        """Notes when something is sent."""

        def send(self, request: Request) -> Answer:
            """Takes it."""
            sent_at_s.append(now_s)
            return Answer(200, {}, request.call.encode())

    hold.extend(110.0)
    timing = Timing(now_s=lambda: now_s, sleep=sleep, jitter=lambda: 0.0)
    RetrySender(Noting(), timing, hold=hold).send(Request("GET", "/me"))
    assert sent_at_s == [130.0]
