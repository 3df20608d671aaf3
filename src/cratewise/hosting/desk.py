"""Whose account a request to a host is for: the one that the browser's session says."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from cratewise.hosting.changes import Changes
from cratewise.hosting.connection import BrowserLogin, Seal
from cratewise.hosting.host import Host
from cratewise.hosting.notices import ACCESS, CHANGED
from cratewise.hosting.queue import Queue
from cratewise.hosting.workspaces import HostedWorkspace, NobodysWorkspace, OpenWorkspaces
from cratewise.jobs.state import NobodyError
from cratewise.settings import Settings
from cratewise.spotify.keys import KeyFile
from cratewise.web.connect import SESSION, TROUBLE
from cratewise.web.desk import Connecting
from cratewise.web.gate import LET_IN
from cratewise.web.metrics import Metrics
from cratewise.web.trial import Trial
from cratewise.web.workspace import Workspace

_USED = "cratewise.used"


class Usage:
    """Keeps what a request uses open until it is answered, to the last event of a stream.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        with ExitStack() as used:
            scope[_USED] = used
            await self._app(scope, receive, send)


class HostDesk:
    """Opens the workspaces of accounts that somebody is logged in to, and closes those that nobody looks at.

    Args:
        host: The host.
        queue: Takes the jobs to the workers.

    Attributes:
        changes: Hears of what other processes do, once it is started.
    """

    is_host = True
    trial: Trial | None = None

    def __init__(self, host: Host, queue: Queue) -> None:
        self.metrics = Metrics()
        self._host = host
        self._seal = Seal(KeyFile(host.settings.data_dir / "logins.key").key(), host.now)
        self._nobody = NobodysWorkspace(host.nobodys_application())
        self.changes = Changes(host.settings.library_url, {CHANGED: self.changed, ACCESS: self._access_changed})
        self._open = OpenWorkspaces(lambda account_id: HostedWorkspace(host, queue, account_id))

    @property
    def settings(self) -> Settings:
        """The host's settings."""
        return self._host.settings

    def admits(self, session: str) -> bool:
        """Whether a cookie is of a session that has not ended."""
        return self._host.sessions.account_of(session) is not None

    def workspace(self, request: Request) -> Workspace:
        """The workspace of who is logged in in the browser."""
        return self._of(self._account_of(request), request)

    def connection(self, request: Request) -> Connecting:
        """The login in the browser."""
        account_id = self._account_of(request)
        workspace = self._of(account_id, request)
        return BrowserLogin(
            self._host,
            workspace.app,
            account_id,
            self._seal,
            session=request.cookies.get(SESSION, ""),
            trouble=request.cookies.get(TROUBLE, ""),
            refuse_busy=workspace.refuse_busy,
            on_change=partial(self._account_changed, request),
        )

    def admission(self, request: Request) -> Callable[[], bool]:
        """Asks whether the session that the request was sent in still lasts."""
        session = request.cookies.get(SESSION, "")
        return lambda: self.admits(session)

    def changed(self, account_id: str | None) -> None:
        """Tells the open tabs of an account that something has changed; with `None`, those of all accounts."""
        for workspace in self._open.of(account_id):
            workspace.events.publish()

    def _access_changed(self, account_id: str | None) -> None:
        for workspace in self._open.of(account_id):
            workspace.is_stale = True
            workspace.events.publish()

    def n_open(self) -> int:
        """How many workspaces are open."""
        return len(self._open.of(None))

    def n_streams(self) -> int:
        """How many tabs are told of changes."""
        return sum(workspace.events.n_streams for workspace in self._open.of(None))

    def end_streams(self) -> None:
        """Ends the streams of all tabs, so that the server can stop."""
        for workspace in self._open.of(None):
            workspace.events.close()

    def close(self) -> None:
        """Closes every workspace."""
        self._open.close()
        self._nobody.app.close()

    def _account_of(self, request: Request) -> str | None:
        account_id = self._host.sessions.account_of(request.cookies.get(SESSION, ""))
        if account_id is None and LET_IN in request.scope:  # the session has ended since
            raise NobodyError
        return account_id

    def _of(self, account_id: str | None, request: Request) -> Workspace:
        return self._nobody if account_id is None else self._used(account_id, request)

    def _used(self, account_id: str, request: Request) -> HostedWorkspace:
        workspace = self._open.used(account_id, request.scope[_USED])
        if workspace.is_stale or not self.changes.is_listening:
            workspace.refresh()
        return workspace

    def _account_changed(self, request: Request, account_id: str) -> None:
        self._used(account_id, request).account_changed()
        self._host.board.library_changed(account_id)
