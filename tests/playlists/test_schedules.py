"""Hundreds of schedules of faults on an account in memory, for those who change the code: seconds, not minutes."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cratewise.library.store import Library
from cratewise.playlists.account import PlaylistHead
from cratewise.playlists.apply import StalePlanError, refuse_stale

from .conftest import MemoryAccount
from .schedules import LONGEST_LAG_S, Schedules

T = TypeVar("T")
N_SCHEDULES = 500
CALL_S = 0.1
FAULTS = ("", "", "lost before", "lost after", "refused", "killed before", "killed after")


class LaggingAccount(MemoryAccount):
    """A new playlist is not in the list at once; and no playlist may ever lose what it is to keep."""

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.now_s = 0.0
        self.to_keep: dict[str, Counter[str | None]] = {}
        self._lag_s = 0.0
        self._seen_from: dict[str, float] = {}

    def own_playlists(self, until: object = ()) -> tuple[PlaylistHead, ...]:
        """Those that are to be seen by now."""
        self.now_s += CALL_S
        return tuple(
            head for head in super().own_playlists() if self._seen_from.get(head.playlist_id, 0.0) <= self.now_s
        )

    def create(self, name: str, description: str, *, public: bool) -> PlaylistHead:
        """Makes a playlist that is seen later."""
        before = set(self.contents_of)
        try:
            return super().create(name, description, public=public)
        finally:
            for playlist_id in self.contents_of.keys() - before:
                self._seen_from[playlist_id] = self.now_s + self._lag_s

    def disturb(self, faults: Sequence[int], lag_s: float) -> None:
        """The next writes go wrong."""
        self.faults.extend(FAULTS[number % len(FAULTS)] for number in faults)
        self._lag_s = lag_s

    def calm(self) -> None:
        """No write goes wrong any more, and everything is seen."""
        self.faults.clear()
        self.now_s += LONGEST_LAG_S
        self._lag_s = 0.0

    def pause(self, seconds: float) -> None:
        """Time passes."""
        self.now_s += seconds

    def _write(self, what: str, playlist_id: str, count: int, carry_out: Callable[[], T]) -> T:
        self.now_s += CALL_S
        try:
            return super()._write(what, playlist_id, count, carry_out)
        finally:
            held = Counter(self.contents_of.get(playlist_id, ()))
            if what != "unfollow":
                assert self.to_keep.get(playlist_id, Counter()) <= held, "a playlist lost what it was to keep"


class InMemory(Schedules):
    """The schedules on an account in memory."""

    open_account = LaggingAccount


def test_under_every_schedule_the_account_ends_as_planned(tmp_path: Path) -> None:
    """Lost answers, refusals, kills between and inside steps, lists that lag, and a person who goes on editing."""
    with Library.open(f"sqlite:///{tmp_path / 'library.sqlite3'}") as library:
        InMemory.library = library
        run_state_machine_as_test(
            InMemory,
            settings=settings(
                max_examples=N_SCHEDULES,
                stateful_step_count=8,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_a_stale_plan_begins_nothing(tmp_path: Path) -> None:
    """A playlist was changed after the plan was made: no run is opened, and nothing written."""
    with Library.open(f"sqlite:///{tmp_path / 'library.sqlite3'}") as library:
        InMemory.library = library
        machine = InMemory()
        account = machine.account
        assert isinstance(account, LaggingAccount)
        machine.begin()
        machine.like("jazz", 1)
        machine.apply()
        machine.like("jazz", 1)
        plan = machine.plan()
        machine.edit("jazz", "put in", 0)
        account.writes.clear()
        with pytest.raises(StalePlanError):
            refuse_stale(plan, account)
        assert account.writes == []
        assert machine.unfinished() is None
