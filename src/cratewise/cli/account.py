"""`cratewise login` and `cratewise logout`."""

from typing import Annotated

import typer

from cratewise.cli.library import DataDir, Yes, opened

LOGIN_HELP = """Log in to Spotify, in your browser.

Before the first time, make an app of your own at Spotify. The account that makes it needs Premium.

1. Open https://developer.spotify.com/dashboard, log in, and choose "Create app".

2. Name and description: anything, for example "cratewise".

3. Redirect URIs: enter exactly  http://127.0.0.1:8765/callback  and choose "Add". It must be 127.0.0.1; \
Spotify refuses "localhost". With --port, enter that port instead of 8765.

4. Under "Which API/SDKs are you planning to use?" tick "Web API", agree to the terms, then save.

5. On the app's page choose "User Management" and add your own account: its name, and its e-mail address at Spotify. \
Up to five people can use the app, each added in this way.

6. Copy the "Client ID" from the app's page. There is no need for the client secret.

Then run:  cratewise login --client-id ID

The first time, Spotify asks whether cratewise may read your liked songs and playlists, and nothing more. \
Before it writes playlists for the first time, run  cratewise login --writing

You can do all of this on a page as well: run  cratewise web

If Spotify shows "INVALID_CLIENT: Invalid redirect URI" instead of asking, what you entered in step 3 differs \
from the address above, be it by a "/" at the end.

On a machine without a browser, open the printed address on another one whose port 8765 leads here, as with \
ssh -L 8765:127.0.0.1:8765 HOST
"""

_LONGEST_LOGIN_S = 300.0


def register(app: typer.Typer) -> None:
    """Adds the commands of this topic to the program."""
    app.command(help=LOGIN_HELP)(login)
    app.command()(logout)
    app.command()(forget)


def login(
    client_id: Annotated[
        str, typer.Option(help="Client ID of your Spotify app; later logins remember it.", show_default=False)
    ] = "",
    writing: Annotated[
        bool, typer.Option("--writing", help="Ask as well for what writing playlists, and undoing it, needs.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port that Spotify sends the browser back to, 8765 if nothing else is set.",
            min=1,
            max=65535,
            show_default=False,
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser, or only print the address.")] = True,
    data_dir: DataDir = None,
) -> None:
    """Logs in to Spotify (the help of the command is `LOGIN_HELP`)."""
    import threading

    from cratewise.app import Application
    from cratewise.settings import load_settings
    from cratewise.spotify.loopback import Listener, redirect_uri, refusals_at_spotify
    from cratewise.spotify.scopes import READING, SORTING

    settings = load_settings(data_dir=data_dir, port=port)
    port = settings.port
    with Application.open(settings) as app:
        app.account.check_quota()  # Spotify would have to be asked whose login it is
        scopes = SORTING if writing else READING
        pending, address = app.logins.begin(client_id or settings.spotify_client_id, redirect_uri(port), scopes)
        with Listener(port, lambda query: app.logins.finish(pending, query), pending.is_answered_by) as listener:
            typer.echo(f"Log in to Spotify at this address:\n\n{address}\n")
            if browser:
                # in a thread: a browser in the terminal returns only once the person leaves it
                threading.Thread(target=_open_browser, args=(address,), daemon=True).start()
            typer.echo(f"Waiting for you to come back; Ctrl+C stops. {refusals_at_spotify(listener.redirect_uri)}")
            user = listener.wait(_LONGEST_LOGIN_S)
    following = "apply" if writing else "sync"
    typer.echo(f"Logged in as {user.display_name}. Go on with `cratewise {following}`, or `cratewise web`.")


def _open_browser(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        typer.echo("No browser was found on this machine: open the address yourself.")


def logout(data_dir: DataDir = None) -> None:
    """Forget the Spotify logins of this machine; your library stays."""
    from cratewise.settings import load_settings
    from cratewise.spotify.connect import kept_in

    if kept_in(load_settings(data_dir=data_dir).data_dir).logins.forget_all():  # no key is needed to forget
        typer.echo("Logged out. To take the permission back at Spotify too: https://www.spotify.com/account/apps")
    else:
        typer.echo("Nobody was logged in.")


def forget(yes: Yes = False, data_dir: DataDir = None) -> None:
    """Forget everything about you on this machine: songs, your words, rules, history, logins.

    The playlists in your account stay there.
    """
    from cratewise import workflows

    with opened(data_dir) as app:
        known = workflows.look_at_known(app)
        counts = f"liked songs {known.songs:,}, your words {known.words:,}, runs {known.runs:,}"
        typer.echo(f"Known of {known.name}: {counts}.")
        if known.playlists:
            stay = ", ".join(known.playlists)
            typer.echo(f"These stay in your account, and cratewise will not know them again: {stay}.")
        if not yes:
            typer.echo("`cratewise export library.json` keeps all but the history and the schedule in a file.")
            typer.confirm("Forget all of it? This cannot be undone.", abort=True)
        workflows.forget(app)
        app.logins.forget_all(with_app=True)
    typer.echo("Forgotten. To take the permission back at Spotify too: https://www.spotify.com/account/apps")
