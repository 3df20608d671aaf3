"""Several accounts behind one port: who gets to see what."""

import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cratewise.errors import SpotifyError
from cratewise.spotify.sandbox.accounts import challenge_of
from cratewise.spotify.sandbox.demo_crowd import demo_account_of
from cratewise.spotify.sandbox.faults import too_many_requests
from cratewise.spotify.sandbox.ids import made_id
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.values import Account, Person

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"
ASKED = {
    "client_id": "my-app",
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:8765/callback",
    "scope": "user-library-read playlist-modify-private",
    "state": "s&1",
    "code_challenge_method": "S256",
    "code_challenge": challenge_of(VERIFIER),
}
PEOPLE = ("sandbox-listener", "sandbox-listener-2", "sandbox-listener-3")


@pytest.fixture(scope="module")
def crowd() -> Iterator[SandboxServer]:
    """A running sandbox with three accounts; tests make what they change."""
    with SandboxServer.with_accounts(3, demo_account_of) as server:
        yield server


@pytest.fixture
def client_of(crowd: SandboxServer, no_tls: ssl.SSLContext) -> Iterator[Callable[[int], httpx.Client]]:
    """Makes a client that may do everything in the account with that number."""
    clients: list[httpx.Client] = []

    def make(number: int) -> httpx.Client:
        headers = {"authorization": f"Bearer {crowd.issue_token(number=number)['access_token']}"}
        clients.append(httpx.Client(base_url=crowd.api_url, headers=headers, verify=no_tls))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def refreshed(crowd: SandboxServer, refresh_token: str) -> httpx.Response:
    """The token endpoint's answer to a refresh token."""
    form = {"grant_type": "refresh_token", "client_id": "my-app", "refresh_token": refresh_token}
    return httpx.post(f"{crowd.accounts_url}/api/token", data=form)


def test_a_token_opens_the_account_it_was_given_for(
    crowd: SandboxServer, client_of: Callable[[int], httpx.Client]
) -> None:
    """Each of them reads its own profile, songs and playlists at the same addresses."""
    for number, store in enumerate(crowd.stores, start=1):
        api = client_of(number)
        assert api.get("/me").json()["id"] == store.account.person.id == PEOPLE[number - 1]
        liked = api.get("/me/tracks?limit=50").json()
        assert liked["total"] == len(store.account.saved)
        assert [entry["track"]["uri"] for entry in liked["items"]] == [saved.uri for saved in store.account.saved[:50]]
        listed = {playlist["id"] for playlist in api.get("/me/playlists?limit=50").json()["items"]}
        assert listed == set(store.account.playlists)


def test_a_playlist_of_somebody_else_is_not_there(
    crowd: SandboxServer, client_of: Callable[[int], httpx.Client]
) -> None:
    """404 as for any private playlist, to reading, writing and following; it stays as it is."""
    owner, other = client_of(2), client_of(3)
    made = owner.post("/me/playlists", json={"name": "Mine"}).json()["id"]
    before = crowd.stores[1].account
    uri = next(uri for uri in before.items if uri.startswith("spotify:track:"))
    address = f"/playlists/{made}"
    answers = [
        other.get(address),
        other.get(f"{address}/items"),
        other.get(f"{address}/images"),
        other.put(address, json={"name": "Yours"}),
        other.post(f"{address}/items", json={"uris": [uri]}),
        other.put(f"{address}/items", json={"uris": [uri]}),
        other.request("DELETE", f"{address}/items", json={"items": [{"uri": uri}]}),
        other.put(f"{address}/images", content="/9j/"),
        other.put("/me/library", params={"uris": f"spotify:playlist:{made}"}),
        other.delete("/me/library", params={"uris": f"spotify:playlist:{made}"}),
    ]
    assert {(answer.status_code, answer.json()["error"]["message"]) for answer in answers} == {
        (404, "Resource not found")
    }
    assert crowd.stores[1].account is before


@pytest.mark.parametrize("prefix", ["", "1.", "3.", "4.", "0.", "²2.", "2.2.", "99999999999.", "-1.", "."])
def test_a_token_under_another_number_opens_nothing(crowd: SandboxServer, prefix: str) -> None:
    """Neither as an access token nor as a refresh token."""
    tokens = crowd.issue_token(number=2)
    access, refresh = (tokens[name].removeprefix("2.") for name in ("access_token", "refresh_token"))  # type: ignore[literal-required] # both are there
    headers = {"authorization": f"Bearer {prefix}{access}".encode()}
    assert httpx.get(f"{crowd.api_url}/me", headers=headers).status_code == 401
    assert refreshed(crowd, f"{prefix}{refresh}").json()["error"] == "invalid_grant"


def test_a_token_opens_nothing_below_the_pages_of_somebody_else(crowd: SandboxServer) -> None:
    """The Web API is reached by no way around: the token alone says whose account it is."""
    headers = {"authorization": f"Bearer {crowd.issue_token(number=2)['access_token']}"}
    for person in (PEOPLE[0], PEOPLE[2], "nobody"):
        answer = httpx.get(f"{crowd.page_url}/person/{person}/v1/me/tracks", headers=headers)
        assert answer.status_code in (401, 404)


