"""What the pages show when the library cannot be opened."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from cratewise.settings import Settings

from .conftest import Site, StandInAccount

DOWN = "postgresql://ada:hunter2@127.0.0.1:1/music"


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of a library that is damaged, or of one on a server that does not run."""
    if request.param == "damaged":
        (tmp_path / "library.sqlite3").write_bytes(b"no database" * 1000)
        return Settings(data_dir=tmp_path)
    return Settings(data_dir=tmp_path, database_url=SecretStr(DOWN))


@pytest.mark.parametrize(
    ("settings", "status", "said"),
    [("damaged", 409, "is damaged"), ("down", 503, "cannot be reached")],
    indirect=["settings"],
)
def test_a_library_that_cannot_be_opened_is_one_clear_page(
    serve_site: Callable[..., Site], account: StandInAccount, status: int, said: str
) -> None:
    """Every page says what is wrong and what to do, the API in its own shape, and none shows a password."""
    client: httpx.Client = serve_site(lambda _: account).client
    for address in ("/", "/genres", "/songs", "/api/state"):
        answer = client.get(address)
        assert answer.status_code == status, address
        assert said in answer.text
        assert "hunter2" not in answer.text
        assert "Traceback" not in answer.text
    assert ">Try again " in client.get("/").text
    assert ">Go to the overview " in client.get("/genres").text
    error = client.get("/api/state").json()["error"]
    assert said in error["message"]
    assert error["hint"]
