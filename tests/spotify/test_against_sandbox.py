"""The client and the stand-in, which were written apart from each other, understand each other over real HTTP."""

import contextlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import httpx
import pytest

from cratewise.spotify.auth import tokens_from
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import Addresses, connect, kept_in, logins
from cratewise.spotify.errors import (
    Forbidden,
    ForbiddenReason,
    LoginExpired,
    LoginFailed,
    NotFound,
    QuotaExceeded,
    Refused,
    ServerFailed,
    Unreachable,
)
from cratewise.spotify.loopback import Listener
from cratewise.spotify.sandbox.demo import account_from
from cratewise.spotify.sandbox.faults import (
    Fault,
    connection_reset,
    no_premium,
    not_registered,
    server_error,
    too_many_requests,
)
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.timing import Timing
from cratewise.spotify.values import SavedItem

SONGS = """\
title,artists,album,year,note
Juicy,The Notorious B.I.G.,Ready to Die,1994,
Get Lucky,Daft Punk ; Pharrell Williams ; Nile Rodgers,Random Access Memories,2013,
Роллинг,Земфира,Прости меня моя любовь,2000,unavailable
"""
BY_HAND = """\
[[playlist]]
name = "Sunday"
description = "Made by hand"
songs = ["The Notorious B.I.G. - Juicy"]
extra = [
    { kind = "episode", title = "How records are pressed", show = "Groove Talk" },
    { kind = "local", title = "Demo Tape No. 3", artist = "The Neighbours", album = "Garage" },
    { kind = "null", position = 1 },
]
"""
APP = "0123456789abcdef0123456789abcdef"
IMPATIENT = Timing(sleep=lambda seconds: None)


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A small account behind a server that listens."""
    with SandboxServer(initial=lambda: account_from(SONGS, BY_HAND)) as running:
        yield running


@pytest.fixture
def addresses(sandbox: SandboxServer) -> Addresses:
    """The sandbox in the place of Spotify."""
    return Addresses(sandbox.api_url, sandbox.accounts_url)


@pytest.fixture
def robin(sandbox: SandboxServer, addresses: Addresses, tmp_path: Path) -> Iterator[SpotifyClient]:
    """A client of the sandbox's account."""
    with logins(kept_in(tmp_path), addresses) as accounts:
        accounts.adopt(tokens_from(sandbox.issue_token(), "cratewise-sandbox"))
    with connect(kept_in(tmp_path), addresses, timing=IMPATIENT) as connected:
        yield connected


def test_every_liked_song_is_read_once(robin: SpotifyClient) -> None:
    """Page by page, in every script, unavailable ones marked."""
    saved: list[SavedItem] = []
    offset: int | None = 0
    while offset is not None:
        page = robin.saved_tracks(offset, limit=2)
        saved += page.items
        offset = page.next
    songs = {entry.item.track.title: entry.item for entry in saved}
    assert len(saved) == len(songs) == 3
    assert songs["Get Lucky"].track.artists == ("Daft Punk", "Pharrell Williams", "Nile Rodgers")
    assert songs["Juicy"].track.release_year == 1994
    assert [title for title, item in songs.items() if not item.available] == ["Роллинг"]


def test_a_playlist_made_by_hand_keeps_its_awkward_entries(robin: SpotifyClient) -> None:
    """Episodes, local files and nulls arrive as such; list and single call say the same of a playlist."""
    summary = robin.playlists().items[0]
    assert robin.playlist(summary.id) == summary
    entries = robin.playlist_items(summary.id).items
    assert len(entries) == summary.total == 4
    kinds = {entry.item.kind if entry.item else None for entry in entries}
    assert kinds == {"track", "episode", "local", None}


