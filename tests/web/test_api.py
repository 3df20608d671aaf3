import json
from collections.abc import Callable

import pytest

from cratewise.errors import SpotifyError
from cratewise.settings import Settings

from .conftest import FAMILIES, HOSTILE_TITLE, N_SONGS, PATIENCE_S, UNKNOWN, UNSURE_EVERY, Site, StandInAccount

UNSURE = len(range(0, N_SONGS, UNSURE_EVERY))


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A server whose library is sorted."""
    site.sort()
    return site


def test_sorting_reads_and_sorts_every_song(sorted_site: Site) -> None:
    """One call starts it; afterwards every song has its genre, and the unsure ones say so."""
    body = sorted_site.client.get("/api/songs").json()
    assert len(body["songs"]) == N_SONGS
    assert sum(row[6] & 1 for row in body["songs"]) == UNSURE
    assert [number for number, row in enumerate(body["songs"]) if row[6] & 4] == list(UNKNOWN)
    assert set(body["genres"]) == set(FAMILIES)
    assert body["songs"][3][0] == HOSTILE_TITLE


def test_songs_are_sent_once_and_compressed(sorted_site: Site) -> None:
    """The second visit costs no transfer, until something changed."""
    first = sorted_site.client.get("/api/songs")
    assert first.headers["content-encoding"] == "gzip"
    again = sorted_site.client.get("/api/songs", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    sorted_site.account.songs.pop()
    sorted_site.sort()
    changed = sorted_site.client.get("/api/songs", headers={"if-none-match": first.headers["etag"]})
    assert len(changed.json()["songs"]) == N_SONGS - 1


def test_a_second_job_is_refused_while_one_runs(site: Site) -> None:
    """Two tabs cannot sort at once; the refusal says what to do."""
    site.account.hold()
    site.client.post("/api/jobs/sort")
    assert site.account.reached.wait(PATIENCE_S)
    refused = site.client.post("/api/jobs/sort")
    assert refused.status_code == 409
    assert refused.json()["error"]["hint"]


def test_a_job_can_be_stopped(site: Site) -> None:
    """Stop is shown at once, obeyed at the next step, and leaves the way free for another try."""
    site.account.hold()
    site.client.post("/api/jobs/sort")
    assert site.account.reached.wait(PATIENCE_S)
    assert site.client.post("/api/jobs/stop").json()["job"]["status"] == "stopping"
    site.account.gate.set()
    assert site.server.workspace.jobs.wait(PATIENCE_S)
    assert site.client.get("/api/state").json()["job"]["status"] == "stopped"
    site.sort()


def test_a_failed_job_says_what_to_do(site: Site) -> None:
    """What the account answered reaches the person, and the next page shows it."""
    site.account.trouble = SpotifyError("Spotify is asleep.", hint="Try again in an hour.")
    job = site.run("/api/jobs/sort")
    assert (job["status"], job["message"], job["hint"]) == ("failed", "Spotify is asleep.", "Try again in an hour.")


def test_applying_writes_exactly_what_was_seen(sorted_site: Site) -> None:
    """The chosen genres, and no others, become playlists with the songs of the preview."""
    chosen = FAMILIES[:2]
    change = sorted_site.client.get(f"/api/plan/{chosen[0]}", params={"genre": chosen}).json()
    job = sorted_site.run("/api/jobs/apply", sorted_site.order(*chosen))
    assert (job["status"], job["result"]) == ("done", {"next": "/history/1"})
    account = sorted_site.account
    assert len(account.heads) == 2
    assert account.entries["playlist-0"] == [song["uri"] for song in change["adds"]]
    assert len(change["adds"]) > 40


def test_a_stale_plan_writes_nothing(sorted_site: Site) -> None:
    """When the library changed after the preview, the person is sent back to look again."""
    order = sorted_site.order(FAMILIES[0])
    sorted_site.account.songs.pop(6)
    sorted_site.sort()
    refused = sorted_site.client.post("/api/jobs/apply", json=order)
    assert refused.status_code == 409
    assert "look at what is new" in refused.json()["error"]["hint"]
    assert not sorted_site.account.heads


def test_a_plan_asked_for_while_it_is_written_says_so(sorted_site: Site) -> None:
    """A run that is under way is not called stopped, whether it is written or taken back."""
    order = sorted_site.order(FAMILIES[0])
    for kind, body, word in (("apply", order, "written"), ("undo", {"run_id": 1}, "taken back")):
        sorted_site.account.hold()
        sorted_site.client.post(f"/api/jobs/{kind}", json=body)
        assert sorted_site.account.reached.wait(PATIENCE_S)
        answer = sorted_site.client.get(f"/api/plan/{FAMILIES[0]}")
        assert answer.status_code == 409
        assert f"being {word}" in answer.json()["error"]["message"]
        assert "stopped" not in answer.text
        sorted_site.account.gate.set()
        assert sorted_site.server.workspace.jobs.wait(PATIENCE_S)


def test_undoing_takes_everything_back(sorted_site: Site) -> None:
    """After undo the account holds what it held before, and the history says so."""
    sorted_site.run("/api/jobs/apply", sorted_site.order(FAMILIES[1]))
    assert sorted_site.account.heads
    job = sorted_site.run("/api/jobs/undo", {"run_id": 1})
    assert job["status"] == "done"
    assert not sorted_site.account.heads
    assert "Undone" in sorted_site.client.get("/history/1").text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/nothing", None, 404),
        ("DELETE", "/api/state", None, 405),
        ("POST", "/api/jobs/apply", {"plan_id": "x"}, 422),
        ("POST", "/api/jobs/undo", {"run_id": "first"}, 422),
        ("POST", "/api/jobs/undo", {"run_id": True}, 422),
        ("PUT", "/api/theme", {"theme": "pink"}, 422),
        ("GET", "/api/plan/pop?genre=no-such-genre", None, 422),
        ("GET", "/api/plan/no-such-genre", None, 404),
    ],
)
def test_every_error_has_one_shape(sorted_site: Site, method: str, path: str, body: object, status: int) -> None:
    """Wrong addresses, methods, bodies and genres all answer `{"error": {"message", "hint"}}`."""
    answer = sorted_site.client.request(method, path, json=body)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"message", "hint"}
    assert answer.json()["error"]["message"]


def test_half_a_letter_in_a_genre_is_no_fault(sorted_site: Site) -> None:
    """Nor is a genre that does not exist: the preview says so when it is opened."""
    order = {"content": b'{"preview": ["\\ud800"]}', "headers": {"content-type": "application/json"}}
    assert sorted_site.client.post("/api/jobs/sort", **order).status_code == 202
    assert sorted_site.server.workspace.jobs.wait(20)
    assert sorted_site.client.get("/api/state").json()["job"]["result"]["next"] == "/preview?genre=%3F"


@pytest.mark.parametrize("run_id", [-1, 0, 2**63, 10**30, "1", None])
def test_a_run_that_cannot_be_is_refused_at_once(sorted_site: Site, run_id: object) -> None:
    """Before a job is made of it."""
    assert sorted_site.client.post("/api/jobs/undo", json={"run_id": run_id}).status_code == 422


def test_the_theme_is_kept_in_a_cookie_no_script_reads(site: Site) -> None:
    """The choice is in the next page from its first byte on."""
    answer = site.client.put("/api/theme", json={"theme": "light"})
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert 'data-theme="light"' in site.client.get("/").text


def test_a_stream_tells_the_state_and_does_not_hold_up_the_stop(site: Site) -> None:
    """An open tab hears the state at once; the server ends under it in less than three seconds."""
    with site.client.stream("GET", "/api/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == "event: state"
        assert json.loads(next(lines).removeprefix("data: "))["job"] is None
        site.server.stop()
        assert list(lines) == [""]
    assert site.stopped()


def test_the_api_describes_itself(site: Site) -> None:
    """Everything the pages call is in the OpenAPI document; the pages themselves are not."""
    paths = site.client.get("/api/openapi.json").json()["paths"]
    assert "/api/jobs/sort" in paths
    assert all(path.startswith("/api/") for path in paths)


def test_without_an_account_sorting_fails_with_a_hint(serve_site: Callable[..., Site], account: StandInAccount) -> None:
    """Somebody who is not logged in is told how to, by the API too."""

    def refuse(settings: Settings) -> StandInAccount:
        raise SpotifyError("Nobody is logged in.", hint="Run cratewise login.")

    job = serve_site(refuse).run("/api/jobs/sort")
    assert (job["status"], job["hint"]) == ("failed", "Run cratewise login.")


def test_a_playlist_of_chosen_songs(site: Site) -> None:
    """Made as a job that ends at its run; what cannot be made is said at once, and starts nothing."""
    site.sort()
    songs = [row[10] for row in site.client.get("/api/songs").json()["songs"][:9]]
    refused = site.client.post("/api/jobs/playlist", json={"name": " ", "songs": songs})
    assert refused.status_code == 409
    assert "needs a name" in refused.json()["error"]["message"]
    assert site.client.post("/api/jobs/playlist", json={"name": "Mine", "songs": []}).status_code == 422
    job = site.run("/api/jobs/playlist", {"name": "Mine <b>", "songs": songs})
    assert (job["status"], job["result"]) == ("done", {"next": "/history/1"})
    page = site.client.get("/history/1").text
    assert "Mine &lt;b&gt;" in page
    assert "Mine &lt;b&gt;" in site.client.get("/").text
