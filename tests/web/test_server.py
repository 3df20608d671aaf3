import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

import cratewise
from cratewise.errors import SettingsError
from cratewise.exclusive import exclusive
from cratewise.web.server import listen

PATIENCE_S = 20.0
SERVE = """
import sys
from cratewise.app import Application
from cratewise.errors import SpotifyError
from cratewise.settings import load_settings
from cratewise.web.server import listen, serve

def refuse(settings):
    raise SpotifyError("Nobody is logged in.")

with Application(load_settings(data_dir=sys.argv[1]), connect=refuse, load_classifier=refuse) as app:
    serve(app, listen("127.0.0.1", int(sys.argv[2])))
print("closed")
"""
AGAIN = """
import signal
from cratewise.web.schedule import Timer

stop = Timer.stop
Timer.stop = lambda timer: (signal.raise_signal({again}), stop(timer))
"""
SLOW_START = (
    """
import time
from cratewise.web import server
from cratewise.web.ownworkspace import OwnWorkspace

def read_for_long(_):
    print("reading", flush=True)
    time.sleep(1)

OwnWorkspace._read_ahead = read_for_long
close = OwnWorkspace.close
OwnWorkspace.close = lambda workspace: (close(workspace), print("closed"))
server._READY_WITHIN_S = 60
"""
    + SERVE
)
SLOW = """
import sys
import threading
from cratewise.cli import main
from cratewise.web import pages

def draw_for_ever(*_):
    print("asked", flush=True)
    threading.Event().wait()

pages.draw_cover = draw_for_ever
sys.argv = ["cratewise", "web", "--data-dir", sys.argv[1], "--port", sys.argv[2]]
main()
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Returns once the server answers."""
    transport = httpx.HTTPTransport(retries=8)  # with growing pauses, 12 s in all
    with httpx.Client(transport=transport) as client:
        client.get(address).raise_for_status()


@contextmanager
def serving(folder: Path, port: int, program: str = SERVE) -> Iterator[subprocess.Popen[str]]:
    """A server in a process of its own that answers; it is ended whatever happens."""
    source = str(Path(cratewise.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": source},
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/api/state")
        yield process
    finally:
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_does_not_wait_for_an_open_tab(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl+C and a request to end both close everything while a stream is open, without a word of complaint."""
    port = free_port()
    with (
        serving(tmp_path, port) as process,
        httpx.stream("GET", f"http://127.0.0.1:{port}/api/events", timeout=PATIENCE_S) as stream,
    ):
        assert next(stream.iter_lines()) == "event: state"
        process.send_signal(how)
        output, complaints = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output, complaints) == (0, "closed\n", "")


def test_a_stop_does_not_wait_for_a_page_that_takes_long(tmp_path: Path) -> None:
    """The page is told so in the one shape of errors, the terminal one line at most, also of a second Ctrl+C."""
    port = free_port()
    with serving(tmp_path, port, SLOW) as process:
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(httpx.get, f"http://127.0.0.1:{port}/covers/pop/0.svg", timeout=PATIENCE_S)
            assert process.stdout is not None
            for line in process.stdout:
                if line == "asked\n":
                    break
            process.send_signal(signal.SIGINT)
            with suppress(httpx.TransportError):
                while httpx.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE_S):  # until it takes no more
                    pass
            process.send_signal(signal.SIGINT)
            answer = asked.result()
        _, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert len(complaints.splitlines()) <= 1, complaints
    assert (answer.status_code, answer.json()["error"]["message"]) == (503, "cratewise was stopped.")


@pytest.mark.parametrize("again", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_another_is_heeded_changes_nothing(tmp_path: Path, again: signal.Signals) -> None:
    """A terminal, make and whoever starts the program may each send theirs: it comes in the middle of a stop."""
    port = free_port()
    with serving(tmp_path, port, AGAIN.format(again=int(again)) + SERVE) as process:
        process.send_signal(signal.SIGTERM)
        output, complaints = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output, complaints) == (0, "closed\n", "")


def test_a_stop_while_the_library_is_read_is_a_stop(tmp_path: Path) -> None:
    """Ctrl+C before the first page is answered ends at once, and closes what was opened."""
    source = str(Path(cratewise.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_START, str(tmp_path), str(free_port())],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": source},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        process.send_signal(signal.SIGINT)
        output, complaints = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output, complaints) == (0, "closed\nclosed\n", "")


def test_a_taken_port_is_said_plainly() -> None:
    """Whoever starts it twice reads which port, and how to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)) as refusal:
            listen("127.0.0.1", port)
    assert "--port" in refusal.value.hint


def test_no_answer_waits_for_the_one_before_to_be_acknowledged() -> None:
    """Nagle's algorithm, which costs 40 ms an answer, is off on the connections asyncio makes of the open port."""
    settings: list[int] = []

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        settings.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def connect_once() -> None:
        with listen("127.0.0.1", 0) as listening:
            port = listening.getsockname()[1]
            async with await asyncio.start_server(note, sock=listening):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                await reader.read()
                writer.close()

    asyncio.run(connect_once())
    assert settings == [1]


def test_a_second_server_over_one_folder_is_refused(tmp_path: Path) -> None:
    """Each would write its jobs down in the place of the other's."""
    source = str(Path(cratewise.__file__).parents[1])
    with exclusive(tmp_path / "web.lock", "", ""):
        done = subprocess.run(
            [sys.executable, "-m", "cratewise", "web", "--port", str(free_port()), "--data-dir", str(tmp_path)],
            capture_output=True, text=True, check=False, timeout=PATIENCE_S, env={**os.environ, "PYTHONPATH": source},
        )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == ""
    assert f"Another cratewise serves {tmp_path}." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stop_does_not_wait_for_half_a_body(tmp_path: Path) -> None:
    """Somebody sends a part of a request, and no more; nothing is said of it in the terminal."""
    port = free_port()
    with (
        serving(tmp_path, port) as process,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as half,
    ):
        half.sendall(f"PUT /api/theme HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: 50\r\n\r\n{{".encode())
        wait_for(f"http://127.0.0.1:{port}/health")
        process.send_signal(signal.SIGTERM)
        output, complaints = process.communicate(timeout=PATIENCE_S)
    assert (output, complaints) == ("closed\n", "")
