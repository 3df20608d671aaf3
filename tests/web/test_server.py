import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import cratewise
from cratewise.errors import SettingsError
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


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_does_not_wait_for_an_open_tab(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl+C and a request to end both close everything while a stream is open, without a word of complaint."""
    port = free_port()
    source = str(Path(cratewise.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path), str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": source},
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/api/state")
        with httpx.stream("GET", f"http://127.0.0.1:{port}/api/events", timeout=PATIENCE_S) as stream:
            assert next(stream.iter_lines()) == "event: state"
            process.send_signal(how)
            output, complaints = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert (process.returncode, output, complaints) == (0, "closed\n", "")


def test_a_taken_port_is_said_plainly() -> None:
    """Whoever starts it twice reads which port, and how to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)) as refusal:
            listen("127.0.0.1", port)
    assert "--port" in refusal.value.hint