def test_a_playlist_is_made_filled_changed_and_unfollowed(robin: SpotifyClient) -> None:
    """Every write has the effect it names, and a new snapshot."""
    uris = [saved.item.uri for saved in robin.saved_tracks().items]
    made = robin.create_playlist("R&B · liked", "Rhythm & Blues", public=False)
    snapshots = [
        made.snapshot_id,
        robin.add_items(made.id, uris),
        robin.add_items(made.id, uris[:1], position=1),
        robin.remove_items(made.id, uris[:1]),
        robin.replace_items(made.id, uris[::-1]),
    ]
    assert len(set(snapshots)) == 5
    assert [entry.uri for entry in robin.playlist_items(made.id).items] == uris[::-1]
    assert robin.playlist(made.id).description == made.description == "Rhythm & Blues"
    robin.change_playlist(made.id, name="Soul")
    assert [playlist.name for playlist in robin.playlists().items if playlist.id == made.id] == ["Soul"]
    robin.unfollow_playlist(made.id)
    assert made.id not in {playlist.id for playlist in robin.playlists().items}
    with pytest.raises(NotFound):
        robin.playlist("nosuchplaylist")
    with pytest.raises(Refused, match="rubbish"):
        robin.add_items(made.id, ["rubbish"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(not_registered(), ForbiddenReason.NOT_ON_APP_LIST), (no_premium(), ForbiddenReason.NO_PREMIUM)],
)
def test_an_app_that_may_not_is_told_why(
    robin: SpotifyClient, sandbox: SandboxServer, fault: Fault, reason: ForbiddenReason
) -> None:
    """Each has its own way out, which the error names."""
    sandbox.faults.add(fault)
    with pytest.raises(Forbidden) as raised:
        robin.current_user()
    assert raised.value.reason is reason


def test_passing_faults_do_not_show_in_reads(robin: SpotifyClient, sandbox: SandboxServer) -> None:
    """A gateway's HTML, a cut connection and a rate limit are got over."""
    sandbox.faults.add(server_error(502), connection_reset(), too_many_requests(3))
    assert robin.saved_tracks().total == 3
    assert sandbox.faults.waiting == 0


@pytest.mark.parametrize("fault", [server_error(502, when="after"), connection_reset(when="after")])
def test_a_write_whose_answer_is_lost_is_not_sent_twice(
    robin: SpotifyClient, sandbox: SandboxServer, fault: Fault
) -> None:
    """It was carried out; sending again would have added the song twice."""
    playlist, song = robin.playlists().items[0], robin.saved_tracks(limit=1).items[0].item.uri
    sandbox.faults.add(fault)
    with pytest.raises((ServerFailed, Unreachable)) as raised:
        robin.add_items(playlist.id, [song])
    assert raised.value.maybe_carried_out
    assert robin.playlist_items(playlist.id).total == playlist.total + 1


def test_a_quota_stop_ends_all_calls(robin: SpotifyClient, sandbox: SandboxServer) -> None:
    """The next call is not sent, so that the fault waiting for it stays."""
    sandbox.faults.add(too_many_requests(48925, reason="QUOTA_EXCEEDED"), server_error(500))
    for _ in range(2):
        with pytest.raises(QuotaExceeded):
            robin.current_user()
    assert sandbox.faults.waiting == 1


def test_expired_tokens_are_renewed_and_revoked_ones_end_the_login(
    robin: SpotifyClient, sandbox: SandboxServer, tmp_path: Path
) -> None:
    """The sandbox gives a new refresh token each time, as Spotify does."""
    for _ in range(2):
        sandbox.accounts.expire_access_tokens()
        assert robin.current_user().display_name
    sandbox.accounts.revoke_all()
    with pytest.raises(LoginExpired):
        robin.current_user()
    assert kept_in(tmp_path).logins.accounts() == ()


@pytest.mark.parametrize(("decision", "status"), [("approve", 200), ("deny", 400)])
def test_the_login_goes_through_the_consent_page(
    sandbox: SandboxServer, addresses: Addresses, tmp_path: Path, decision: str, status: int
) -> None:
    """Address, consent, return, exchange, account: as a browser does it."""
    with (
        logins(kept_in(tmp_path), addresses) as accounts,
        Listener(
            0,
            lambda query: accounts.finish(pending, query),
            lambda query: pending.is_answered_by(query),  # noqa: PLW0108 - made below
        ) as listener,
        httpx.Client(trust_env=False) as browser,
        ThreadPoolExecutor() as threads,
    ):
        pending, address = accounts.begin(APP, listener.redirect_uri)
        form = re.search(r'action="([^"]+)"', browser.get(address).text)
        assert form is not None
        consent = httpx.URL(sandbox.page_url).join(unescape(form[1]))
        returned = browser.post(consent, data={"decision": decision}, headers={"Origin": sandbox.page_url})
        page = threads.submit(browser.get, returned.headers["location"])
        refusal: contextlib.AbstractContextManager[object] = (
            contextlib.nullcontext() if decision == "approve" else pytest.raises(LoginFailed, match="not allow")
        )
        with refusal:
            listener.wait(30)
        assert page.result().status_code == status
        assert len(accounts.accounts()) == (1 if decision == "approve" else 0)
