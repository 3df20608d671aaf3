import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

import cratewise
from cratewise.cli.sandbox import sandbox
from cratewise.spotify.sandbox.server import SandboxServer

PROGRAM = "import typer; from cratewise.cli.sandbox import sandbox; typer.run(sandbox)"


def test_the_command_prints_its_addresses_and_serves_until_stopped(tmp_path: Path) -> None:
    """It runs in the foreground, keeps its state where told, and Ctrl+C ends it without a traceback."""
    source = str(Path(cratewise.__file__).parents[1])
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    state = tmp_path / "account.json"
    command = [sys.executable, "-c", PROGRAM, "--port", "0", "--state", str(state)]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().decode() for _ in range(8)]
            address = re.search(r"Account +(http://127\.0\.0\.1:\d+)", lines[0])
            assert address is not None, lines
            assert f"{address[1]}/v1" in lines[1]
            assert lines[2].split() == ["Login", address[1]]
            assert httpx.get(address[1]).status_code == 200
            assert f"{address[1]}/faults" in lines[3]
            assert lines[5].split("=")[1].strip() == f"{address[1]}/v1"
            assert lines[6].split("=")[1].strip() == address[1]
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read().decode()
        finally:
            process.kill()
    assert (process.returncode, rest) == (0, "Stopped.\n")


def test_it_serves_as_many_accounts_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each person has a page, and the rate window is as wide as asked for."""
    seen: list[tuple[str, int, int]] = []

    def look(server: SandboxServer) -> None:
        page = httpx.get(server.page_url).text
        statuses = [httpx.get(f"{server.api_url}/me").status_code for _ in range(3)]
        seen.append((page, page.count('href="/person/'), statuses.count(429)))

    monkeypatch.setattr(SandboxServer, "wait", look)
    app = typer.Typer()
    app.command()(sandbox)
    done = CliRunner().invoke(app, ["--port", "0", "--accounts", "21", "--calls-per-window", "2"])
    assert done.exit_code == 0, done.output
    assert "Accounts  http://127.0.0.1:" in done.output
    [(page, n_people, n_refused)] = seen
    assert (n_people, n_refused) == (21, 1)
    assert "Robin 2 (sandbox)" in page
