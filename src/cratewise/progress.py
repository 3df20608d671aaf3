"""How work that takes a while tells how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called by workflows as they go; the command line draws a bar from it, a web page shows it."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Says that `done` of `total` (unknown: `None`) steps of `stage` ("Reading liked songs") are done."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Shows nothing."""
