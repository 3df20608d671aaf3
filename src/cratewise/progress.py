"""How work that takes a while tells how far it is."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")

STEPS = 500
"""Songs between two moments at which such work tells how far it is, and can be stopped: a fraction of a second."""

KEPT_EVERY_S = 1.0
"""How long what has come waits to be kept, and told of, with more of it."""


class Progress(Protocol):
    """Called by workflows as they go; the command line draws a bar from it, a web page shows it."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Says that `done` of `total` (unknown: `None`) steps of `stage` ("Reading liked songs") are done."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Shows nothing."""


def told(values: Iterable[T], progress: Progress, stage: str, total: int | None = None) -> Iterator[T]:
    """The values one after the other; tells before every so many of them how many there were.

    Args:
        values: What is gone through.
        progress: Is told.
        stage: What is done with them.
        total: How many there are, `None` where that is not known.
    """
    for done, value in enumerate(values):
        if done % STEPS == 0:
            progress(stage, done, total)
        yield value


def in_parts(values: Sequence[T], progress: Progress, stage: str) -> Iterator[Sequence[T]]:
    """The values in parts; tells before each of them how many there were."""
    for start in range(0, len(values), STEPS):
        progress(stage, start, len(values))
        yield values[start : start + STEPS]
