"""What a host's watchman asks: alive, ready, the numbers, and the log for machines."""

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from cratewise.errors import SpotifyError
from cratewise.web.logs import say, write_json_lines
from cratewise.web.metrics import NO_ROUTE
from cratewise.web.server import config_of

from .conftest import N_SONGS, PATIENCE_S, Connect, Site, StandInAccount


def numbers(site: Site) -> dict[tuple[str, ...], float]:
    """Every number, by its name and its labels in the order of their names."""
    answer = site.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels))): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def test_a_program_that_lives_and_can_answer_says_so(site: Site) -> None:
    """Also before anything was read."""
    assert site.client.get("/health").json() == {"status": "alive"}
    assert site.client.get("/ready").json() == {"status": "ready"}


def test_a_library_that_cannot_be_read_is_not_ready(site: Site) -> None:
    """The program lives all the same, and tells a stranger nothing of where the library is."""
    folder = site.server.workspace.app.settings.data_dir
    site.server.workspace.ahead.stop()
    site.server.workspace.ahead.wait(PATIENCE_S)  # it would open the library again
    site.server.workspace.app.library.close()
    (folder / "library.sqlite3").write_bytes(b"rubbish" * 1000)
    answer = site.client.get("/ready")
    assert answer.status_code == 503
    assert str(folder) not in answer.text
    assert site.client.get("/health").status_code == 200


def test_the_numbers_of_a_library(site: Site) -> None:
    """Songs, calls, jobs by their end, requests by route and not by address."""
    assert numbers(site)["cratewise_songs",] == 0
    site.sort()
    for path in ("/songs", "/songs?family=rock", "/history/1", "/history/2", "/nowhere/a", "/nowhere/b"):
        site.client.get(path)
    site.client.get("/", headers={"host": "evil.example"})
    found = numbers(site)
    assert found["cratewise_songs",] == N_SONGS
    assert found["cratewise_job_running",] == 0
    assert found["cratewise_spotify_stopped",] == 0
    assert found["cratewise_jobs_total", "sort", "done"] == 1
    count = "cratewise_request_seconds_count"
    assert found[count, "GET", "/songs", "200"] == 2
    assert found[count, "GET", "/history/{run_id}", "404"] == 2
    assert found[count, "GET", NO_ROUTE, "404"] == 2
    assert found[count, "GET", NO_ROUTE, "421"] == 1


def test_a_job_that_failed_is_counted_as_that(site: Site) -> None:
    """Once."""
    site.account.trouble = SpotifyError("No.")
    site.run("/api/jobs/sort")
    assert numbers(site)["cratewise_jobs_total", "sort", "failed"] == 1


def test_what_nobody_knows_is_no_number(serve_site: Callable[[Connect], Site]) -> None:
    """Nobody is logged in; the others are there."""

    def refuse(_settings: object) -> StandInAccount:
        raise SpotifyError("Nobody is logged in.")

    found = numbers(serve_site(refuse))
    assert found["cratewise_spotify_calls_day",] != found["cratewise_spotify_calls_day",]
    assert found["cratewise_songs",] == 0


def test_the_numbers_are_for_this_machine(site: Site) -> None:
    """A proxy on this machine says for whom it asks."""
    stranger = site.client.get("/metrics", headers={"x-forwarded-for": "192.168.1.20"})
    assert stranger.status_code == 403
    assert "cratewise_songs" not in stranger.text


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged as JSON lines; the log is as before afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("cratewise")
    before = root.handlers[:], root.level, ours.level
    hooks = sys.excepthook, threading.excepthook
    stream = io.StringIO()
    write_json_lines(stream)
    yield stream
    root.handlers[:] = before[0]
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_the_log_for_machines_has_what_was_done_and_not_what_was_asked_for(site: Site, log: io.StringIO) -> None:
    """Each line is an object; words that somebody searched for, and codes of a login, are in none."""
    site.sort()
    site.client.get("/callback", params={"code": "secret-code", "state": "secret-state"})
    site.client.get("/songs", params={"family": "secret-family"})
    site.server.stop()
    site.thread.join(PATIENCE_S)  # a request is logged once its answer is sent
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert "secret" not in log.getvalue()
    ended = next(line for line in lines if line["message"] == "job ended")
    assert (ended["kind"], ended["status"], ended["level"]) == ("sort", "done", "info")
    asked = next(line for line in lines if line.get("route") == "/songs")
    assert (asked["method"], asked["status"]) == ("GET", 200)
    assert asked["ms"] >= 0
    assert asked["at"].endswith("+00:00")


def test_an_exception_is_one_line(log: io.StringIO) -> None:
    """With its trace, and whatever it says."""
    try:
        float("no number")
    except ValueError:
        logging.getLogger("cratewise.web").exception("went wrong")
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["exception"].endswith("\nValueError: could not convert string to float: 'no number'")


def test_what_the_server_itself_says_is_json_too(site: Site, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uvicorn's lines go the same way as all others, and so does what is said at the start, and what ends a thread."""
    monkeypatch.setattr(logging.getLogger("uvicorn"), "handlers", [])  # as before the first server of a process
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    config = config_of(Starlette(), site.server.workspace.app.settings.model_copy(update={"log_format": "json"}))
    config.load()
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    say("cratewise runs at  http://127.0.0.1:8765")
    threading.excepthook(threading.ExceptHookArgs((ValueError, ValueError("odd"), None, None)))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["logger"] for line in lines] == ["uvicorn.error", "cratewise.web.logs", "cratewise.web.logs"]
    assert lines[2]["exception"] == "ValueError: odd"
