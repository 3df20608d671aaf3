"""All commands together, and what becomes of an error."""

import gc
import os
import sys
import threading
from typing import Annotated, NoReturn

import typer

from cratewise import __version__
from cratewise.cli import (
    account,
    baselines,
    classify,
    corrections,
    dataset,
    demo,
    files,
    genres,
    library,
    playlists,
    report,
    rules,
    sandbox,
    sources,
    train,
    web,
    worker,
)
from cratewise.cli.exits import exit_code
from cratewise.errors import CratewiseError

app = typer.Typer(
    name="cratewise",
    help="Sorts the liked songs of a Spotify account into genre playlists.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cratewise {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every call to Spotify and other sources.")] = False,
) -> None:
    if verbose:
        _show_calls()


def _show_calls() -> None:
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for name in ("cratewise.spotify", "cratewise.sources"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)


_FOR_LISTENERS = (
    demo,
    account,
    web,
    worker,
    library,
    corrections,
    rules,
    playlists,
    report,
    files,
    sources,
    genres,
    classify,
)
_FOR_BUILDERS = (dataset, train, baselines, sandbox)
for _topic in (*_FOR_LISTENERS, *_FOR_BUILDERS):
    _topic.register(app)


OBJECTS_BETWEEN_SEARCHES = 100_000
"""Songs are many small objects without cycles; at Python's 700 a tenth of the time went into looking for some."""


def main() -> NoReturn:
    """Runs the command line; what goes wrong becomes one message on standard error and an exit code (see `exits`)."""
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    code: int | str | None = 0
    try:
        app()
    except SystemExit as end:
        code = end.code
    except CratewiseError as error:
        from cratewise.web.logs import logger, writes_json_lines

        if writes_json_lines():
            logger.error(str(error), extra={"fields": {"hint": error.hint}})
            sys.exit(exit_code(error))
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True)
        console.print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)
        if error.hint:
            console.print(Text(error.hint), soft_wrap=True)
        code = exit_code(error)
    _end(code)


def _end(code: int | str | None) -> NoReturn:
    """Ends the process without a wait for threads that still read a page, which nobody waits for any more."""
    is_alone = all(one.daemon or one is threading.main_thread() for one in threading.enumerate())
    if isinstance(code, int) and not is_alone:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    gc.freeze()  # what there is needn't be searched for cycles on the way out: a tenth of a second
    sys.exit(code)
