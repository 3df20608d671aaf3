"""What the pages show, made before anybody asks: after the start and after each job, in a thread of its own."""

import logging
import threading
from collections.abc import Callable, Iterable

from cratewise.errors import CratewiseError

logger = logging.getLogger(__name__)

_BETWEEN_STEPS_S = 1.0
"""Whoever waits for what a step has made is served first: the next one would take half of the processor from it."""


class Ahead:
    """Takes the steps one after the other, each time that it is woken, until it is stopped.

    Args:
        steps: Each makes something that is kept; between two of them it can be stopped.
    """

    def __init__(self, steps: Iterable[Callable[[], object]]) -> None:
        self._steps = list(steps)
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._round_done = threading.Event()
        self._is_waited_for = False
        self._thread = threading.Thread(target=self._work, name="ahead", daemon=True)

    def add(self, step: Callable[[], object]) -> None:
        """Has one more step taken at the end of each round; to be called before the start."""
        self._steps.append(step)

    def start(self) -> None:
        """Begins, with the first round at once."""
        self._wanted.set()
        self._thread.start()

    def wait_for_round(self, seconds: float) -> None:
        """Waits for the first round, so long at most; nobody else does, so that it takes no rest between two steps."""
        self._is_waited_for = True
        self._round_done.wait(seconds)
        self._is_waited_for = False

    def wake(self) -> None:
        """Has another round made: something has changed."""
        self._wanted.set()

    def stop(self) -> None:
        """Begins no step any more; returns at once."""
        self._ended.set()
        self._wanted.set()
        self._round_done.set()

    def wait(self, seconds: float) -> None:
        """Waits for the step under way, so that what it reads is not closed beneath it."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            for number, step in enumerate(self._steps):
                if self._ended.wait(_BETWEEN_STEPS_S if number and not self._is_waited_for else 0):
                    return
                try:
                    step()
                except CratewiseError as trouble:  # whoever opens the page is told it there
                    logger.debug("nothing is made ahead: %s", trouble)
                    break
            self._round_done.set()
