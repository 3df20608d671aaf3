"""What the pages show is made before anybody asks for it, and never while the server ends."""

import threading
import time

import pytest

from cratewise import workflows
from cratewise.errors import LibraryError
from cratewise.playlists.plan import Plan
from cratewise.playlists.rules import Rules
from cratewise.web.ahead import Ahead
from cratewise.workflows.services import Services

from .conftest import PATIENCE_S, Site


def take_two_rounds(ahead: Ahead, done: threading.Semaphore) -> None:
    """One at the start and one when it is woken, each of which ends with `done`."""
    ahead.start()
    assert done.acquire(timeout=PATIENCE_S)
    ahead.wake()
    assert done.acquire(timeout=PATIENCE_S)
    ahead.stop()
    ahead.wait(PATIENCE_S)


def test_every_step_is_taken_at_the_start_and_each_time_it_is_woken() -> None:
    """A round at once, and another one once something has changed."""
    taken, done = [], threading.Semaphore(0)
    ahead = Ahead((lambda: taken.append("read"), lambda: taken.append("draft")))
    ahead.add(done.release)
    take_two_rounds(ahead, done)
    assert taken == ["read", "draft"] * 2


def test_the_first_round_can_be_waited_for() -> None:
    """All its steps are taken then, without the rest between two; one that takes too long is not waited for."""
    taken, go_on = [], threading.Event()
    ahead = Ahead((lambda: taken.append("read"), lambda: taken.append("draft")))
    ahead.start()
    ahead.wait_for_round(PATIENCE_S)
    assert taken == ["read", "draft"]
    ahead.stop()
    slow = Ahead((lambda: go_on.wait(PATIENCE_S), lambda: taken.append("late")))
    slow.start()
    slow.wait_for_round(0.01)
    assert "late" not in taken
    slow.stop()
    go_on.set()


@pytest.mark.parametrize("ends", ["stop", "trouble"])
def test_nobody_waits_for_a_round_that_ends_before_its_time(ends: str) -> None:
    """Whoever stops the server while it starts, or has a library that cannot be read, is not kept waiting."""
    go_on = threading.Event()

    def read() -> None:
        if ends == "trouble":
            raise LibraryError("It is locked.")
        ahead.stop()
        go_on.wait(PATIENCE_S)

    ahead = Ahead((read,))
    ahead.start()
    began_s = time.monotonic()
    ahead.wait_for_round(2 * PATIENCE_S)
    assert time.monotonic() - began_s < PATIENCE_S
    go_on.set()
    ahead.stop()
    ahead.wait(PATIENCE_S)


def test_no_step_is_begun_once_it_was_stopped() -> None:
    """The one under way is waited for, and none comes after it."""
    begun, go_on, taken = threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        go_on.wait(PATIENCE_S)
        taken.append("first")

    ahead = Ahead((first, lambda: taken.append("second")))
    ahead.start()
    assert begun.wait(PATIENCE_S)
    ahead.stop()
    go_on.set()
    ahead.wait(PATIENCE_S)
    assert taken == ["first"]


def test_trouble_ends_a_round_and_not_the_next() -> None:
    """A library that cannot be read now can be at the next wake."""
    tries, done = [], threading.Semaphore(0)

    def read() -> None:
        tries.append(1)
        if len(tries) == 1:
            done.release()
            raise LibraryError("It is locked.")

    ahead = Ahead((read, done.release))
    take_two_rounds(ahead, done)
    assert len(tries) == 2


def test_the_draft_is_there_when_a_job_has_ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody opened a page, and the plan of the kept rules is drafted."""
    drafted, draft = threading.Event(), workflows.draft_plan

    def note(app: Services, rules: Rules) -> Plan:
        plan = draft(app, rules)
        drafted.set()
        return plan

    monkeypatch.setattr(workflows, "draft_plan", note)
    site.sort()
    assert drafted.wait(PATIENCE_S)
