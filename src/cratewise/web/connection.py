"""The login as the pages do it: begun by a button, finished when Spotify sends the browser back."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import urlencode

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import CratewiseError
from cratewise.sourcechoice import SourceChoice
from cratewise.spotify.auth import PendingLogin
from cratewise.spotify.errors import LoginFailed
from cratewise.spotify.scopes import READING, SORTING

LIFE = timedelta(minutes=10)
"""How long somebody may take at Spotify; a code lives no longer either."""

_MOST_BEGUN = 20
_LONGEST_WAY = 16_000
_WAY = re.compile(r"/(?![/\\])[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class Begun:
    """A login on its way.

    Attributes:
        pending: What Spotify was asked; its state and verifier never leave this process.
        browser: What the cookie of the browser holds that began it.
        back: Where the person goes on afterwards.
        writing: Whether it was begun for writing playlists.
        began_at: When.
    """

    pending: PendingLogin
    browser: str
    back: str
    writing: bool
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """How the latest login failed, with what it was begun for, so that it can be begun again."""

    error: CratewiseError
    back: str
    writing: bool


@dataclass(frozen=True, slots=True)
class Landing:
    """Where somebody who came back from Spotify goes on.

    Attributes:
        way: The page.
        session: What the cookie of the browser's session has to hold from now on; empty where there are no sessions.
        trouble: What the cookie has to hold that says how the login failed; empty where it did not, or is kept here.
    """

    way: str
    session: str = ""
    trouble: str = ""


class Connection:
    """Begins and finishes logins; each answer counts once, in the browser that asked, for ten minutes.

    Attributes:
        trouble: How the latest login failed, `None` when none did.
        typed: The client id that was typed last, so that nobody has to fetch it again after a failure.
    """

    def __init__(self, app: Application, refuse_busy: Callable[[], None], on_change: Callable[[], None]) -> None:
        """Asks nothing yet.

        Args:
            app: The application whose account is logged in.
            refuse_busy: Raises while something works with the account.
            on_change: Called when somebody logged in or out.
        """
        self.trouble: Trouble | None = None
        self.typed = ""
        self._app = app
        self._refuse_busy = refuse_busy
        self._on_change = on_change
        self._lock = Lock()
        self._begun: dict[str, Begun] = {}

    @property
    def client_id(self) -> str:
        """The app to log in to: the one set, else the one used last; empty when there is none."""
        return self._app.settings.spotify_client_id or self._app.logins.client_id()

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody was sent to Spotify and has not come back yet."""
        with self._lock:
            self._drop_old()
            return bool(self._begun)

    def begin(self, client_id: str, redirect_uri: str, back: str, *, writing: bool) -> tuple[str, str]:
        """Begins a login.

        Returns:
            The address at Spotify, and what the browser's cookie has to hold.

        Raises:
            LoginFailed: Spotify would refuse the client id or the redirect URI.
            JobBusyError: Something works with the account right now.
            QuotaExceeded: Spotify takes no calls now, so that the login could not be finished.
        """
        self._refuse_busy()
        self._app.account.check_quota()
        scopes = SORTING if writing else READING
        pending, address = self._app.logins.begin(client_id.strip() or self.client_id, redirect_uri, scopes)
        begun = Begun(pending, secrets.token_urlsafe(24), local_way(back), writing, self._app.now())
        with self._lock:
            self._drop_old()
            while len(self._begun) >= _MOST_BEGUN:
                del self._begun[next(iter(self._begun))]
            self._begun[pending.state] = begun
        self.trouble = None
        self.typed = client_id.strip()
        return address, begun.browser

    def finish(self, query: Mapping[str, str], browser: str) -> Landing | None:
        """Finishes the login that the query and the browser belong to; what goes wrong is kept as `trouble`.

        Returns:
            Where the person goes on; `None` when there is no such login: it is none of ours, too old, or was finished.
        """
        begun = self._taken(query.get("state", ""), browser)
        if begun is None:
            return None
        try:
            self._refuse_busy()
            self._app.logins.finish(begun.pending, query)
        except CratewiseError as error:
            self.trouble = Trouble(error, begun.back, begun.writing)
            return Landing(way_again(begun))
        with self._lock:
            self._begun.clear()
        self.trouble = None
        self._on_change()
        return Landing(begun.back)

    def forget(self) -> workflows.Known:
        """Forgets the library and every login.

        Raises:
            JobBusyError: Something works with the account right now.
            LibraryError: Nothing is known.
            UnfinishedRunError: A run was stopped on the way.
        """
        self._refuse_busy()
        known = workflows.forget(self._app)
        self._app.settings = self._app.settings.with_choice(SourceChoice())
        self._leave(with_app=True)
        self.typed = ""
        return known

    def log_out(self) -> int:
        """Forgets every login, and says how many there were; the library stays.

        Raises:
            JobBusyError: Something works with the account right now.
        """
        self._refuse_busy()
        return self._leave()

    def _leave(self, *, with_app: bool = False) -> int:
        forgotten = self._app.logins.forget_all(with_app=with_app)
        self.trouble = None
        self._on_change()
        return forgotten

    def _taken(self, state: str, browser: str) -> Begun | None:
        with self._lock:
            self._drop_old()
            begun = self._begun.get(state)
            if begun is None or not secrets.compare_digest(begun.browser.encode(), browser.encode()):
                return None
            return self._begun.pop(state)

    def _drop_old(self) -> None:
        oldest = self._app.now() - LIFE
        self._begun = {state: begun for state, begun in self._begun.items() if begun.began_at > oldest}


def way_again(begun: Begun) -> str:
    """The page on which a login that failed is begun again."""
    return f"/connect?{urlencode({'writing': 'true', 'back': begun.back})}" if begun.writing else "/connect"


def local_way(back: str) -> str:
    """The address of a page here; the overview for whatever else is given."""
    return back if len(back) <= _LONGEST_WAY and _WAY.fullmatch(back) else "/"


NO_SUCH_LOGIN = LoginFailed(
    "this answer from Spotify belongs to no login that was begun here, or was used already.",
    hint="It may have taken longer than ten minutes, or another browser began it. Log in again.",
)
