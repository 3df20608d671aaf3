"""A person, an account and a program that is disturbed in every way, as a state machine; two accounts can be rehearsed:
one in memory (`test_schedules`), and one at the sandbox, over HTTP (`test_schedules_http`)."""

import itertools
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cratewise.errors import CratewiseError
from cratewise.library.accounts import KnownAccount
from cratewise.library.store import Library
from cratewise.playlists.account import PlaylistAccount
from cratewise.playlists.apply import Surroundings, apply_new, refuse_stale, resume
from cratewise.playlists.history import look, newest_undoable, undo
from cratewise.playlists.placing import KnownNames
from cratewise.playlists.plan import LikedSong, ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.planning import plan_playlists
from cratewise.playlists.rules import Rules
from cratewise.playlists.runs import Journal, Run, RunState, RunStep
from cratewise.playlists.writing import heads_with

from .conftest import KilledError

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)
GENRES = ("jazz", "metal", "folk")
RULES = Rules(GENRES, least_songs=1, covers=False)
THEIRS: list[str | None] = [f"spotify:track:{0:022d}", None, "spotify:local:a:b:c:1", f"spotify:track:{0:022d}"]
MOST_SONGS = 3_000
"""URIs that a schedule may use: `song_uri(0)` to `song_uri(MOST_SONGS - 1)`."""

LONGEST_LAG_S = 2.0
A_DAY_S = 86_400.0
_TIMES_TO_GO_ON = 5

_accounts = itertools.count(1)


def song_uri(number: int) -> str:
    """The URI of a song."""
    return f"spotify:track:{number:022d}"


class RehearsedAccount(PlaylistAccount, Protocol):
    """An account that can be disturbed, edited by hand, and looked at from behind.

    Attributes:
        to_keep: Which entries of each playlist must be there at every moment; it watches over that itself.
    """

    to_keep: dict[str, Counter[str | None]]

    @property
    def contents_of(self) -> Mapping[str, Sequence[str | None]]:
        """Entries of each playlist in the library by its id."""

    @property
    def now_s(self) -> float:
        """Seconds since the schedule began."""

    def make(self, name: str, entries: Sequence[str | None]) -> str:
        """A playlist as the person makes it; returns its id."""

    def edit(self, playlist_id: str, entries: Sequence[str | None]) -> None:
        """Changes a playlist by hand."""

    def disturb(self, faults: Sequence[int], lag_s: float) -> None:
        """Lets calls to come go wrong, each number standing for a fault, and new playlists be seen late."""

    def calm(self) -> None:
        """From now on everything goes well, and every stop is over."""

    def pause(self, seconds: float) -> None:
        """Time passes."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What goes wrong during one applying or undoing.

    Attributes:
        faults: What happens to the next calls, as `RehearsedAccount.disturb` takes it.
        kills: What happens at the next records: "killed before", "killed after", or "" for nothing.
        lag_s: How long new playlists are not to be seen.
        later_s: How long after the last time it begins.
    """

    faults: list[int]
    kills: list[str]
    lag_s: float
    later_s: float


disturbances = st.builds(
    Disturbance,
    faults=st.lists(st.integers(0, 99), max_size=6),
    kills=st.lists(st.sampled_from(["", "", "", "killed before", "killed after"]), max_size=6),
    lag_s=st.sampled_from([0.0, 1.0, LONGEST_LAG_S]),
    later_s=st.sampled_from([0.0, 60.0, A_DAY_S]),
)


class KillingJournal:
    """A journal at whose writes the program may be killed.

    Attributes:
        faults: What happens to the next writes: "killed before", "killed after", or "" for nothing.
    """

    def __init__(self, journal: Journal, faults: deque[str]) -> None:
        self._journal = journal
        self.faults = faults

    def begin(self, plan: Plan, model_version: str, started_at: datetime, namesakes: dict[int, tuple[str, ...]]) -> Run:
        """Opens a run."""
        return self._write(lambda: self._journal.begin(plan, model_version, started_at, namesakes))

    def write_step(self, run_id: int, step: RunStep, playlist: ManagedPlaylist | None = None) -> None:
        """Records a step."""
        self._write(lambda: self._journal.write_step(run_id, step, playlist))

    def forget_playlist(self, run_id: int, step: RunStep) -> None:
        """Records a step whose playlist is looked after no more."""
        self._write(lambda: self._journal.forget_playlist(run_id, step))

    def close(self, run_id: int, state: RunState, at: datetime) -> None:
        """Records how far a run is."""
        self._write(lambda: self._journal.close(run_id, state, at))

    def _write(self, carry_out: Callable[[], T]) -> T:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "killed before":
            raise KilledError
        answer = carry_out()
        if fault == "killed after":
            raise KilledError
        return answer


