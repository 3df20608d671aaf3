"""`cratewise sandbox`: the stand-in for Spotify, by itself."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(sandbox)


def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 8766,
    state: Annotated[
        Path | None, typer.Option(help="File that keeps the account; without it everything is forgotten at the end.")
    ] = None,
    lag: Annotated[
        float, typer.Option(help="Seconds for which a new playlist cannot be read yet, as at Spotify.", min=0, max=60)
    ] = 1.0,
    accounts: Annotated[
        int, typer.Option(help="How many people have an account there, each with songs of their own.", min=1, max=1000)
    ] = 1,
    calls_per_window: Annotated[
        int | None,
        typer.Option(help="How many calls all accounts together may make in any 30 seconds; else any number.", min=1),
    ] = None,
) -> None:
    """Run a local stand-in for Spotify with a demo account, until Ctrl+C.

    With several accounts its login asks who you are; rate limits and other faults are one for all of them.

    Its page /faults makes things go wrong on demand: rate limits, the day's quota, server errors, time-outs, broken
    connections, tokens that expire or are revoked.
    """
    from datetime import timedelta

    from rich.console import Console

    from cratewise.spotify.sandbox.demo_crowd import demo_account_of
    from cratewise.spotify.sandbox.server import SandboxServer

    console = Console(highlight=False)
    with SandboxServer.with_accounts(
        accounts,
        demo_account_of,
        state_file=state,
        port=port,
        lag=timedelta(seconds=lag),
        calls_per_window=calls_per_window,
    ) as server:
        console.print(f"Account   {server.page_url}" if accounts == 1 else f"Accounts  {server.page_url}")
        console.print(f"Web API   {server.api_url}")
        console.print(f"Login     {server.accounts_url}")
        console.print(f"Faults    {server.page_url}/faults")
        console.print("To use it in Spotify's place, set in another terminal:")
        console.print(f"  export CRATEWISE_SPOTIFY_API_URL={server.api_url}", soft_wrap=True)
        console.print(f"  export CRATEWISE_SPOTIFY_ACCOUNTS_URL={server.accounts_url}", soft_wrap=True)
        console.print("Ctrl+C stops it.")
        try:
            server.wait()
        except KeyboardInterrupt:
            console.print("Stopped.")
