"""What several processes change at one moment is decided in the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from pydantic import SecretStr
from tests.hosting.conftest import Hosting

from cratewise.hosting.drawers import DatabaseDrawer
from cratewise.hosting.host import Host
from cratewise.jobs.schedule import SCHEDULES, Schedule, ScheduleStore
from cratewise.sourcechoice import SourceChoice, change_choice, read_choice
from cratewise.spotify.scopes import READING, SORTING
from cratewise.spotify.tokens import Tokens

ADA = "ada"
FIRST = Tokens("access-1", "refresh-1", 1e9, SORTING, "a" * 32, 0.0)


def test_renewed_tokens_replace_those_they_were_renewed_from_and_no_others(hosting: Hosting) -> None:
    """After a logout nothing is kept, not even what was allowed; after a new login, that one."""
    logins, elsewhere = (hosting.host.spotify(ADA).logins for _ in range(2))
    logins.save(ADA, FIRST)
    second = replace(FIRST, access_token="access-2", scopes=READING)
    assert logins.replace(ADA, FIRST, second)
    assert (logins.load(ADA), logins.permissions()) == (second, READING)
    hosting.host.forget(ADA)
    assert not elsewhere.replace(ADA, second, FIRST)
    assert hosting.host.drawer(ADA).names() == ()
    third = replace(FIRST, refresh_token="another login")
    logins.save(ADA, third)
    assert not elsewhere.replace(ADA, second, FIRST)
    assert not elsewhere.replace(ADA, second, None)
    assert logins.load(ADA) == third


def test_of_many_that_replace_the_same_one_does(hosting: Hosting) -> None:
    """Also where there was nothing before."""
    with Host(hosting.settings) as elsewhere:
        drawers = [host.drawer(ADA) for host in (hosting.host, elsewhere)] * 4
        before: bytes | None = None
        for turn in range(5):
            contents = [f"{turn}.{number}".encode() for number in range(len(drawers))]
            tried = [partial(drawer.replace, "x", before, one) for drawer, one in zip(drawers, contents, strict=True)]
            with ThreadPoolExecutor(len(tried)) as pool:
                done = list(pool.map(lambda one: one(), tried))
            assert done.count(True) == 1
            before = contents[done.index(True)]
            assert drawers[0].read("x") == before
        assert not drawers[0].replace("x", None, b"later")
        assert drawers[0].replace("x", before, None)
        assert drawers[0].replace("x", None, None)
        assert drawers[0].names() == ()


class Meanwhile(DatabaseDrawer):
    """An account's drawer, of which another process changes something after the next reading."""

    def __init__(self, host: Host, change: Callable[[], object]) -> None:
        super().__init__(host._database, host.locks, host._cipher, ADA, host.now)
        self._change: Callable[[], object] | None = change

    def read(self, name: str) -> bytes | None:
        """What was kept before that change."""
        content = super().read(name)
        change, self._change = self._change, None
        if change is not None:
            change()
        return content


SCHEDULE = Schedule(3600, datetime(2026, 11, 28, 12, tzinfo=UTC))
WRITTEN = b'{"bob": {"every_s": 60, "next_at": "2026-11-28T12:00:00Z"}}'


def test_two_that_keep_schedules_at_one_moment_both_count(hosting: Hosting) -> None:
    """What the other process wrote after this one had read it is still there."""
    elsewhere = hosting.host.drawer(ADA)
    ScheduleStore(Meanwhile(hosting.host, lambda: elsewhere.write(SCHEDULES, WRITTEN))).keep(ADA, SCHEDULE)
    store = ScheduleStore(elsewhere)
    assert store.of(ADA) == SCHEDULE
    assert store.of("bob") is not None


def test_what_came_of_a_turn_brings_no_schedule_back(hosting: Hosting) -> None:
    """Somebody switched it off while the turn came to its end."""
    elsewhere = ScheduleStore(hosting.host.drawer(ADA))
    elsewhere.keep(ADA, SCHEDULE)
    store = ScheduleStore(Meanwhile(hosting.host, lambda: elsewhere.keep(ADA, None)))
    assert not store.change(ADA, lambda kept: kept and replace(kept, told="Nothing new."))
    assert elsewhere.of(ADA) is None
    assert hosting.host.with_schedules() == ()


def test_two_choices_at_one_moment_both_count(hosting: Hosting) -> None:
    """The sources of one tab, and the key of the other."""
    elsewhere = hosting.host.drawer(ADA)
    key = SecretStr("0123456789abcdef0123456789abcdef")

    def give_key() -> None:
        change_choice(elsewhere, lambda before: before.model_copy(update={"lastfm_key": key}))

    drawer = Meanwhile(hosting.host, give_key)
    change_choice(drawer, lambda before: before.model_copy(update={"sources": ("musicbrainz",)}))
    assert read_choice(elsewhere) == SourceChoice(sources=("musicbrainz",), lastfm_key=key)
