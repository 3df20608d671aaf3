"""One caller at a time, so far apart."""

import threading

from cratewise.sources.throttle import Throttle

from .conftest import FakeClock


def test_callers_come_an_interval_apart(clock: FakeClock) -> None:
    """The first goes at once, and whoever comes late enough doesn't wait."""
    throttle = Throttle(1.0, clock.timing)
    throttle.wait()
    throttle.wait()
    clock.now_s += 5
    throttle.wait()
    assert clock.slept == [1.0]


def test_a_hold_is_for_everybody(clock: FakeClock) -> None:
    """A wait that a service asks of one caller holds for all, and a shorter one doesn't end it."""
    throttle = Throttle(1.0, clock.timing)
    throttle.hold(30)
    throttle.hold(2)
    throttle.wait()
    assert clock.now_s == 30


def test_threads_share_the_pace(clock: FakeClock) -> None:
    """Of many threads each gets its own turn."""
    throttle = Throttle(1.0, clock.timing)
    turns: list[float] = []

    def ask() -> None:
        for _ in range(10):
            throttle.wait()
            turns.append(clock.now_s)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turns) == 80
    assert clock.now_s >= 79
