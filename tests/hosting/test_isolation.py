"""One account never meets another's: every operation of the API is tried with the session of somebody else."""

from typing import Any

import pytest
from tests.hosting.conftest import GENRES, Browser, Hosting

from cratewise.spotify.sandbox.demo_crowd import demo_account_of
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.values import Account

SECRET = "Blue Notes of Ada's own"
PAGES = ("/", "/genres", "/songs", "/review", "/map", "/settings", "/history", "/history/1", "/preview", "/connect")


@pytest.fixture
def sandbox() -> SandboxServer:
    """Two people's accounts; the first likes songs that the second does not."""
    return SandboxServer.with_accounts(2, demo_account_of)


class Two:
    """Ada, who has done everything that can be done, and Bob, who tries to get at it.

    Attributes:
        ada: Her browser.
        bob: His.
        hers: What names her things: a run, a plan, corrections, songs, of which he does not have the first.
    """

    def __init__(self, hosting: Hosting) -> None:
        self._sandbox = hosting.sandbox
        url = hosting.serve()
        hosting.work()
        self.ada, self.bob = hosting.browser(url), hosting.browser(url)
        for browser, store in zip((self.ada, self.bob), hosting.sandbox.stores, strict=True):
            browser.log_in(writing=True, person=store.account.person.id)
            browser.sort()
        his = {saved.uri for saved in hosting.sandbox.stores[1].account.saved}
        all_hers = [saved.uri for saved in hosting.sandbox.stores[0].account.saved]
        known = {row[-1] for row in self.ada.client.get("/api/songs").json()["songs"]}
        mine = [uri.rpartition(":")[2] for uri in all_hers if uri not in his]
        self.only_hers = [track_id for track_id in mine if track_id in known]
        assert len(self.only_hers) > 10
        said = self.ada.client.post("/api/corrections", json={"genre": "techno", "songs": self.only_hers[:1]})
        self.corrections: list[int] = said.json()["corrections"]
        assert self.corrections
        self.ada.write()
        self.ada.done()
        assert self.ada.client.put("/api/genres/jazz", json={"name": SECRET}).status_code == 200
        assert self.ada.client.put("/api/schedule", json={"every": "7d"}).status_code == 200
        (self.run,) = self.ada.client.get("/api/state").json()["job"]["result"]["next"].split("/")[-1:]

    def seen_by_ada(self) -> dict[str, Any]:
        """Everything that is hers, as she sees it and as it is."""
        client = self.ada.client
        return {
            **{page: client.get(page).text for page in PAGES if page not in {"/connect", "/preview"}},
            "songs": client.get("/api/songs").json(),
            "review": client.get("/api/review").json(),
            "said": client.get(f"/api/corrections/{self.only_hers[0]}").json(),
            "export": client.get("/api/export/csv").text,
            "job": client.get("/api/state").json(),
        }

    def account(self) -> Account:
        """Her account at Spotify."""
        return self._sandbox.stores[0].account


@pytest.fixture
def two(hosting: Hosting) -> Two:
    """The two of them."""
    return Two(hosting)


