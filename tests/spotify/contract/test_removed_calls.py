"""What Spotify took away, by its own file."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cratewise.spotify.sandbox.server import SandboxServer

from .contract import read_document


@pytest.fixture
def api() -> Iterator[httpx.Client]:
    """Somebody who may do everything."""
    with SandboxServer() as server:
        headers = {"authorization": f"Bearer {server.issue_token()['access_token']}"}
        with httpx.Client(base_url=server.api_url, headers=headers) as client:
            yield client


def test_every_removed_call_is_forbidden(api: httpx.Client, specification: Path) -> None:
    """What the file calls deprecated answers 403, as new apps find it, and not 404 or a result."""
    removed = [
        (method, path)
        for path, operations in read_document(specification)["paths"].items()
        for method, operation in operations.items()
        if operation.get("deprecated")
    ]
    assert len(removed) > 40
    statuses = {
        f"{method} {path}": api.request(method, re.sub(r"\{\w+\}", "x", path)).status_code for method, path in removed
    }
    assert {call for call, status in statuses.items() if status != 403} == set()
