"""A process that is killed at moments nobody chose, and what it had said by then."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic

_END = "-- killed"
_PROGRAM = "import sys; from {module} import {work}; from tests.killing import serve; serve({work}, sys.argv[1:])"


def serve(work: Callable[..., None], arguments: list[str]) -> None:
    """Runs `work` in a new process for each line that comes in, and kills it so many lines and seconds later.

    A process of its own, so that what `work` needs is imported once, and nothing is open when it forks.
    """
    for order in sys.stdin:
        n_lines, delay_s = order.split()
        from_work, to_server = os.pipe()
        if (pid := os.fork()) == 0:
            os.dup2(to_server, 1)
            work(*arguments)
            os._exit(0)
        os.close(to_server)
        said = _listen(from_work, int(n_lines), float(delay_s))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with os.fdopen(from_work, "rb") as rest:
            said += rest.read()
        whole_lines = said[: said.rfind(b"\n") + 1].decode()
        print(f"{whole_lines}{_END}", flush=True)


def _listen(source: int, n_lines: int, delay_s: float) -> bytes:
    """What is said until the moment to kill, or until all is said."""
    said, until = b"", None
    while True:
        if until is None and said.count(b"\n") >= n_lines:
            until = monotonic() + delay_s
        patience = None if until is None else max(0.0, until - monotonic())
        if not select.select([source], [], [], patience)[0]:
            return said
        part = os.read(source, 4096)
        said += part
        if not part:
            return said


@contextmanager
def killed_again_and_again(
    work: Callable[..., None], *arguments: str, n_times: int, most_lines: int, longest_s: float
) -> Iterator[Iterator[list[str]]]:
    """Gives, for each time the process was killed, the whole lines it had printed.

    Args:
        work: A function of a test file.
        arguments: What it is called with.
        n_times: How often it is killed.
        most_lines: It is killed after so many lines at most, and then
        longest_s: after so many seconds at most.
    """
    chance = Random(1)  # noqa: S311 (no secret)
    paths = [str(Path(__file__).resolve().parents[1]), *filter(None, sys.path)]
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(module=work.__module__, work=work.__name__), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    ) as server:

        def times() -> Iterator[list[str]]:
            assert server.stdin is not None
            assert server.stdout is not None
            for _ in range(n_times):
                print(chance.randint(0, most_lines), chance.uniform(0, longest_s), file=server.stdin, flush=True)
                lines = [line.rstrip("\n") for line in iter(server.stdout.readline, f"{_END}\n") if _alive(line)]
                yield lines

        yield times()
        assert server.stdin is not None
        server.stdin.close()


def _alive(line: str) -> bool:
    assert line, "the process that starts the others has ended"
    return True