class Schedules(RuleBasedStateMachine):
    """A person, an account, and a program that is disturbed in every way."""

    library: ClassVar[Library]
    open_account: ClassVar[Callable[[str], RehearsedAccount]]

    def __init__(self) -> None:
        super().__init__()
        self.account_id = f"account-{next(_accounts)}"
        self.account = type(self).open_account(self.account_id)
        self.library.songs.write(KnownAccount(self.account_id, "Ada", 0, START), ())
        self.songs: list[LikedSong] = []
        self.journal = KillingJournal(self.library.runs(self.account_id), deque())
        self.put_in: list[str] = []
        self.turned: set[str] = set()
        self._numbers = itertools.count(1)

    @initialize()
    def begin(self) -> None:
        """Some songs are liked, and one playlist is the person's own, with the name of one to come."""
        self.foreign = self.account.make("jazz · liked", THEIRS)
        for genre in GENRES[:2]:
            self.like(genre, 2)

    @rule(genre=st.sampled_from(GENRES), many=st.sampled_from([1, 2, 130]))
    def like(self, genre: str, many: int) -> None:
        """One song, two, or more than a call takes."""
        for number in itertools.islice(self._numbers, many):
            added_at = START + timedelta(minutes=number)
            uri = song_uri(number)
            self.songs.append(
                LikedSong(uri, str(number), f"Song {number}", ("A",), added_at, "", None, True, genre, genre, 0.9)
            )

    @rule(which=st.integers(0, 10))
    def unlike(self, which: int) -> None:
        """One song, if there is one."""
        if self.songs:
            self.songs.pop(which % len(self.songs))

    @rule(which=st.integers(0, 10), genre=st.sampled_from(GENRES))
    def change_mind(self, which: int, genre: str) -> None:
        """A song is of another genre now."""
        if self.songs:
            place = which % len(self.songs)
            self.songs[place] = replace(self.songs[place], genre=genre, family=genre)

    @rule(
        genre=st.sampled_from(GENRES), what=st.sampled_from(["put in", "take out", "turn round"]), at=st.integers(0, 5)
    )
    def edit(self, genre: str, what: str, at: int) -> None:
        """By hand, in the playlist of a genre, if there is one."""
        made = next((one for one in self.managed() if one.genre == genre), None)
        if made is None or made.playlist_id not in self.account.contents_of:
            return
        entries = list(self.account.contents_of[made.playlist_id])
        if what == "put in":
            uri = song_uri(next(self._numbers))
            entries.insert(min(at, len(entries)), uri)
            self.put_in.append(uri)
        elif what == "take out" and entries:
            gone = entries.pop(at % len(entries))
            self.put_in = [uri for uri in self.put_in if uri != gone]
        elif entries:
            entries.reverse()
            self.turned.add(made.playlist_id)
        self.account.to_keep.pop(made.playlist_id, None)
        self.account.edit(made.playlist_id, entries)

    @rule(disturbance=disturbances)
    def apply_disturbed(self, disturbance: Disturbance) -> None:
        """While calls and records go wrong."""
        self.disturb(disturbance)
        self.apply()

    @rule(disturbance=disturbances)
    def undo_disturbed(self, disturbance: Disturbance) -> None:
        """While calls and records go wrong."""
        self.disturb(disturbance)
        self.undo()

    def disturb(self, disturbance: Disturbance) -> None:
        """The next calls go wrong, the program is killed at the next records, new playlists are seen late."""
        self.account.pause(disturbance.later_s)
        self.account.disturb(disturbance.faults, disturbance.lag_s)
        self.journal.faults.extend(disturbance.kills)

    def apply(self) -> None:
        """Goes on with what was stopped, or reads, plans and writes."""
        with suppress(CratewiseError, KilledError):
            run = self.unfinished()
            if run is not None and run.state == "undoing":
                self.take_back(run)
            elif run is not None:
                self.keep_what_stays([step.change for step in run.steps])
                resume(run, self.around())
            else:
                plan = self.plan()
                if not plan.is_empty:
                    self.keep_what_stays(plan.changes)
                    apply_new(plan, refuse_stale(plan, self.account), "m", self.around())

    def undo(self) -> None:
        """Takes the newest run back, finished or not."""
        with suppress(CratewiseError, KilledError):
            self.take_back(newest_undoable(self.library.runs(self.account_id).all()))

    @invariant()
    def foreign_playlists_are_as_they_were(self) -> None:
        """At every moment."""
        if hasattr(self, "foreign"):
            assert list(self.account.contents_of[self.foreign]) == THEIRS

    def teardown(self) -> None:
        """Once it is quiet, going on and applying once more leaves exactly what the plan says."""
        if not hasattr(self, "foreign"):
            return
        self.account.calm()
        self.journal.faults.clear()
        for _ in range(_TIMES_TO_GO_ON):  # once, and once more where a playlist was changed meanwhile
            if self.unfinished() is not None:
                self.apply()
        assert self.unfinished() is None
        plan = self.plan()
        wanted = {change.playlist_id or change.genre: _after(change) for change in plan.changes}
        held = {one.playlist_id: list(one.contents) for one in self.managed() if one.exists}
        self.apply()
        managed = {one.playlist_id: one for one in self.managed() if one.exists}
        others = set(self.account.contents_of) - {self.foreign, *managed}
        assert others <= self.turned, "a playlist is there that nobody looks after, nor a person has moved songs in"
        for playlist_id, one in managed.items():
            expected = next((wanted[key] for key in (playlist_id, one.genre) if key in wanted), held.get(playlist_id))
            assert list(self.account.contents_of[playlist_id]) == expected
            times = Counter(self.account.contents_of[playlist_id])
            assert [uri for uri, count in times.items() if count > 1] == []
        assert self.plan().is_empty
        there = {uri for entries in self.account.contents_of.values() for uri in entries}
        assert set(self.put_in) <= there, "what the person put in is gone"

    def plan(self) -> Plan:
        """Reads the account, and plans."""
        expected = {one.playlist_id for one in self.managed() if one.exists}
        heads = heads_with(self.account, expected, self.account.pause)
        seen = [
            replace(one, exists=False)
            if one.playlist_id not in heads
            else replace(
                one,
                exists=True,
                snapshot_id=heads[one.playlist_id].snapshot_id,
                contents=self.account.contents(one.playlist_id),
            )
            for one in self.managed()
        ]
        self.library.playlists.write_seen(self.account_id, (), seen)
        return plan_playlists(self.songs, RULES, self.managed(), KnownNames({}))

    def keep_what_stays(self, changes: Sequence[PlaylistChange]) -> None:
        """From now on these playlists must hold what is in them before and after."""
        self.account.to_keep.clear()
        for change in changes:
            if change.playlist_id in self.account.contents_of:
                gone = {song.uri for song in change.removes}
                now = self.account.contents_of[change.playlist_id]
                self.account.to_keep[change.playlist_id] = Counter(uri for uri in now if uri not in gone)

    def take_back(self, run: Run) -> None:
        """Undoes a run."""
        self.account.to_keep.clear()
        undo(run, look(run, self.around()), self.around())

    def unfinished(self) -> Run | None:
        """The run that was stopped."""
        return next((run for run in self.library.runs(self.account_id).all() if run.is_unfinished), None)

    def managed(self) -> tuple[ManagedPlaylist, ...]:
        """The playlists that are looked after."""
        return self.library.playlists.managed(self.account_id)

    def around(self) -> Surroundings:
        """What applying works with; the clock is the account's."""
        return Surroundings(
            self.account,
            self.journal,
            lambda: START + timedelta(seconds=self.account.now_s),
            self.account.pause,
        )


def _after(change: PlaylistChange) -> list[str | None]:
    """What a playlist holds once a change is made: the new songs on top, what goes gone."""
    gone = {song.uri for song in change.removes}
    return [*(song.uri for song in change.adds), *(uri for uri in change.before if uri not in gone)]