def test_the_login_asks_who_somebody_is(crowd: SandboxServer) -> None:
    """The page lists everybody; whoever is chosen is asked for consent by name, and gets tokens of their account."""
    with httpx.Client(base_url=crowd.accounts_url) as web:
        who = web.get("/authorize", params=ASKED)
        assert "Who are you?" in who.text
        ways = [way.replace("&amp;", "&") for way in re.findall(r'href="(/authorize[^"]+)"', who.text)]
        assert [parse_qs(urlsplit(way).query)["person"] for way in ways] == [[person] for person in PEOPLE]
        consent = web.get(ways[2]).text
        assert "Ben (sandbox)" in consent
        action = re.search(r'action="([^"]+)"', consent)
        assert action is not None
        back = web.post(action[1].replace("&amp;", "&"), data={"decision": "approve"}).headers["location"]
        answer = parse_qs(urlsplit(back).query)
        assert answer["state"] == ["s&1"]
        form = {
            "grant_type": "authorization_code",
            "client_id": "my-app",
            "redirect_uri": ASKED["redirect_uri"],
            "code_verifier": VERIFIER,
            "code": answer["code"][0],
        }
        tokens = web.post("/api/token", data=form).json()
    for _ in range(2):
        headers = {"authorization": f"Bearer {tokens['access_token']}"}
        assert httpx.get(f"{crowd.api_url}/me", headers=headers).json()["id"] == PEOPLE[2]
        tokens = refreshed(crowd, tokens["refresh_token"]).json()


@pytest.mark.parametrize("person", ["", "nobody", "sandbox-listener-4"])
def test_nobody_agrees_without_saying_who_they_are(crowd: SandboxServer, person: str) -> None:
    """A consent for a person there is not leads back to the question, and to no code."""
    address = f"{crowd.accounts_url}/authorize"
    for answer in (
        httpx.get(address, params={**ASKED, "person": person}),
        httpx.post(address, params={**ASKED, "person": person}, data={"decision": "approve"}),
    ):
        assert answer.status_code == 200
        assert "Who are you?" in answer.text
        assert f"person={PEOPLE[1]}" in answer.text


def test_everybody_has_pages_of_their_own(crowd: SandboxServer, client_of: Callable[[int], httpx.Client]) -> None:
    """The first page leads to each account; every link of an account's pages and of its Web API stays there."""
    front = httpx.get(crowd.page_url).text
    for number, person in enumerate(PEOPLE, start=1):
        root = f"/person/{person}"
        assert f'href="{root}/"' in front
        assert crowd.page_url_of(number) == f"{crowd.page_url}{root}"
        account = crowd.stores[number - 1].account
        page = httpx.get(f"{crowd.page_url_of(number)}/")
        assert f"<strong>{len(account.saved)}</strong> liked songs" in page.text
        links = set(re.findall(r'href="(/[^"]*)"', page.text)) - {"/", "/faults"}
        assert all(link.startswith((f"{root}/", "/static/")) for link in links)
        assert {httpx.get(crowd.page_url + link).status_code for link in links} == {200}
        playlist = client_of(number).get("/me/playlists").json()["items"][0]
        assert playlist["name"] in httpx.get(playlist["external_urls"]["spotify"]).text
    elsewhere = next(iter(crowd.stores[0].account.playlists))
    for path in (f"/person/{PEOPLE[1]}/playlist/{elsewhere}", "/person/nobody/", f"/playlist/{elsewhere}", "/liked"):
        assert httpx.get(crowd.page_url + path).status_code == 404


def test_faults_are_one_for_all_accounts(crowd: SandboxServer, client_of: Callable[[int], httpx.Client]) -> None:
    """At Spotify the app has the rate limit, not the person; logins end for everybody."""
    crowd.faults.add(*[too_many_requests(3)] * 2)
    first, second = client_of(1), client_of(2)
    assert [api.get("/me").status_code for api in (first, second, first, second)] == [429, 429, 200, 200]
    assert "0 faults are waiting" in httpx.get(f"{crowd.page_url}/faults").text
    httpx.post(f"{crowd.page_url}/faults", data={"kind": "revoked"})
    assert [api.get("/me").status_code for api in (first, second)] == [401, 401]


def test_each_account_is_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    """A restart finds playlists and logins, and the first account is that of a server with no other."""
    state = tmp_path / "state.json"
    with SandboxServer.with_accounts(2, demo_account_of, state_file=state) as server:
        headers = [{"authorization": f"Bearer {server.issue_token(number=n)['access_token']}"} for n in (1, 2)]
        for who in headers:
            httpx.post(f"{server.api_url}/me/playlists", json={"name": "Kept"}, headers=who).raise_for_status()
        before = [store.account for store in server.stores]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state-2.json", "state.json"]
    with SandboxServer.with_accounts(2, demo_account_of, state_file=state) as server:
        assert [store.account for store in server.stores] == before
        people = [httpx.get(f"{server.api_url}/me", headers=who).json()["id"] for who in headers]
        assert people == list(PEOPLE[:2])
    assert SandboxServer(state).store.account == before[0]


def same_playlists(number: int) -> Account:
    """Another person each, with the first one's playlists."""
    account, person = demo_account_of(1), Person(f"p{number}", "P")
    playlists = {id_: replace(playlist, owner=person) for id_, playlist in account.playlists.items()}
    return replace(account, person=person, account_id=made_id(person.id), playlists=playlists)


@pytest.mark.parametrize(
    ("initial", "same"), [(lambda _: demo_account_of(1), "the person sandbox-listener"), (same_playlists, "playlist")]
)
def test_accounts_that_cannot_be_told_apart_are_refused(initial: Callable[[int], Account], same: str) -> None:
    """Two with one person, or with one playlist, before anything is served."""
    with pytest.raises(SpotifyError, match=rf"Account 2 .*{same}"):
        SandboxServer.with_accounts(2, initial)
