"""Whose account a request to a host is for: the one that the browser's session says."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from cratewise.app import Application
from cratewise.errors import CratewiseError
from cratewise.hosting.board import CHANNEL
from cratewise.hosting.changes import Changes
from cratewise.hosting.connection import BrowserLogin, Seal
from cratewise.hosting.host import Host
from cratewise.hosting.jobs import QueuedJobs
from cratewise.hosting.notices import ACCESS
from cratewise.hosting.queue import Queue
from cratewise.jobs.state import JobState, NobodyError
from cratewise.jobs.uploads import Upload
from cratewise.settings import Settings
from cratewise.spotify.keys import KeyFile
from cratewise.web.connect import SESSION, TROUBLE
from cratewise.web.desk import Connecting
from cratewise.web.metrics import Metrics
from cratewise.web.trial import Trial
from cratewise.web.workspace import Workspace

MOST_OPEN = 64
"""Workspaces that are kept open at once: each holds its account's library in memory once somebody looked at it."""
LEAST_IDLE_S = 120.0
"""How long nobody may have asked for a workspace before it is closed for others."""


class HostedWorkspace(Workspace):
    """The workspace of one account; other processes may serve the same account, and workers do its jobs.

    Args:
        host: The host.
        queue: Takes the jobs to the workers.
        account_id: The account.

    Attributes:
        is_stale: Whether what is kept of the account here may no longer be so.
    """

    def __init__(self, host: Host, queue: Queue, account_id: str) -> None:
        super().__init__(host.application(account_id))
        self.is_stale = False
        self.jobs = QueuedJobs(account_id, host.board, queue.send)
        self._host = host
        self._board = host.board
        self._account_id = account_id

    def account_changed(self) -> None:
        """Forgets what was kept of the account: somebody logged in to it or out of it."""
        self.is_stale = True
        self._login_counts()

    def refresh(self) -> None:
        """Reads anew what is kept of the account here.

        Raises:
            CratewiseError: What it has chosen cannot be read.
        """
        self.is_stale = False  # first: what changes from now on is to be read once more
        try:
            self.app.settings = self._host.settings_of(self._account_id)
        except CratewiseError:
            self.is_stale = True
            raise
        self._look_anew()

    def changes_elsewhere(self) -> int:
        """Another number than before means that another process has changed the library on a page."""
        return self._board.revision(self._account_id)

    def library_changed(self) -> None:
        """Forgets what was kept of the library, and tells every tab at every process."""
        super().library_changed()
        self._board.library_changed(self._account_id)

    def rules_changed(self) -> None:
        """Tells every tab at every process that other rules are kept."""
        self._board.tell(self._account_id)


class _NoJobs:
    """The jobs of whoever is not logged in: there are none."""

    latest: JobState | None = None

    def submit(self, kind: str, upload: Upload | None = None, **arguments: Any) -> JobState:
        """Refuses.

        Raises:
            NobodyError: Always.
        """
        raise NobodyError

    def forget(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


class NobodysWorkspace(Workspace):
    """What is shown to those who are not logged in: the page to log in on."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self.jobs = _NoJobs()


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
        self._queue = queue
        self._seal = Seal(KeyFile(host.settings.data_dir / "logins.key").key(), host.now)
        self._nobody = NobodysWorkspace(host.nobodys_application())
        self.changes = Changes(host.settings.library_url, {CHANNEL: self.changed, ACCESS: self._access_changed})
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[HostedWorkspace, float]] = OrderedDict()

    @property
    def settings(self) -> Settings:
        """The host's settings."""
        return self._host.settings

    def admits(self, session: str) -> bool:
        """Whether a cookie is of a session that has not ended."""
        return self._host.sessions.account_of(session) is not None

    def workspace(self, request: Request) -> Workspace:
        """The workspace of who is logged in in the browser."""
        return self._of(self._account_of(request.cookies))

    def connection(self, request: Request) -> Connecting:
        """The login in the browser."""
        account_id = self._account_of(request.cookies)
        workspace = self._of(account_id)
        return BrowserLogin(
            self._host,
            workspace.app,
            account_id,
            self._seal,
            session=request.cookies.get(SESSION, ""),
            trouble=request.cookies.get(TROUBLE, ""),
            refuse_busy=workspace.refuse_busy,
            on_change=self._account_changed,
        )

    def admission(self, request: Request) -> Callable[[], bool]:
        """Asks whether the session that the request was sent in still lasts."""
        session = request.cookies.get(SESSION, "")
        return lambda: self.admits(session)

    def changed(self, account_id: str | None) -> None:
        """Tells the open tabs of an account that something has changed; with `None`, those of all accounts."""
        for workspace in self._touched(account_id):
            workspace.events.publish()

    def _access_changed(self, account_id: str | None) -> None:
        for workspace in self._touched(account_id):
            workspace.is_stale = True
            workspace.events.publish()

    def _touched(self, account_id: str | None) -> list[HostedWorkspace]:
        with self._lock:
            named = (account_id,) if account_id is not None else tuple(self._open)
            return [self._open[one][0] for one in named if one in self._open]

    def n_open(self) -> int:
        """How many workspaces are open."""
        return len(self._open)

    def n_streams(self) -> int:
        """How many tabs are told of changes."""
        with self._lock:
            return sum(workspace.events.n_streams for workspace, _ in self._open.values())

    def end_streams(self) -> None:
        """Ends the streams of all tabs, so that the server can stop."""
        with self._lock:
            for workspace, _ in self._open.values():
                workspace.events.close()

    def close(self) -> None:
        """Closes every workspace."""
        with self._lock:
            while self._open:
                _, (workspace, _) = self._open.popitem()
                workspace.app.close()
        self._nobody.app.close()

    def _account_of(self, cookies: Mapping[str, str]) -> str | None:
        return self._host.sessions.account_of(cookies.get(SESSION, ""))

    def _of(self, account_id: str | None) -> Workspace:
        return self._nobody if account_id is None else self._opened(account_id)

    def _opened(self, account_id: str) -> HostedWorkspace:
        now_s = time.monotonic()
        with self._lock:
            kept = self._open.get(account_id)
            workspace = kept[0] if kept else HostedWorkspace(self._host, self._queue, account_id)
            self._open[account_id] = (workspace, now_s)
            self._open.move_to_end(account_id)
            self._close_idle(now_s)
        if workspace.is_stale or not self.changes.is_listening:
            workspace.refresh()
        return workspace

    def _close_idle(self, now_s: float) -> None:
        for account_id, (workspace, asked_s) in list(self._open.items()):
            if len(self._open) <= MOST_OPEN or now_s - asked_s < LEAST_IDLE_S:
                return
            if not workspace.events.n_streams:
                del self._open[account_id]
                workspace.app.close()

    def _account_changed(self, account_id: str) -> None:
        self._opened(account_id).account_changed()
        self._host.board.library_changed(account_id)
