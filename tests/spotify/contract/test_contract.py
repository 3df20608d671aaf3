"""The judge itself: it finds what is wrong, and forgives nothing that no longer happens."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cratewise.spotify.sandbox.faults import not_registered, server_error
from cratewise.spotify.sandbox.server import SandboxServer

from ..sandbox.conftest import FOREIGN_PLAYLIST, small_account
from .contract import Contract, read_document
from .deviations import DEVIATIONS, Deviation, Document
from .exchanges import Answered, Sent
from .recording import Recorder, recording

API = "https://api.spotify.com/v1"
PAGE = {"href": "", "items": [], "limit": 20, "next": None, "offset": 0, "previous": None, "total": 0}


@pytest.fixture(scope="module")
def document(specification: Path) -> Document:
    """Spotify's file, read."""
    return read_document(specification)


@pytest.fixture(scope="module")
def contract(document: Document) -> Contract:
    """The judge that every test of the suite has."""
    return Contract(document)


@pytest.fixture(scope="module")
def said(document: Document) -> Iterator[list[Answered]]:
    """Answers of a stand-in that was asked for everything odd that it has."""
    recorder = Recorder()
    with ExitStack() as stack:
        stack.enter_context(recording(recorder))
        server = stack.enter_context(SandboxServer(initial=small_account))
        headers = {"authorization": f"Bearer {server.issue_token()['access_token']}"}
        api = stack.enter_context(httpx.Client(base_url=server.api_url, headers=headers))
        for playlist in server.store.account.playlists:
            api.get(f"/playlists/{playlist}/items")
            api.get(f"/playlists/{playlist}", params={"fields": "items(items(item(name)))"})
        for path in ("/me/tracks", "/me/tracks?limit=51", f"/playlists/{FOREIGN_PLAYLIST}/items"):
            api.get(path)
        api.delete("/me/library", params={"uris": ""})
        server.faults.add(server_error(502), not_registered())
        api.get("/me"), api.get("/me")
        yield [exchange for exchange in recorder.take() if isinstance(exchange, Answered)]


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.name)
def test_no_deviation_is_forgiven_that_does_not_occur(
    document: Document, contract: Contract, said: list[Answered], deviation: Deviation
) -> None:
    """With all of them nothing is wrong; without one something is, so that the list holds none too many."""
    assert contract.breaches(said) == []
    stricter = Contract(document, [other for other in DEVIATIONS if other is not deviation])
    assert stricter.breaches(said)


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (Sent(API, "GET", "/me/tracks", "limit=51&offset=0"), "51"),
        (Sent(API, "GET", "/me/tracks", "limit=fifty"), "limit"),
        (Sent(API, "GET", "/me/tracks", "page=2"), "no parameter 'page'"),
        (Sent(API, "GET", "/me/songs"), "no such call"),
        (Sent(API, "PATCH", "/me/tracks"), "no such call"),
        (Sent(API, "GET", "/playlists/p/tracks"), "taken this call away"),
        (Sent(API, "DELETE", "/me/library"), "uris"),
        (Sent(API, "POST", "/me/playlists", "", "application/json", b'{"public": true}'), "'name' is a required"),
        (Sent(API, "POST", "/playlists/p/items", "", "application/json", b'{"uris": "spotify:track:x"}'), "uris"),
        (Sent(API, "DELETE", "/playlists/p/items", "", "application/json", b'{"uris": []}'), "'items' is a required"),
        (Sent(API, "PUT", "/playlists/p", "", "text/plain", b"name=x"), "text/plain"),
        (Sent("https://accounts.spotify.com", "POST", "/api/token", "", "application/json", b"{}"), "not a call"),
        (Sent("https://accounts.spotify.com", "GET", "/api/token"), "not a call"),
    ],
    ids=str,
)
def test_a_wrong_request_is_found(contract: Contract, sent: Sent, complaint: str) -> None:
    """Limits, parameters, calls that are not there or no longer, and bodies of the wrong form."""
    assert complaint in contract.complaint_about(sent)


@pytest.mark.parametrize(
    ("path", "status", "body", "complaint"),
    [
        ("/me/tracks", 200, PAGE | {"total": "many"}, "total"),
        ("/me/tracks", 200, {"items": []}, "is a required property"),
        ("/me/tracks", 200, PAGE | {"items": [{"track": {"name": 3}}]}, "items.0.track.name"),
        ("/me/tracks", 200, PAGE | {"items": [{"track": {"popularity": 61}}]}, "items.0.track.popularity"),
        ("/me", 200, {"id": "x", "country": "DE"}, "country"),
        ("/me/playlists", 200, PAGE | {"items": [{"id": "x", "tracks": {"total": 1}}]}, "items.0.tracks"),
        ("/me/tracks", 429, {"status": 429, "message": "Too many requests"}, "error"),
        ("/me/tracks", 202, PAGE, "202"),
        ("/me/songs", 404, {"error": "not found"}, "error"),
        ("/me/songs", 200, PAGE, "no such call"),
    ],
)
def test_a_wrong_answer_is_found(
    contract: Contract, path: str, status: int, body: dict[str, object], complaint: str
) -> None:
    """Types, fields that must be there or are gone, statuses, and errors in another shape."""
    answered = Answered("GET", path, "", status, "application/json", json.dumps(body).encode())
    assert complaint in contract.complaint_about(answered)


def test_each_test_is_held_to_the_contract(recorder: Recorder, contract: Contract) -> None:
    """What a test makes the stand-in say is heard by the recorder of the whole run."""
    with SandboxServer(initial=small_account) as server:
        httpx.get(f"{server.api_url}/me")
    heard = recorder.take()
    assert [(one.path, one.status) for one in heard if isinstance(one, Answered)] == [("/me", 401)]
