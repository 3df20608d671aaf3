"""A stand-in for the sources on the internet, and a clock that moves only when somebody sleeps."""

import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from cratewise.sources.online import OnlineSources, online_sources
from cratewise.sources.timing import Timing

from .standin import KEY, StandIn


class FakeClock:
    """Time that passes only by sleeping; may be used by several threads."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()
        self.timing = Timing(now_s=lambda: self.now_s, sleep=self._sleep, jitter=lambda: 0.0)

    def _sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now_s += seconds


@pytest.fixture
def clock() -> FakeClock:
    """The time, stopped."""
    return FakeClock()


@pytest.fixture
def stand_in(clock: FakeClock) -> Iterator[StandIn]:
    """The three services on a free port, stopped at the end of the test."""
    server = StandIn(lambda: clock.now_s)
    yield server
    server.close()


@pytest.fixture
def sources(stand_in: StandIn, clock: FakeClock) -> Iterator[OnlineSources]:
    """All sources, wired as in the program."""
    with online_sources(
        ("reccobeats", "musicbrainz", "lastfm"),
        contact="ada@example.org",
        lastfm_key=SecretStr(KEY),
        addresses=stand_in.addresses,
        timing=clock.timing,
    ) as opened:
        yield opened
