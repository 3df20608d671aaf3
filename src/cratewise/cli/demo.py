"""`cratewise demo`: the whole application against a sandbox account."""

from typing import TYPE_CHECKING, Annotated

import typer

from cratewise.cli.library import DataDir

if TYPE_CHECKING:
    from cratewise.demo import Demo


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Sort the demo library and print the playlists, without the web pages.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="Port of the web pages.", min=1, max=65535, show_default=False)
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Try everything on a demo account on this machine: no Spotify account is needed, and none is touched."""
    from cratewise.demo import running_demo
    from cratewise.settings import load_settings
    from cratewise.spotify.sandbox.server import CREATION_LAG

    settings = load_settings(data_dir=data_dir, port=port)
    with running_demo(settings, lag=CREATION_LAG) as running:
        if once:
            _sort_once(running)
            return
        from cratewise.web.server import listen, serve

        settings = running.app.settings
        listening = listen(settings.host, settings.port)

        def announce() -> None:
            typer.echo(f"cratewise runs at    http://{settings.host}:{settings.port}")
            typer.echo(f"The sandbox account  {running.sandbox.page_url}")
            typer.echo("Ctrl+C stops it.")

        serve(running.app, listening, announce=announce)


def _sort_once(running: "Demo") -> None:
    from cratewise import workflows
    from cratewise.cli.progress import progress_bar
    from cratewise.cli.tables import show_applied, show_left_out

    app = running.app
    with progress_bar() as progress:
        if (stopped := workflows.unfinished_run(app)) is not None and stopped.state == "applying":
            resumed = workflows.resume_run(app, progress)
            done = f"{resumed.created:,} playlists created and {resumed.changed:,} changed"
            typer.echo(f"Run {stopped.run_id} had been stopped on the way and is finished now: {done}.")
        found = workflows.sync_library(app, progress)
        workflows.classify_library(app, progress)
        plan = workflows.make_plan(app, workflows.current_rules(app))
        result = workflows.apply_plan(app, plan, progress)
    others = f", and {found.left_aside:,} local files or episodes" if found.left_aside else ""
    typer.echo(f"{found.account_name}: {found.songs:,} liked songs{others}.")
    show_applied(result)
    show_left_out(plan)
