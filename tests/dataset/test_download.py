"""Fetching the dataset from a real HTTP server."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cratewise.dataset.download import DownloadError, Origin, download

CONTENT = b"".join(b"row %d,some artist,some title\n" % number for number in range(20_000))
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class FileServer:
    """Serves one file over HTTP; a test can make it break off, ignore ranges, or refuse."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.breaks_off_after: int | None = None
        self.knows_ranges = True
        self.range_shift = 0
        self.status = 200
        self.asked: list[str | None] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Keeps quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.origin = Origin(f"http://127.0.0.1:{self._server.server_port}/dataset.csv", SHA256, len(CONTENT))

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Sends the file, or what is asked of it."""
        asked = request.headers.get("Range")
        self.asked.append(asked)
        if request.path == "/dataset.csv" and self.status == 302:
            request.send_response(302)
            request.send_header("Location", "/elsewhere.csv")
            request.end_headers()
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.knows_ranges else 0
        is_part = bool(asked) and self.knows_ranges
        status = 206 if is_part else 200
        if self.status >= 400:
            status = self.status
        elif start >= len(self.content):
            status = 416
        body = self.content[start + self.range_shift if is_part else 0 :] if status < 400 else b""
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        if status == 206:
            first = start + self.range_shift
            request.send_header("Content-Range", f"bytes {first}-{len(self.content) - 1}/{len(self.content)}")
        request.end_headers()
        request.wfile.write(body[: self.breaks_off_after])

    def __enter__(self) -> "FileServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[FileServer]:
    """A server that has the file."""
    with FileServer() as serving:
        yield serving


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file shall go: a folder that isn't there yet."""
    return tmp_path / "data" / "songs.csv"


def part_of(target: Path) -> Path:
    """What the file is called until it is whole."""
    return target.with_name("songs.csv.part")


def interrupted(server: FileServer, target: Path, after: int) -> None:
    """Downloads until the connection breaks off."""
    server.breaks_off_after = after
    with pytest.raises(DownloadError, match="broke off") as caught:
        download(target, server.origin)
    assert "goes on" in caught.value.hint
    server.breaks_off_after = None


def test_the_file_arrives_whole(server: FileServer, target: Path) -> None:
    """The folder is made, the bytes are the server's, progress runs to the end, and no part is left."""
    steps: list[tuple[int, int | None]] = []
    assert download(target, server.origin, lambda stage, done, total: steps.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert not part_of(target).exists()
    assert steps[0] == (0, len(CONTENT))
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)


def test_an_interrupted_download_goes_on_where_it_stopped(server: FileServer, target: Path) -> None:
    """Nothing is in place after the interruption, and only the rest is asked for afterwards."""
    interrupted(server, target, 100_000)
    assert not target.exists()
    n_present = part_of(target).stat().st_size
    assert 0 < n_present <= 100_000
    assert download(target, server.origin)
    assert server.asked == [None, f"bytes={n_present}-"]
    assert target.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_sends_everything_again(server: FileServer, target: Path) -> None:
    """A whole file in answer to a range replaces the part instead of being added to it."""
    interrupted(server, target, 100_000)
    server.knows_ranges = False
    assert download(target, server.origin)
    assert target.read_bytes() == CONTENT


def test_a_range_that_begins_earlier_is_put_in_its_place(server: FileServer, target: Path) -> None:
    """What overlaps with the part is written over it."""
    interrupted(server, target, 100_000)
    server.range_shift = -500
    assert download(target, server.origin)
    assert target.read_bytes() == CONTENT


def test_a_range_that_begins_later_is_refused(server: FileServer, target: Path) -> None:
    """A gap is an error, not a file with a hole."""
    interrupted(server, target, 100_000)
    server.range_shift = 500
    with pytest.raises(DownloadError, match="was asked for the bytes from"):
        download(target, server.origin)
    assert not target.exists()


def test_a_redirect_is_followed(server: FileServer, target: Path) -> None:
    """Public homes send downloads on to another server."""
    server.status = 302
    assert download(target, server.origin)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-5] + b"other", CONTENT + b"more", CONTENT[:-1]])
def test_another_file_is_refused(server: FileServer, target: Path, content: bytes) -> None:
    """Changed, longer or shorter: the checksum is wrong, the part is deleted and nothing is in place."""
    server.content = content
    with pytest.raises(DownloadError, match=SHA256):
        download(target, server.origin)
    assert not target.exists()
    assert not part_of(target).exists()


def test_a_part_of_another_file_is_found_out(server: FileServer, target: Path) -> None:
    """Going on from a part that was something else ends in the checksum's error, and the next call starts anew."""
    target.parent.mkdir()
    part_of(target).write_bytes(b"something else")
    with pytest.raises(DownloadError, match="checksum"):
        download(target, server.origin)
    assert not part_of(target).exists()
    assert download(target, server.origin)


def test_a_part_that_is_too_long_is_begun_anew(server: FileServer, target: Path) -> None:
    """A part longer than the file cannot be gone on with."""
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT + b"more")
    assert download(target, server.origin)
    assert server.asked == [None]


def test_a_part_longer_than_the_servers_file_is_begun_anew(server: FileServer, target: Path) -> None:
    """Where the server has nothing behind the part, everything is asked for once more."""
    interrupted(server, target, 100_000)
    server.content = CONTENT[:50]
    with pytest.raises(DownloadError, match="checksum"):
        download(target, server.origin)
    assert server.asked[-1] is None


def test_a_whole_part_is_only_checked(server: FileServer, target: Path) -> None:
    """If just the renaming was missing, nothing is fetched."""
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT)
    assert download(target, server.origin)
    assert server.asked == []


def test_a_file_that_is_there_is_left_alone(server: FileServer, target: Path) -> None:
    """The right file is not fetched again, and another one is never written over."""
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    assert not download(target, server.origin)
    target.write_bytes(b"my own songs")
    with pytest.raises(DownloadError, match="another file"):
        download(target, server.origin)
    assert target.read_bytes() == b"my own songs"
    assert server.asked == []


@pytest.mark.parametrize("status", [403, 404, 416, 500])
def test_a_refusal_is_told(server: FileServer, target: Path, status: int) -> None:
    """The server's answer is in the error."""
    server.status = status
    with pytest.raises(DownloadError, match=str(status)):
        download(target, server.origin)


def test_a_server_that_is_not_there_is_told(target: Path) -> None:
    """No connection gives the one error with what to do."""
    with FileServer() as gone:
        origin = gone.origin
    with pytest.raises(DownloadError, match="broke off"):
        download(target, origin)


def test_a_place_that_cannot_be_written_is_told(server: FileServer, tmp_path: Path) -> None:
    """A folder that is a file, and a target that is a folder, are errors of their own."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(DownloadError, match="cannot be written"):
        download(tmp_path / "file" / "songs.csv", server.origin)
    with pytest.raises(DownloadError, match="directory"):
        download(tmp_path, server.origin)


def test_progress_sees_a_resumed_download_begin_behind_zero(server: FileServer, target: Path) -> None:
    """What was there already counts as done."""
    interrupted(server, target, 100_000)
    steps: list[int] = []
    n_present = part_of(target).stat().st_size
    download(target, server.origin, lambda stage, done, total: steps.append(done))
    assert steps[0] == n_present
