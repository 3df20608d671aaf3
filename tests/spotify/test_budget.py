"""Calls are counted where they leave, for a day, and by every process that works with the folder."""

import json
from pathlib import Path

import pytest

from cratewise.errors import SpotifyError
from cratewise.spotify.budget import DAY_S, CallFile
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import connect, kept_in

from .conftest import START_S, FakeClock, Reply, ScriptedServer

ME = {"account_id": "a", "id": "a", "display_name": "A"}


def test_every_request_that_leaves_is_counted(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, tmp_path: Path
) -> None:
    """One that is sent again counts again, as it does at Spotify; one that a quota stop holds back does not."""
    server.answers(502, body=b"<html>")
    server.answers(200, ME)
    client.current_user()
    assert kept_in(tmp_path).spending(clock.timing)["used"] == 2
    quota = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
    server.answers(429, quota, headers={"Retry-After": "600"})
    for _ in range(2):
        with pytest.raises(SpotifyError, match="quota"):
            client.current_user()
    spent = kept_in(tmp_path).spending(clock.timing)
    assert spent["used"] == len(server.heard) == 3
    assert spent["stopped_until"] is not None
    assert spent["stopped_until"].timestamp() == pytest.approx(clock.now_s + 600)


def test_calls_count_for_a_day_and_in_every_process(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock, tmp_path: Path
) -> None:
    """Another client over the same folder counts on, and what is older than 24 hours counts no more."""
    server.rules["/v1/me"] = lambda heard: _me()
    client.current_user()
    clock.now_s += 600
    with connect(kept_in(tmp_path), server.addresses, timing=clock.timing) as other:
        other.current_user()
    assert kept_in(tmp_path).spending(clock.timing)["used"] == 2
    clock.now_s = START_S + DAY_S + 1
    assert kept_in(tmp_path).spending(clock.timing)["used"] == 1


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"soon\n-5\n", b"9" * 400, "١٢٣".encode()])
def test_what_makes_no_sense_counts_for_nothing(tmp_path: Path, content: bytes) -> None:
    """A damaged file, or a clock that was set back, is no reason to warn."""
    path = tmp_path / "calls.log"
    path.write_bytes(content)
    log = CallFile(path)
    assert log.count(START_S) == 0
    log.add(START_S + 50)
    assert log.count(START_S) == 0, "it lies in the future"


def test_a_call_counts_from_its_own_moment_on(tmp_path: Path) -> None:
    """Also in the second half of a second."""
    log = CallFile(tmp_path / "calls.log")
    log.add(START_S + 0.7)
    assert log.count(START_S + 0.7) == 1


def test_the_file_stays_small(tmp_path: Path) -> None:
    """What is older than a day is dropped once it has grown, and nothing younger."""
    path = tmp_path / "calls.log"
    path.write_text(f"{START_S:.0f}\n" * 30_000 + f"{START_S + DAY_S:.0f}\n" * 7, encoding="ascii")
    log = CallFile(path)
    log.add(START_S + DAY_S + 1)
    assert path.stat().st_size < 200
    assert log.count(START_S + DAY_S + 1) == 8


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    """It names the file."""
    (tmp_path / "calls.log").mkdir()
    with pytest.raises(SpotifyError, match=r"calls\.log cannot be written"):
        CallFile(tmp_path / "calls.log").add(START_S)


def _me() -> Reply:
    return Reply(200, json.dumps(ME).encode())
