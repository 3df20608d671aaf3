"""`cratewise web`: the web pages for the person's own account."""

import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cratewise.cli.library import DataDir, opened
from cratewise.errors import SettingsError

if TYPE_CHECKING:
    from cratewise.settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(web)


def web(
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen at, 127.0.0.1 if nothing else is set; 0.0.0.0 lets other machines in who know the "
            "passphrase, which is asked for first.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port of the pages, 8765 if nothing else is set.", min=1, max=65535, show_default=False),
    ] = None,
    new_passphrase: Annotated[
        bool, typer.Option("--new-passphrase", help="Choose another passphrase; every browser is asked for it.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Open your library in the browser: log in, sort it, choose playlists, see every change, write and undo.

    With a PostgreSQL database (CRATEWISE_DATABASE_URL) it serves any number of people, each logged in with their own
    account at Spotify; `cratewise worker` then does their jobs.
    """
    from cratewise.settings import load_settings
    from cratewise.web.logs import write_json_lines
    from cratewise.web.server import listen, serve
    from cratewise.web.trial import Trial

    settings = load_settings(data_dir=data_dir, host=host, port=port)
    if settings.log_format == "json":
        write_json_lines()
    if settings.is_host:
        _serve_many(settings)
        return
    with opened(data_dir, host=host, port=port) as app:
        if settings.is_open or new_passphrase:
            _choose_passphrase(settings, anew=new_passphrase)
        listening = listen(settings.host, settings.port)
        serve(app, listening, None if settings.is_open else Trial(settings), lambda: _say_where(settings))


def _serve_many(settings: "Settings") -> None:
    """Serves every account that logs in.

    Raises:
        SettingsError: Something is missing that a host needs.
        LibraryError: The database cannot be opened.
    """
    from cratewise.hosting.host import Host, check_can_host
    from cratewise.web.server import listen

    check_can_host(settings)
    from cratewise.hosting.outage import say_outages_once
    from cratewise.hosting.server import serve_host  # which needs what was looked for

    say_outages_once()

    with Host(settings) as host:
        listening = listen(settings.host, settings.port)
        _say_where(settings)
        serve_host(host, listening)


def _say_where(settings: "Settings") -> None:
    from cratewise.web.logs import say

    say(f"cratewise runs at  {_address(settings)}")
    say("Ctrl+C stops it.")


def _choose_passphrase(settings: "Settings", *, anew: bool) -> None:
    """Makes sure that there is a passphrase: the one that is set, that was chosen before, or that is chosen now.

    Raises:
        SettingsError: There is none, and nobody to be asked.
    """
    from cratewise.settings import LEAST_PASSPHRASE
    from cratewise.web.passphrase import Passphrase

    passphrase = Passphrase(settings.data_dir)
    if settings.passphrase is not None:
        passphrase.choose(settings.passphrase.get_secret_value())
        return
    if passphrase.is_set and not anew:
        passphrase.check()
        return
    if not sys.stdin.isatty():
        raise SettingsError(
            "Other machines could open these pages, and no passphrase is set.",
            hint="Start it once in a terminal, which asks for one, or set CRATEWISE_PASSPHRASE.",
        )
    typer.echo(f"Whoever opens these pages is asked for a passphrase. It has at least {LEAST_PASSPHRASE} characters.")
    chosen = ""
    while len(chosen) < LEAST_PASSPHRASE:
        chosen = typer.prompt("Passphrase", hide_input=True, confirmation_prompt="Once more")
        if len(chosen) < LEAST_PASSPHRASE:
            typer.echo(f"That has {len(chosen)} characters.", err=True)
    passphrase.choose(chosen)


def _address(settings: "Settings") -> str:
    if settings.public_url:
        return settings.public_url
    everywhere = settings.host in {"0.0.0.0", "::"}  # noqa: S104 (compared, not listened at)
    host = socket.gethostname() if everywhere else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
