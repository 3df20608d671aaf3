"""`cratewise worker`: does the jobs of a host's accounts."""

from typing import Annotated

import typer

from cratewise.cli.library import DataDir


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(worker)


def worker(
    at_once: Annotated[int, typer.Option(help="Accounts to work for at the same time.", min=1, max=64)] = 2,
    data_dir: DataDir = None,
) -> None:
    """Do what the accounts of a host ordered on the pages, until Ctrl+C; as many workers as you like share the jobs.

    It needs the PostgreSQL database of the web processes (CRATEWISE_DATABASE_URL), and their data folder or a copy of
    the key in it (logins.key).
    """
    from cratewise.errors import SettingsError
    from cratewise.hosting.host import Host, check_can_host
    from cratewise.settings import load_settings
    from cratewise.web.logs import say, write_json_lines

    settings = load_settings(data_dir=data_dir)
    if not settings.is_host:
        raise SettingsError(
            "There is nothing for a worker to do: `cratewise web` does the jobs itself.",
            hint="Workers are for many accounts in PostgreSQL: set CRATEWISE_DATABASE_URL to its address.",
        )
    if settings.log_format == "json":
        write_json_lines()
    check_can_host(settings)
    from cratewise.hosting.outage import say_outages_once
    from cratewise.hosting.worker import Worker  # which needs what was looked for

    say_outages_once()
    with Host(settings) as host:
        say(f"Working for {at_once} {'account' if at_once == 1 else 'accounts'} at once. Ctrl+C stops it.")
        Worker(host).run(at_once=at_once)
