"""Time as it is passed in, so that tests need not wait."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, and how to wait.

    Attributes:
        now_s: Seconds since some moment; it never goes back, so that a clock that is set makes no source wait.
        sleep: Waits for so many seconds.
        jitter: A random number from 0 to 1, which spreads the retries of several callers.
    """

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


SYSTEM_TIME = Timing()
