"""No request makes the stand-in fail: what it does not understand it refuses, in the shape the contract asks for."""

import httpx
import pytest

BODIES = (
    b"",
    b"\xff",
    b"null",
    b"[]",
    b'["a"]',
    b"[" * 20_000,
    b'{"name": "\\ud83d"}',
    b'{"name": "a", "description": "\\udc80"}',
    b'{"uris": ["\\ud83d"]}',
    b'{"uris": [null]}',
    b'{"uris": [], "position": 1e400}',
    b'{"items": [{"uri": "\\ud83d"}], "snapshot_id": "\\ud83d"}',
    b'{"range_start": -1, "insert_before": 0, "range_length": -5}',
    b'{"range_start": 99999999999999999999999, "insert_before": 0}',
    b'{"range_start": 0, "insert_before": 0, "snapshot_id": "MQ=="}',
)
QUERIES = (
    "limit=99999999999999999999",
    "offset=99999999999999999999999",
    "limit=1&limit=2",
    "market=%00",
    "fields=((((",
    "fields=)))",
    "fields=" + "(" * 3000 + "a",
    "fields=" + "a." * 3000,
)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_odd_bodies_are_refused(api: httpx.Client, own_playlist: str, method: str, content_type: str) -> None:
    """Not JSON, not an object, half characters, numbers beyond all measure; the account can still be read."""
    paths = ("/me/playlists", *(f"/playlists/{own_playlist}{part}" for part in ("", "/items", "/images")))
    headers = {"content-type": content_type} if content_type else {}
    for path in paths:
        statuses = [api.request(method, path, content=body, headers=headers).status_code for body in BODIES]
        assert max(statuses) < 500, dict(zip(BODIES, statuses, strict=True))
    assert api.get("/me/playlists").status_code == 200


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:24])
def test_odd_queries_are_refused_or_ignored(api: httpx.Client, own_playlist: str, query: str) -> None:
    """Pages beyond all measure, and brackets without end."""
    for path in ("/me/tracks", "/me/playlists", f"/playlists/{own_playlist}", f"/playlists/{own_playlist}/items"):
        assert api.get(f"{path}?{query}").status_code < 500
