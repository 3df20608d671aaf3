"""Forgetting everything from the page."""

from .conftest import Site


def test_everything_is_forgotten_from_the_settings(site: Site) -> None:
    """The page says what that is; afterwards there is nothing, and asking once more is an error."""
    site.sort()
    assert site.run("/api/jobs/apply", site.order())["status"] == "done"
    page = site.client.get("/settings").text
    assert "330 liked songs with their genres" in page
    assert "1 run of the history" in page
    before = len(site.account.heads)
    assert before > 1
    assert f"not know its {before} playlists" in page
    assert site.client.post("/api/forget").json() == {"name": "Ada <b>Listener</b>"}
    assert "history are kept" not in site.client.get("/connect").text
    assert site.client.get("/api/songs").json()["songs"] == []
    assert "not sorted yet" in site.client.get("/settings").text
    assert site.client.get("/history/1").status_code == 404
    assert len(site.account.heads) == before
    assert site.client.post("/api/forget").status_code == 409


def test_nothing_is_forgotten_while_something_works(site: Site) -> None:
    """Nor from another site."""
    site.sort()
    site.account.hold()
    site.client.post("/api/jobs/sort")
    assert site.client.post("/api/forget").status_code == 409
    site.account.gate.set()
    assert site.server.workspace.jobs.wait(20)
    assert site.client.post("/api/forget", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert len(site.client.get("/api/songs").json()["songs"]) > 100
