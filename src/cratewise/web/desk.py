"""Who a request is for: the one account of a person's own program, or one of a host's."""

from collections.abc import Callable, Mapping
from typing import Annotated, Protocol

from fastapi import Depends, Request

from cratewise.settings import Settings
from cratewise.web.connection import Landing, Trouble
from cratewise.web.metrics import Metrics
from cratewise.web.ownworkspace import OwnWorkspace
from cratewise.web.trial import Trial
from cratewise.web.workspace import Workspace
from cratewise.workflows import Known


class Connecting(Protocol):
    """Logging in and out in one browser."""

    @property
    def trouble(self) -> Trouble | None:
        """How the latest login failed, `None` when none did."""

    @property
    def typed(self) -> str:
        """The client id that was typed last."""

    @property
    def client_id(self) -> str:
        """The app to log in to; empty when there is none."""

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody was sent to Spotify and has not come back yet."""

    def begin(self, client_id: str, redirect_uri: str, back: str, *, writing: bool) -> tuple[str, str]:
        """Begins a login: the address at Spotify, and what the browser's cookie has to hold."""

    def finish(self, query: Mapping[str, str], browser: str) -> Landing | None:
        """Finishes the login that the query and the browser belong to; `None` when there is no such login."""

    def forget(self) -> Known:
        """Forgets the library and every login."""

    def log_out(self) -> int:
        """Forgets the login, and says how many there were; the library stays."""


class Desk(Protocol):
    """Finds what a request is for.

    Attributes:
        metrics: Its numbers.
        is_host: Whether it serves many accounts.
        trial: The demo that can be started from the pages, `None` for none.
    """

    metrics: Metrics
    is_host: bool
    trial: Trial | None

    @property
    def settings(self) -> Settings:
        """The settings of the program."""

    def workspace(self, request: Request) -> Workspace:
        """The workspace of the account that the request is for."""

    def connection(self, request: Request) -> Connecting:
        """The login in the browser that the request comes from."""

    def admission(self, request: Request) -> Callable[[], bool]:
        """Asks whether the browser that the request comes from may still be told of the account it was for."""


class OwnDesk:
    """The desk of a person's own program: whoever comes in is that person.

    Args:
        workspace: The one workspace.
    """

    is_host = False

    def __init__(self, workspace: OwnWorkspace) -> None:
        self.metrics = workspace.metrics
        self.trial = workspace.trial
        self._workspace = workspace

    @property
    def settings(self) -> Settings:
        """The settings of the program."""
        return self._workspace.app.settings

    def workspace(self, _request: Request) -> Workspace:
        """The one there is."""
        return self._workspace

    def connection(self, _request: Request) -> Connecting:
        """The one there is."""
        return self._workspace.connection

    def admission(self, _request: Request) -> Callable[[], bool]:
        """Always: what was opened stays open."""
        return lambda: True


def desk_of(request: Request) -> Desk:
    """The desk that `create_app` was given."""
    desk: Desk = request.app.state.desk
    return desk


def workspace_of(request: Request) -> Workspace:
    """The workspace of the account that the request is for."""
    return desk_of(request).workspace(request)


def connection_of(request: Request) -> Connecting:
    """The login in the browser that the request comes from."""
    return desk_of(request).connection(request)


Work = Annotated[Workspace, Depends(workspace_of)]
Login = Annotated[Connecting, Depends(connection_of)]
AtDesk = Annotated[Desk, Depends(desk_of)]
