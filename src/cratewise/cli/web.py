"""`cratewise web`: the web pages for the person's own account."""

from typing import Annotated

import typer

from cratewise.cli.library import DataDir, opened


def register(app: typer.Typer) -> None:
    """Adds the command of this topic to the program."""
    app.command()(web)


def web(
    port: Annotated[
        int | None,
        typer.Option(help="Port of the pages, 8765 if nothing else is set.", min=1, max=65535, show_default=False),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Open your library in the browser: log in, sort it, choose playlists, see every change, write and undo."""
    from cratewise.web.server import listen, serve

    with opened(data_dir, port=port) as app:
        listening = listen(app.settings.host, app.settings.port)
        typer.echo(f"cratewise runs at  http://{app.settings.host}:{app.settings.port}")
        typer.echo("Ctrl+C stops it.")
        serve(app, listening)
