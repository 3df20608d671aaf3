"""What a host's pages share about one account, and about nobody; and which of them are open at once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from cratewise.app import Application
from cratewise.errors import CratewiseError
from cratewise.hosting.host import Host
from cratewise.hosting.jobs import QueuedJobs
from cratewise.hosting.queue import Queue
from cratewise.jobs.state import JobState, NobodyError
from cratewise.jobs.uploads import Upload
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
        super().__init__(host.application(account_id, asked=True))
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


@dataclass(eq=False, slots=True)
class _Opened:
    workspace: HostedWorkspace
    asked_s: float
    n_users: int = 0


class OpenWorkspaces:
    """Opens the workspaces of accounts, and closes those that nobody uses any more, the longest unused first.

    Args:
        open_one: Opens the one of an account.
    """

    def __init__(self, open_one: Callable[[str], HostedWorkspace]) -> None:
        self._open_one = open_one
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Opened] = OrderedDict()

    def used(self, account_id: str, until: ExitStack) -> HostedWorkspace:
        """The workspace of an account, which stays open at least until the stack is closed.

        Raises:
            CratewiseError: It cannot be opened.
        """
        now_s = time.monotonic()
        with self._lock:
            opened = self._open.get(account_id) or _Opened(self._open_one(account_id), now_s)
            opened.asked_s = now_s
            opened.n_users += 1
            until.callback(self._let_go, opened)
            self._open[account_id] = opened
            self._open.move_to_end(account_id)
            self._close_idle(now_s)
        return opened.workspace

    def of(self, account_id: str | None) -> list[HostedWorkspace]:
        """The one of that account, if it is open; with `None`, all that are."""
        with self._lock:
            if account_id is None:
                return [one.workspace for one in self._open.values()]
            return [self._open[account_id].workspace] if account_id in self._open else []

    def close(self) -> None:
        """Closes every workspace."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].workspace.app.close()

    def _let_go(self, opened: _Opened) -> None:
        with self._lock:
            opened.n_users -= 1

    def _close_idle(self, now_s: float) -> None:
        for account_id, opened in list(self._open.items()):
            if len(self._open) <= MOST_OPEN or now_s - opened.asked_s < LEAST_IDLE_S:
                return
            if not opened.n_users:
                del self._open[account_id]
                opened.workspace.app.close()
