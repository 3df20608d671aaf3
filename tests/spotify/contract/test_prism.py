"""The client against Prism, a server that Spotify's file alone drives: nothing of this project is on the other side."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.connect import Addresses, connect, kept_in
from cratewise.spotify.timing import Timing

from ..conftest import ACCOUNT, START_S, make_tokens

PACKAGE = "@stoplight/prism-cli@5.14.2"
FETCH_WITHIN_S = 240
SONG = "spotify:track:11dFghVXANMlKmJXsNCbNl"

pytestmark = pytest.mark.timeout(FETCH_WITHIN_S + 60)


@pytest.fixture(scope="module")
def prism(pytestconfig: pytest.Config) -> Path:
    """The program, fetched once and kept in pytest's cache."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine, which Prism comes with")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("prism")
    program = folder / "node_modules" / ".bin" / "prism"
    if not program.exists():
        fetch = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        try:
            subprocess.run(fetch, check=True, capture_output=True, timeout=FETCH_WITHIN_S)
        except (OSError, subprocess.SubprocessError) as failure:
            pytest.skip(f"{PACKAGE} cannot be fetched: {failure}")
    return program


@pytest.fixture(scope="module", params=["examples", "made up"])
def prism_url(prism: Path, specification: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A running Prism: it answers with the examples of the file, or with whatever the file allows."""
    made_up = ["--dynamic", "--seed", "1"] if request.param == "made up" else []
    command = [str(prism), "mock", "--errors", "--port", "0", *made_up, str(specification)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            said = ""
            for line in process.stdout:
                said += line
                if "is listening on" in line:
                    break
            else:
                pytest.fail(f"Prism did not start: {said}")
            yield line.rpartition("listening on ")[2].strip()
        finally:
            process.kill()


@pytest.fixture
def client(prism_url: str, tmp_path: Path) -> Iterator[SpotifyClient]:
    """A client that takes Prism for Spotify, and does not wait."""
    kept_in(tmp_path).logins.save(ACCOUNT, make_tokens())
    timing = Timing(now_s=lambda: START_S, sleep=lambda seconds: None)
    with connect(kept_in(tmp_path), Addresses(prism_url, prism_url), timing=timing) as connected:
        yield connected


def test_every_call_is_accepted_and_its_answer_understood(client: SpotifyClient) -> None:
    """Prism refuses a request that the file does not allow; each of the client's gets an answer it can use."""
    assert client.current_user().account_id
    assert client.saved_tracks(offset=50).total >= 0
    assert client.playlists().total >= 0
    assert client.playlist("p").id
    assert client.playlist_items("p").total >= 0
    assert client.create_playlist("Soul", "Made by cratewise", public=False).id
    client.change_playlist("p", name="Funk", description="", public=True)
    assert client.add_items("p", [SONG], position=0)
    assert client.replace_items("p", [])
    assert client.remove_items("p", [SONG], "abc")
    client.unfollow_playlist("p")
