"""The demo: the whole application, wired to a sandbox account instead of a real one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cratewise.app import Application
from cratewise.exclusive import exclusive
from cratewise.settings import Settings
from cratewise.spotify.connect import kept_in
from cratewise.spotify.sandbox.server import CLIENT_ID, SandboxServer
from cratewise.spotify.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo.

    Attributes:
        app: The application, logged in to the sandbox account.
        sandbox: The server of that account; its `page_url` is where a person looks at it.
    """

    app: Application
    sandbox: SandboxServer


@contextmanager
def running_demo(
    settings: Settings,
    wire: Callable[[Settings], Application] = Application.open,
    *,
    lag: timedelta = timedelta(0),
) -> Iterator[Demo]:
    """Runs the sandbox, and the application against it, with everything kept in `demo/` of the data folder.

    Nothing of the person's own library or account is read or written.

    Args:
        settings: The person's settings.
        wire: Makes the application from the settings of the demo.
        lag: How long a new playlist of the sandbox cannot be read.

    Raises:
        InUseError: Another demo runs over that folder.
    """
    folder = settings.data_dir / "demo"
    alone = exclusive(
        folder / "demo.lock",
        f"A demo over {folder} is running already.",
        "Stop that one first, or give this one a folder of its own with --data-dir.",
    )
    with alone, SandboxServer(folder / "sandbox.json", lag=lag) as server:
        addresses = {"spotify_api_url": server.api_url, "spotify_accounts_url": server.accounts_url}
        own = {"data_dir": folder, "database_url": None, "use_keyring": False, "sources": ()}
        on_this_machine = {"host": "127.0.0.1", "public_url": ""}  # the sandbox lets anybody in
        of_demo = settings.model_copy(update={**own, **on_this_machine, **addresses})
        with wire(of_demo) as app:
            _log_in(server, folder, app)
            yield Demo(app, server)


def _log_in(server: SandboxServer, folder: Path, app: Application) -> None:
    issued = server.issue_token()
    authorised_at_s = app.now().timestamp()
    tokens = Tokens(
        access_token=issued["access_token"],
        refresh_token=issued["refresh_token"],
        expires_at_s=authorised_at_s + issued["expires_in"],
        scopes=tuple(issued["scope"].split()),
        client_id=CLIENT_ID,
        authorised_at_s=authorised_at_s,
    )
    kept_in(folder).logins.save(server.store.account.account_id, tokens)
