"""`cratewise sync --apply`: the playlists kept current without a question, once or again and again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cratewise.cli.exits import NOTHING_TO_DO
from cratewise.cli.library import opened
from cratewise.errors import CratewiseError

if TYPE_CHECKING:
    from cratewise.workflows import UpkeepResult

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SHORTEST_S, _LONGEST_S = 60, 366 * 86_400


def interval_s(text: str) -> int:
    """Reads "6h", "30m" or "1d" as seconds.

    Raises:
        typer.BadParameter: It is none, or less than a minute, or more than a year.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text.strip().lower())
    seconds = int(found[1]) * _UNITS_S[found[2]] if found else 0
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise typer.BadParameter(f"{text!r} is no interval; give one such as 30m, 6h or 1d, from a minute to a year.")
    return seconds


def keep_current_once(data_dir: Path | None, *, quiet: bool, yes: bool) -> None:
    """Keeps the playlists current; ends with a code of its own when there was nothing to write."""
    if _keep_current(data_dir, quiet=quiet, yes=yes).applied is None:
        raise typer.Exit(NOTHING_TO_DO)


def keep_current_every(
    every_s: int,
    data_dir: Path | None,
    *,
    quiet: bool,
    yes: bool,
    pause: Callable[[float], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Keeps the playlists current again and again, until it is stopped; what goes wrong is said and tried again later.

    Args:
        every_s: Seconds from the beginning of one turn to that of the next.
        data_dir: Folder for everything that is kept.
        quiet: Whether only what was written, and what went wrong, is said.
        yes: As `workflows.keep_current` has it.
        pause: Waits for so many seconds.
        now: The clock (UTC).
    """
    from cratewise.spotify.errors import QuotaExceeded

    while True:
        begun = now()
        wait_s = 0.0
        try:
            _keep_current(data_dir, quiet=quiet, yes=yes)
        except QuotaExceeded as error:
            wait_s = (error.ends_at - begun).total_seconds()
            _complain(error)
        except CratewiseError as error:
            _complain(error)
        pause(max(every_s - (now() - begun).total_seconds(), wait_s, 0.0))


def _keep_current(data_dir: Path | None, *, quiet: bool, yes: bool) -> "UpkeepResult":
    from cratewise import workflows
    from cratewise.cli.progress import progress_bar

    with opened(data_dir) as app, progress_bar() as progress:
        result = workflows.keep_current(app, progress, yes=yes)
    if result.applied is not None or not quiet:
        _say(_summary(result))
    return result


def _summary(result: "UpkeepResult") -> str:
    found, applied = result.synced, result.applied
    read = f"{_of(found.songs, 'liked song')}, {found.added:,} new, {found.removed:,} no longer liked."
    if applied is None:
        return f"{read} Nothing to write."
    numbers = f"{_of(applied.created, 'playlist')} created, {applied.changed:,} changed"
    skipped = f", {applied.skipped:,} left as somebody changed them meanwhile" if applied.skipped else ""
    return f"{read} Run {applied.run_id}: {numbers}{skipped}; {_of(applied.added, 'song')} in, {applied.removed:,} out."


def _of(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def _complain(error: CratewiseError) -> None:
    _say(f"{str(error).rstrip('.')}. {error.hint}".rstrip(), err=True)


def _say(text: str, *, err: bool = False) -> None:
    typer.echo(f"{datetime.now().astimezone():%Y-%m-%d %H:%M} {text}", err=err)
