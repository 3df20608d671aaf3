"""How many calls were made in the last 24 hours, which is what Spotify's quota counts."""

import os
from pathlib import Path
from typing import Protocol

from cratewise.errors import SpotifyError
from cratewise.spotify.files import read_private, write_private
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.transport import Sender

DAY_S = 24 * 3600.0
_LONGEST_FILE = 1 << 18  # bytes, some 23,000 calls; what is older than a day is dropped then


class CallLog(Protocol):
    """Remembers when calls were made."""

    def add(self, at_s: float) -> None:
        """Counts a call made at this time, in seconds since 1970."""

    def count(self, now_s: float) -> int:
        """Calls of the last 24 hours."""


class CallFile:
    """Remembers in a small file when calls were made, for every process that works with the data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, at_s: float) -> None:
        """Counts a call made at this time, in seconds since 1970.

        Raises:
            SpotifyError: The file cannot be written.
        """
        line = f"{int(at_s)}\n".encode()  # rounded up, it would lie in the future for a moment, and not count
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line)  # in one piece, beside those of other processes
                size = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
        except OSError as failure:
            raise SpotifyError(
                f"{self._path} cannot be written ({failure.strerror})",
                hint="Make the folder writable, or choose another one with CRATEWISE_DATA_DIR.",
            ) from failure
        if size > _LONGEST_FILE:
            kept = "".join(f"{time_s:.0f}\n" for time_s in self._since(at_s - DAY_S))
            write_private(self._path, kept.encode())

    def count(self, now_s: float) -> int:
        """Calls of the last 24 hours; lines that make no sense, or lie in the future, count for nothing."""
        return sum(time_s <= now_s for time_s in self._since(now_s - DAY_S))

    def _since(self, from_s: float) -> list[float]:
        lines = (read_private(self._path) or b"").decode("ascii", "replace").split()
        return [time_s for line in lines if line.isdecimal() and len(line) < 12 and (time_s := float(line)) > from_s]


class CountingSender:
    """Counts each request that leaves, also those that are sent again."""

    def __init__(self, sender: Sender, log: CallLog, timing: Timing = SYSTEM_TIME) -> None:
        self._sender = sender
        self._log = log
        self._timing = timing

    def send(self, request: Request) -> Answer:
        """Counts `request`, and sends it."""
        # first, since a count that cannot be kept must not make a write that was carried out look like one that was not
        self._log.add(self._timing.now_s())
        return self._sender.send(request)
