"""Machines whose clocks differ: what their processes share is dated by the database's."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from tests.hosting.conftest import Hosting, SixGenres, clock_ahead

from cratewise.errors import LibraryAwayError
from cratewise.hosting.clock import SharedClock
from cratewise.hosting.host import Host
from cratewise.jobs.schedule import Schedule, ScheduleStore
from cratewise.spotify.connect import Kept
from cratewise.spotify.sandbox.faults import too_many_requests

HOUR = timedelta(hours=1)
NEARLY_S = 10.0


@pytest.fixture
def apart(hosting: Hosting) -> Iterator[tuple[Host, Host]]:
    """Two processes of a host, on machines whose clocks are two hours apart."""
    with ExitStack() as stack:
        ahead, behind = (
            stack.enter_context(Host(hosting.settings, load_classifier=SixGenres, now=clock_ahead(by)))
            for by in (HOUR, -HOUR)
        )
        yield ahead, behind


def test_processes_agree_about_the_time(apart: tuple[Host, Host]) -> None:
    """Whatever their machines say."""
    ahead, behind = apart
    assert abs((ahead.now() - behind.now()).total_seconds()) < NEARLY_S
    assert abs((ahead.now() - ahead.board.now()).total_seconds()) < NEARLY_S


def test_a_wait_is_no_longer_for_others_than_for_whoever_was_asked(apart: tuple[Host, Host]) -> None:
    """Nor shorter: a wait of half a minute lasts that long at every process, and a stop of the quota likewise."""
    for asked, other in (apart, apart[::-1]):
        kept, others = kept_by(asked), kept_by(other)
        assert kept.hold is not None
        assert others.hold is not None
        asked.own.delete("spotify-wait.json")
        kept.hold.extend(kept.timing.now_s() + 30)
        assert 30 - NEARLY_S < others.hold.ends_at_s() - others.timing.now_s() < 30 + NEARLY_S
        kept.quota.keep(kept.timing.now_s() + 600)
        until = others.spending()["stopped_until"]
        assert until is not None
        assert abs((until - other.now()).total_seconds() - 600) < NEARLY_S


def test_calls_count_for_a_day_and_sessions_for_their_time(apart: tuple[Host, Host]) -> None:
    """From the moment they are made, at every process."""
    for here, there in (apart, apart[::-1]):
        before = there.calls_today()
        here.calls.add(kept_by(here).timing.now_s())
        assert there.calls_today() == before + 1
        token = here.sessions.begin("ada")
        assert there.sessions.account_of(token) == "ada"


def test_a_worker_ahead_sends_nothing_early_and_keeps_nobody_waiting(hosting: Hosting) -> None:
    """It was asked to wait; others wait as long as that, and not an hour."""
    hosting.work(ahead=HOUR)
    hosting.sandbox.faults.add(too_many_requests(2, path="/v1/me/tracks"))
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    browser.sort()
    hold = kept_by(hosting.host).hold
    assert hold is not None
    assert 0 < hold.ends_at_s() < time.time() + NEARLY_S
    assert hosting.sandbox.traffic.early_calls == []


def test_nothing_is_begun_an_hour_early(hosting: Hosting, apart: tuple[Host, Host]) -> None:
    """A schedule is due by the one clock."""
    drawer = hosting.host.drawer("ada")
    due = hosting.host.board.now() + HOUR / 2
    ScheduleStore(drawer).keep("ada", Schedule(3600, due))
    for host in apart:
        assert host.now() < due


def test_the_time_goes_on_while_the_database_is_away() -> None:
    """By this machine's clock and what it was off before; then the database is asked again."""
    own, elapsed, off, is_away = datetime(2026, 11, 1, tzinfo=UTC), 0.0, HOUR, False

    def ask() -> datetime:
        if is_away:
            raise LibraryAwayError("away")
        return own + off

    clock = SharedClock(ask, lambda: own, lambda: elapsed)
    assert clock() == own + HOUR
    elapsed, off, is_away = 61.0, HOUR / 2, True
    assert clock() == own + HOUR
    is_away = False
    assert clock() == own + HOUR
    elapsed = 122.0
    assert clock() == own + HOUR / 2
    assert clock.now_s() == (own + HOUR / 2).timestamp()


def kept_by(host: Host) -> Kept:
    """What a process of the host keeps of Spotify's limits."""
    return host.spotify("ada")
