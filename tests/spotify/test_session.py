"""Access tokens are renewed once for all who wait, and a login that has ended says so."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cratewise.drawer import Folder
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import connect, kept_in
from cratewise.spotify.errors import LoginExpired, LoginRequired, ScopeMissing, ServerFailed
from cratewise.spotify.keys import KeyFile
from cratewise.spotify.tokens import TokenStore

from .conftest import ACCOUNT, START_S, FakeClock, Heard, Reply, ScriptedServer, make_tokens

ME = json.dumps({"account_id": "a", "id": "a", "display_name": "A"}).encode()
EXPIRED = json.dumps({"error": {"status": 401, "message": "The access token expired"}}).encode()
RENEWED = {"access_token": "access-2", "token_type": "Bearer", "expires_in": 3600}


def only_renewed(heard: Heard) -> Reply:
    """Takes the second access token and no other."""
    fits = heard.headers.get("authorization") == "Bearer access-2"
    return Reply(200, ME) if fits else Reply(401, EXPIRED)


def test_a_401_renews_the_token_and_sends_again(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """The refresh names app and refresh token, and the old refresh token stays when the answer names none."""
    server.rules["/v1/me"] = only_renewed
    server.answers(200, RENEWED)
    assert client.current_user().id == "a"
    assert server.lines == ["GET /v1/me", "POST /api/token", "GET /v1/me"]
    assert server.heard[1].form == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "client_id": "my-app",
    }
    assert "authorization" not in server.heard[1].headers
    kept = store.load(ACCOUNT)
    assert kept is not None
    assert (kept.access_token, kept.refresh_token, kept.expires_at_s) == ("access-2", "refresh-1", START_S + 3600)


def test_a_new_refresh_token_replaces_the_old_one(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """Spotify gives PKCE apps a new one with most refreshes; when the person logged in stays."""
    server.rules["/v1/me"] = only_renewed
    server.answers(200, RENEWED | {"refresh_token": "refresh-2"})
    client.current_user()
    assert store.load(ACCOUNT) == make_tokens(access_token="access-2", refresh_token="refresh-2")


def test_a_token_about_to_expire_is_renewed_before_it_is_used(
    client: SpotifyClient, server: ScriptedServer, clock: FakeClock
) -> None:
    """A call that would only meet a 401 is saved."""
    clock.now_s += 3590
    server.rules["/v1/me"] = only_renewed
    server.answers(200, RENEWED)
    client.current_user()
    assert server.lines == ["POST /api/token", "GET /v1/me"]


def test_many_waiting_calls_renew_once(client: SpotifyClient, server: ScriptedServer) -> None:
    """Twelve threads that meet the expired token together cost one refresh."""
    together = threading.Barrier(12)

    def me(heard: Heard) -> Reply:
        if heard.headers["authorization"] == "Bearer access-1":
            together.wait(timeout=30)
        return only_renewed(heard)

    server.rules["/v1/me"] = me
    server.answers(200, RENEWED)
    with ThreadPoolExecutor(12) as threads:
        users = list(threads.map(lambda _: client.current_user(), range(12)))
    assert {user.id for user in users} == {"a"}
    assert server.lines.count("POST /api/token") == 1


def test_invalid_grant_drops_the_login_and_asks_to_log_in_again(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """The six-month end is not retried; the app's id is remembered for the next login."""
    server.rules["/v1/me"] = only_renewed
    server.answers(400, {"error": "invalid_grant", "error_description": "Refresh token expired"})
    with pytest.raises(LoginExpired, match="Refresh token expired") as raised:
        client.current_user()
    assert "cratewise login" in raised.value.hint
    assert server.lines.count("POST /api/token") == 1
    assert store.load(ACCOUNT) is None
    assert store.client_id() == "my-app"
    with pytest.raises(LoginRequired):
        client.current_user()
    assert len(server.heard) == 2


