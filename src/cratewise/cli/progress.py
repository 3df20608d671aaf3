"""A bar on the terminal for work that takes a while."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cratewise.cli.exits import STOPPED as STOPPED_CODE
from cratewise.progress import Progress, silent

STOPPED = "Stopped. What was done so far is kept; the same command goes on from there."


@contextmanager
def progress_bar(stopped: str = STOPPED) -> Iterator[Progress]:
    """Draws one bar a stage with an estimate of the time left; nothing where the errors don't go to a terminal.

    Args:
        stopped: What is said when Ctrl+C ends the work.
    """
    import typer

    try:
        with _bars() as progress:
            yield progress
    except KeyboardInterrupt:
        typer.echo(f"\n{stopped}", err=True)
        raise typer.Exit(STOPPED_CODE) from None


@contextmanager
def _bars() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                for earlier in bars.tasks:  # a new stage begins when the one before has ended
                    bars.update(earlier.id, total=earlier.total or 1, completed=earlier.total or 1)
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show