def attempts(two: Two) -> list[tuple[str, str, dict[str, Any]]]:
    """Calls with everything that names her things."""
    song, run = two.only_hers[0], int(two.run)
    plan = {"plan_id": "0" * 16, "genres": list(GENRES)}
    return [
        ("GET", "/api/state", {}),
        ("GET", "/api/songs", {}),
        ("GET", "/api/songs", {"headers": {"if-none-match": two.ada.client.get("/api/songs").headers["etag"]}}),
        ("GET", "/api/map", {}),
        ("GET", "/api/plan/{genre}", {"at": "jazz"}),
        ("GET", "/api/history/{run_id}/undo", {"at": run}),
        ("GET", "/api/review", {}),
        ("GET", "/api/corrections/{song}", {"at": song}),
        ("GET", "/api/export/{form}", {"at": "json"}),
        ("GET", "/api/export/{form}", {"at": "csv"}),
        ("POST", "/api/corrections", {"json": {"genre": "metal", "songs": [song]}}),
        ("POST", "/api/corrections/take-back", {"json": {"corrections": two.corrections}}),
        ("POST", "/api/corrections/unsay", {"json": {"songs": [song]}}),
        ("PUT", "/api/places", {"json": {"uri": f"spotify:track:{song}", "genre": "jazz", "is_in": False}}),
        ("PUT", "/api/genres/{genre}", {"at": "jazz", "json": {"name": "Bob's"}}),
        ("GET", "/api/choice", {}),
        ("PUT", "/api/choice", {"json": {"genres": ["rock"]}}),
        ("PUT", "/api/rules", {"json": {}}),
        ("PUT", "/api/sources", {"json": {"sources": [], "lastfm_key": "b" * 32}}),
        ("PUT", "/api/schedule", {"json": {"every": "off"}}),
        ("PUT", "/api/theme", {"json": {"theme": "dark"}}),
        ("POST", "/api/jobs/undo", {"json": {"run_id": run}, "job": True}),
        ("POST", "/api/jobs/resume", {"job": True}),
        ("POST", "/api/jobs/apply", {"json": plan, "job": True}),
        ("POST", "/api/jobs/playlist", {"json": {"songs": [song], "name": "Bob's"}, "job": True}),
        ("POST", "/api/jobs/playlists", {"job": True}),
        ("POST", "/api/jobs/enrich", {"job": True}),
        (
            "POST",
            "/api/jobs/import",
            {"params": {"name": "x.csv"}, "content": b"title\n", "job": True},
        ),
        ("POST", "/api/jobs/sort", {"job": True}),
        ("POST", "/api/jobs/stop", {}),
        ("POST", "/api/login", {"json": {}}),
        ("POST", "/api/demo", {}),
        ("POST", "/api/forget", {}),
        ("POST", "/api/leave", {}),
        ("POST", "/api/logout", {}),
    ]


def try_it(bob: Browser, method: str, path: str, given: dict[str, Any]) -> str:
    """Makes the call, waits for the job it began, and gives all that came of it."""
    at, is_job = given.pop("at", None), given.pop("job", False)
    head, _, tail = path.partition("{")
    address = path if at is None else f"{head}{at}{tail.partition('}')[2]}"
    answer = bob.client.request(method, address, **given)
    assert answer.status_code < 500, f"{method} {address}: {answer.text}"
    told = answer.text
    if is_job and answer.status_code == 202:
        told += str(bob.ended())
    return told


def test_no_operation_reaches_another_account(two: Two) -> None:
    """Whatever of hers Bob names: she sees what she saw, her account is as it was, and he hears nothing of it."""
    described = two.ada.client.get("/api/openapi.json").json()["paths"]
    every = {(method.upper(), path) for path, operations in described.items() for method in operations}
    tried = attempts(two)
    assert every - {(method, path) for method, path, _ in tried} == {("GET", "/api/events")}  # below
    before, account = two.seen_by_ada(), two.account()
    for method, path, given in tried:
        told = try_it(two.bob, method, path, given)
        assert SECRET not in told, path
        assert account.person.display_name not in told, path
        unnamed = two.only_hers[1:]  # the first he names himself, and a refusal says it back
        assert not any(track_id in told for track_id in unnamed), told
    assert two.account() == account
    assert two.seen_by_ada() == before


def test_no_page_shows_another_account(two: Two) -> None:
    """Nor does the stream of events."""
    for page in PAGES:
        shown = two.bob.client.get(page, follow_redirects=True).text
        assert SECRET not in shown, page
        assert two.account().person.display_name not in shown, page
        assert not any(track_id in shown for track_id in two.only_hers), page
    with two.bob.client.stream("GET", "/api/events") as stream:
        first = next(line for line in stream.iter_lines() if line.startswith("data:"))
    hers = two.ada.client.get("/api/state").json()
    assert hers["job"]["job_id"] not in first
    assert hers["revision"] not in first


def test_a_session_that_names_an_account_is_no_session(two: Two) -> None:
    """The cookie is a secret, not a name."""
    for cookie in (two.account().account_id, two.account().person.id, "1"):
        answer = two.bob.client.get("/api/songs", headers={"cookie": f"account={cookie}"})
        assert answer.status_code == 401


def test_forgetting_one_account_leaves_the_other(two: Two, hosting: Hosting) -> None:
    """And of the one nothing is kept: no row of any table names it."""
    before = two.seen_by_ada()
    his = hosting.sandbox.stores[1].account
    assert two.bob.client.post("/api/forget").json() == {"name": his.person.display_name}
    assert two.bob.client.get("/api/state").status_code == 401
    assert two.seen_by_ada() == before
    with hosting.host._database.reading() as connection:
        names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        for (table,) in connection.exec_driver_sql(names).all():
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608 (names of ours)
            assert his.account_id not in repr(rows), table
            assert his.person.display_name not in repr(rows), table