def test_a_login_renewed_by_another_process_is_taken_over(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """Spotify takes each refresh token once: who comes second uses what the first one kept."""

    def already_used(heard: Heard) -> Reply:
        store.save(ACCOUNT, make_tokens(access_token="access-2", refresh_token="refresh-2"))
        return Reply(400, b'{"error":"invalid_grant","error_description":"Invalid refresh token"}')

    server.rules["/v1/me"] = only_renewed
    server.rules["/api/token"] = already_used
    assert client.current_user().id == "a"
    assert store.load(ACCOUNT) is not None


def test_a_permission_given_meanwhile_counts_at_once(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """Somebody who logs in again because a scope was missing need not restart anything."""
    store.save(ACCOUNT, make_tokens(scopes=()))
    with pytest.raises(ScopeMissing):
        client.unfollow_playlist("p")
    store.save(ACCOUNT, make_tokens())
    server.answers(200)
    client.unfollow_playlist("p")
    assert server.lines == ["DELETE /v1/me/library"]


def test_a_refresh_that_fails_for_a_while_keeps_the_login(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore
) -> None:
    """A server error at the token endpoint is tried again and costs nobody their login."""
    server.rules["/v1/me"] = only_renewed
    for _ in range(4):
        server.answers(503, body=b"<html>")
    with pytest.raises(ServerFailed, match="POST /api/token"):
        client.current_user()
    assert store.load(ACCOUNT) == make_tokens()
    server.answers(200, RENEWED)
    assert client.current_user().id == "a"


def test_a_login_that_stays_refused_is_an_error(client: SpotifyClient, server: ScriptedServer) -> None:
    """A second 401 does not renew again."""
    server.rules["/v1/me"] = lambda heard: Reply(401, EXPIRED)
    server.answers(200, RENEWED)
    with pytest.raises(LoginRequired, match="The access token expired"):
        client.current_user()
    assert server.lines.count("POST /api/token") == 1


def test_without_a_login_nothing_is_sent(server: ScriptedServer, clock: FakeClock, tmp_path: Path) -> None:
    """The error says to log in."""
    with (
        connect(kept_in(tmp_path), server.addresses, timing=clock.timing) as client,
        pytest.raises(LoginRequired) as raised,
    ):
        client.saved_tracks()
    assert "cratewise login" in raised.value.hint
    assert server.heard == []


def test_a_logout_elsewhere_ends_the_session(client: SpotifyClient, server: ScriptedServer, store: TokenStore) -> None:
    """Tokens that were forgotten meanwhile are not renewed."""

    def logged_out(heard: Heard) -> Reply:
        store.forget(ACCOUNT)
        return Reply(401, EXPIRED)

    server.rules["/v1/me"] = logged_out
    with pytest.raises(LoginRequired):
        client.current_user()
    assert "POST /api/token" not in server.lines


def test_many_processes_renew_once(server: ScriptedServer, store: TokenStore, clock: FakeClock, tmp_path: Path) -> None:
    """Clients that share nothing but the folder wait for each other: a refresh token that was used is never sent."""
    store.save(ACCOUNT, make_tokens())
    together = threading.Barrier(4)

    def me(heard: Heard) -> Reply:
        if heard.headers["authorization"] == "Bearer access-1":
            together.wait(timeout=30)
        return only_renewed(heard)

    server.rules["/v1/me"] = me
    server.answers(200, RENEWED | {"refresh_token": "refresh-2"})

    def call(_: int) -> str:
        with connect(kept_in(tmp_path), server.addresses, timing=clock.timing) as client:
            return client.current_user().id

    with ThreadPoolExecutor(4) as processes:
        assert list(processes.map(call, range(4))) == ["a"] * 4
    assert server.lines.count("POST /api/token") == 1
    kept = store.load(ACCOUNT)
    assert kept is not None
    assert kept.refresh_token == "refresh-2"


def test_a_logout_while_the_token_is_renewed_counts(
    client: SpotifyClient, server: ScriptedServer, store: TokenStore, clock: FakeClock
) -> None:
    """The login does not come back with the answer; nor do the tokens of an older login over those of a new one."""
    clock.now_s += 7200

    def log_out(heard: Heard) -> Reply:
        store.forget_all()
        return Reply(
            200, json.dumps({"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600}).encode()
        )

    server.rules["/api/token"] = log_out
    with pytest.raises(LoginRequired):
        client.current_user()
    assert store.load(ACCOUNT) is None

    def log_in_anew(heard: Heard) -> Reply:
        store.save(ACCOUNT, make_tokens(refresh_token="new-login", expires_at_s=clock.now_s + 3600))
        return Reply(
            200, json.dumps({"access_token": "access-3", "refresh_token": "refresh-3", "expires_in": 3600}).encode()
        )

    store.save(ACCOUNT, make_tokens())
    server.rules["/api/token"] = log_in_anew
    server.answers(200, {"account_id": ACCOUNT, "id": ACCOUNT})
    client.current_user()
    kept = store.load(ACCOUNT)
    assert kept is not None
    assert kept.refresh_token == "new-login"


class Emptied(Folder):
    """A folder out of which somebody takes everything in the moment before something is written."""

    def write(self, name: str, content: bytes) -> None:
        """Writes into what is empty by then."""
        self._empty()
        super().write(name, content)

    def replace(self, name: str, before: bytes | None, content: bytes | None) -> bool:
        """Replaces what is not there any more."""
        self._empty()
        return super().replace(name, before, content)

    def _empty(self) -> None:
        for kept in self.names():
            self.delete(kept)


def test_a_logout_in_the_last_moment_counts_too(
    server: ScriptedServer, store: TokenStore, clock: FakeClock, tmp_path: Path
) -> None:
    """Between looking whether the login is still there and keeping what was renewed nobody logs out unnoticed."""
    store.save(ACCOUNT, make_tokens())
    clock.now_s += 7200
    server.answers(200, RENEWED)
    emptied = Emptied(tmp_path / "logins")
    kept = replace(kept_in(tmp_path), logins=TokenStore(emptied, KeyFile(tmp_path / "logins.key")))
    with connect(kept, server.addresses, timing=clock.timing) as client, pytest.raises(LoginRequired):
        client.current_user()
    assert server.lines == ["POST /api/token"]
    assert not [name for name in emptied.names() if not name.endswith(".lock")]
