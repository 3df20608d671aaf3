"""Every write, with every fault, over HTTP: in the end the account holds what the plan said, nothing twice or lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import CratewiseError
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings
from cratewise.spotify.auth import Authoriser, tokens_from
from cratewise.spotify.bearer import Session, TokenSender
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import Addresses, kept_in, logins
from cratewise.spotify.quota import QuotaSender
from cratewise.spotify.retry import RetrySender
from cratewise.spotify.sandbox.faults import Fault, connection_reset, server_error, silence, too_many_requests
from cratewise.spotify.sandbox.server import CLIENT_ID, SandboxServer
from cratewise.spotify.sandbox.values import Account, Album, Artist, Item, SavedTrack
from cratewise.spotify.timing import Timing
from cratewise.spotify.transport import HttpSender
from cratewise.workflows.account import Budget
from cratewise.workflows.spotify import SpotifyAccount

from .conftest import START, AlbumClassifier

RULES = Rules(("jazz", "metal"), least_songs=1)
"""Two playlists of 130 and 3 songs: two calls fill the first."""

EVERY_SONG = (*range(130), 1000, 1001, 1002)

WRITES = {
    "create": ("POST", "/v1/me/playlists"),
    "add": ("POST", "/v1/playlists/"),
    "remove": ("DELETE", "/v1/playlists/"),
    "unfollow": ("DELETE", "/v1/me/library"),
}


def unauthorised(*, method: str, path: str) -> Fault:
    """401: the token counts no longer, and the call was not carried out."""
    body = '{"error":{"status":401,"message":"The access token expired"}}'
    return Fault(
        "answer", status=401, body=body, headers=(("content-type", "application/json"),), method=method, path=path
    )


FAULTS: dict[str, Callable[[str, str], tuple[Fault, ...]]] = {
    "429": lambda method, path: (too_many_requests(2, method=method, path=path),),
    "429 quota": lambda method, path: (too_many_requests(40_000, reason="QUOTA_EXCEEDED", method=method, path=path),),
    "500": lambda method, path: (server_error(500, method=method, path=path),),
    "500 after": lambda method, path: (server_error(500, when="after", method=method, path=path),),
    "502 HTML": lambda method, path: (server_error(502, method=method, path=path),),
    "502 HTML after": lambda method, path: (server_error(502, when="after", method=method, path=path),),
    "time-out before": lambda method, path: (silence(method=method, path=path),),
    "time-out after": lambda method, path: (silence(when="after", method=method, path=path),),
    "reset before": lambda method, path: (connection_reset(method=method, path=path),),
    "reset after": lambda method, path: (connection_reset(when="after", method=method, path=path),),
    "401": lambda method, path: (unauthorised(method=method, path=path),),
    "401 twice": lambda method, path: (unauthorised(method=method, path=path),) * 2,
    "lost five times": lambda method, path: (connection_reset(when="after", method=method, path=path),) * 5,
}


def song(number: int) -> Item:
    """A song whose album says its genre, as the classifier of these tests reads it."""
    name = f"{number:022d}"
    genre = "metal" if number >= 1_000 else "jazz"
    album_id = f"{'9' * 21}{len(genre) % 10}"
    artist = Artist(f"{number:022d}"[::-1], f"Artist {number}")
    album = Album(album_id, f"{genre} 0.9", (artist,), 2000)
    return Item(f"spotify:track:{name}", name, "track", f"Song {number}", (artist,), album, duration_ms=200_000)


class Person:
    """Somebody with an account at the sandbox, and the application over a folder of its own."""

    def __init__(self, server: SandboxServer, folder: Path) -> None:
        self.server = server
        self.now_s = START.timestamp()
        addresses = Addresses(server.api_url, server.accounts_url)
        with logins(kept_in(folder), addresses) as accounts:
            accounts.adopt(tokens_from(server.issue_token(), CLIENT_ID))
        timing = Timing(now_s=lambda: self.now_s, sleep=self._sleep, jitter=lambda: 0.0)

        def connect(settings: Settings) -> SpotifyAccount:
            patience = httpx.Timeout(0.3, connect=5.0)  # the shortest that a loaded machine answers in
            api, tokens = HttpSender(server.api_url, patience), HttpSender(server.accounts_url)
            session = Session(kept_in(folder).logins, Authoriser(RetrySender(tokens, timing), timing), None, timing)
            sender = QuotaSender(TokenSender(api, session), kept_in(folder).quota, timing)

            def close() -> None:
                api.close()
                tokens.close()

            client = SpotifyClient(RetrySender(sender, timing), close, timing)
            return SpotifyAccount(client, lambda: Budget(0, 1000), lambda writing: None)

        self.app = Application(
            Settings(data_dir=folder), connect=connect, load_classifier=AlbumClassifier, pause=lambda _: None
        )

    def likes(self, *numbers: int) -> None:
        """Makes these the liked songs."""
        songs = [song(number) for number in numbers]
        saved = tuple(SavedTrack(one.uri, START) for one in songs)

        def edit(account: Account) -> Account:
            return replace(account, items={one.uri: one for one in map(song, EVERY_SONG)}, saved=saved)

        self.server.store.change_account(edit)

    def plans(self) -> None:
        """Reads the account, sorts the songs, and plans."""
        workflows.sync_library(self.app)
        workflows.classify_library(self.app)
        self.plan = workflows.make_plan(self.app, RULES)

    def is_through(self, work: Callable[[], object]) -> bool:
        """Whether it came to its end; if not, the program is started anew the day after, with a token that lasts."""
        try:
            work()
        except CratewiseError:
            self.app.close()
            self.now_s += 86_400
            return False
        return True

    def playlists(self) -> dict[str, list[str | None]]:
        """What the playlists in the library hold, by name; two of one name are an error."""
        followed = [one for one in self.server.store.account.playlists.values() if one.is_followed]
        held = {one.name: [entry.uri for entry in one.entries] for one in followed}
        assert len(held) == len(followed)
        return held

    def _sleep(self, seconds: float) -> None:
        self.now_s += seconds


def bare(account: Account) -> Account:
    """The account without songs and playlists."""
    return replace(account, items={}, saved=(), playlists={})


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """Somebody whose liked songs are to be sorted."""
    with SandboxServer() as server:
        server.store.change_account(bare)
        somebody = Person(server, tmp_path)
        yield somebody
        somebody.app.close()


def uris(*numbers: int) -> list[str | None]:
    """Their URIs."""
    return [song(number).uri for number in numbers]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("write", ["create", "add"])
def test_new_playlists_come_to_hold_the_plan(person: Person, write: str, fault: str) -> None:
    """One playlist for each genre, each song once, in the order of the plan, after the run and one resume."""
    person.likes(*range(130), 1000, 1001)
    person.plans()
    person.server.faults.add(*FAULTS[fault](*WRITES[write]))
    if not person.is_through(lambda: workflows.apply_plan(person.app, person.plan)):
        person.server.faults.clear()
        workflows.resume_run(person.app)
    wanted = {change.name: [one.uri for one in change.adds] for change in person.plan.changes}
    assert person.playlists() == wanted
    assert sorted(len(held) for held in wanted.values()) == [2, 130]
    person.plans()
    assert person.plan.is_empty


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("write", ["add", "remove"])
def test_changed_playlists_come_to_hold_the_plan(person: Person, write: str, fault: str) -> None:
    """Songs go in and out of what is there."""
    person.likes(*range(100), 1000, 1001)
    person.plans()
    workflows.apply_plan(person.app, person.plan)
    person.likes(*range(50, 130), 1000, 1002)
    person.plans()
    person.server.faults.add(*FAULTS[fault](*WRITES[write]))
    if not person.is_through(lambda: workflows.apply_plan(person.app, person.plan)):
        person.server.faults.clear()
        workflows.resume_run(person.app)
    held = [sorted(map(str, one)) for one in person.playlists().values()]
    assert sorted(held) == sorted([uris(*range(50, 130)), uris(1000, 1002)])


@pytest.mark.parametrize("fault", FAULTS)
def test_playlists_that_are_taken_back_are_gone(person: Person, fault: str) -> None:
    """Undoing, once more if need be, leaves none."""
    person.likes(*range(3), 1000)
    person.plans()
    workflows.apply_plan(person.app, person.plan)
    person.server.faults.add(*FAULTS[fault](*WRITES["unfollow"]))
    if not person.is_through(lambda: workflows.undo_run(person.app)):
        person.server.faults.clear()
        workflows.undo_run(person.app)
    assert person.playlists() == {}
    assert workflows.history(person.app)[0].state == "undone"
