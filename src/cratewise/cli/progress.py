"""A bar on the terminal for work that takes a while."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from cratewise.cli.exits import STOPPED as STOPPED_CODE
from cratewise.progress import Progress, silent

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text

STOPPED = "Stopped. What was done so far is kept; the same command goes on from there."
SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress_bar(stopped: str = STOPPED, *, unit: str = "") -> Iterator[Progress]:
    """Draws one bar a stage with an estimate of the time left; nothing where the errors don't go to a terminal.

    Args:
        stopped: What is said when Ctrl+C ends the work.
        unit: What is counted ("tracks"), for work of hours: its pace is shown, too, and where the errors don't go to a
            terminal, a line now and then.
    """
    import typer

    try:
        with _bars(unit) as progress:
            yield progress
    except KeyboardInterrupt:
        typer.echo(f"\n{stopped}", err=True)
        raise typer.Exit(STOPPED_CODE) from None


@contextmanager
def _bars(unit: str) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield lines(unit) if unit else silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Pace(ProgressColumn):
        """How many a second."""

        def render(self, task: "Task") -> "Text":
            return Text(f"{task.speed:,.0f} {unit}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    paced = (Pace(),) if unit else ()
    with Bars(*columns, *paced, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                for earlier in bars.tasks:  # a new stage begins when the one before has ended
                    bars.update(earlier.id, total=earlier.total or 1, completed=earlier.total or 1)
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def lines(unit: str, clock: Callable[[], float] = monotonic) -> Progress:
    """Writes a line on standard error now and then: for logs.

    Args:
        unit: What is counted. Stages that count something else come before the work, and are passed over.
        clock: Seconds since whenever.
    """
    import typer

    stages: dict[str, float] = {}
    last = clock()

    def show(stage: str, done: int, total: int | None) -> None:
        nonlocal last
        now = clock()
        began = stages.setdefault(stage, now)
        if not total or not done or (now - last < SECONDS_BETWEEN_LINES and done < total):
            return
        last = now
        pace = done / max(now - began, 1e-3)
        left = timedelta(seconds=round((total - done) / pace))
        typer.echo(f"{stage}: {done:,} of {total:,} {unit}, {pace:,.0f} {unit}/s, {left} left", err=True)

    return show
