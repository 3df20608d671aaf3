"""How often a source may be asked."""

import threading

from cratewise.sources.timing import SYSTEM_TIME, Timing


class Throttle:
    """Lets callers through one at a time, so far apart; one throttle a source, shared by its threads."""

    def __init__(self, interval_s: float, timing: Timing = SYSTEM_TIME) -> None:
        """Lets the first caller through at once.

        Args:
            interval_s: Least time from one caller to the next; 0 for a source that sets no limit.
            timing: The clock and the pause.
        """
        self._interval_s = interval_s
        self._timing = timing
        self._lock = threading.Lock()
        self._free_at_s = float("-inf")

    def wait(self) -> None:
        """Waits until it is the caller's turn."""
        while (wait_s := self._take_turn()) > 0:
            self._timing.sleep(wait_s)

    def hold(self, wait_s: float) -> None:
        """Lets nobody through for so long, also those who are waiting already."""
        with self._lock:
            self._free_at_s = max(self._free_at_s, self._timing.now_s() + wait_s)

    def _take_turn(self) -> float:
        """Takes the turn if it is free, or says how long it isn't."""
        with self._lock:
            now_s = self._timing.now_s()
            if now_s < self._free_at_s:
                return self._free_at_s - now_s
            self._free_at_s = now_s + self._interval_s
            return 0.0
