"""Logging in to a host: what a login needs until its end travels in the browser's cookies, sealed by the host's key.

So any web process can finish what another has begun, and nobody can fill the database by beginning logins.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from cryptography.fernet import InvalidToken
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import CratewiseError, SpotifyError
from cratewise.hosting.host import Host
from cratewise.jobs.state import NobodyError
from cratewise.spotify.auth import PendingLogin
from cratewise.spotify.cipher import fernet_of
from cratewise.spotify.errors import LoginFailed
from cratewise.spotify.scopes import READING, SORTING
from cratewise.web.connection import LIFE, Begun, Landing, Trouble, local_way, way_again
from cratewise.web.errors import explained

_WORKER_LETS_GO_WITHIN_S = 5.0  # of a job that has ended
_LONGEST_BACK = 1_000  # a browser keeps a cookie of 4 KB

T = TypeVar("T")


@dataclass(frozen=True)
class _Failure:
    """How a login failed, in a cookie."""

    message: str
    hint: str
    back: str
    writing: bool


class Seal:
    """Seals values so that only this host can read them, for ten minutes.

    Args:
        key: The host's Fernet key.
        now: The time (UTC).
    """

    def __init__(self, key: bytes, now: Callable[[], datetime]) -> None:
        self._fernet = fernet_of(key)
        self._now = now

    def sealed(self, kind: type[T], value: T) -> str:
        """The value as a cookie can hold it."""
        content = TypeAdapter(kind).dump_json(value)
        return self._fernet.encrypt_at_time(content, int(self._now().timestamp())).decode()

    def opened(self, kind: type[T], sealed: str) -> T | None:
        """The value; `None` where it was not sealed here, or too long ago."""
        try:
            now_s = int(self._now().timestamp())
            content = self._fernet.decrypt_at_time(sealed, int(LIFE.total_seconds()), now_s)
            return TypeAdapter(kind).validate_json(content)
        except (InvalidToken, ValueError):  # the latter for letters that no seal has
            return None


class BrowserLogin:
    """Logging in and out in one browser.

    Args:
        host: The host.
        app: The application of the account that is logged in in the browser, or nobody's.
        account_id: That account; `None` for nobody.
        seal: Seals what the browser keeps.
        session: What the browser's session cookie holds.
        trouble: What its cookie holds that says how the latest login failed.
        refuse_busy: Raises while something works with the account.
        on_change: Called with the account that logged in or out.
    """

    typed = ""
    is_waited_for = False

    def __init__(
        self,
        host: Host,
        app: Application,
        account_id: str | None,
        seal: Seal,
        *,
        session: str,
        trouble: str,
        refuse_busy: Callable[[], None],
        on_change: Callable[[str], None],
    ) -> None:
        self._host = host
        self._app = app
        self._account_id = account_id
        self._seal = seal
        self._session = session
        self._trouble = trouble
        self._refuse_busy = refuse_busy
        self._on_change = on_change

    @property
    def trouble(self) -> Trouble | None:
        """How the latest login failed, `None` when none did."""
        failure = self._seal.opened(_Failure, self._trouble)
        if failure is None:
            return None
        return Trouble(SpotifyError(failure.message, hint=failure.hint), failure.back, failure.writing)

    @property
    def client_id(self) -> str:
        """The host's app."""
        return self._host.settings.spotify_client_id

    def begin(self, client_id: str, redirect_uri: str, back: str, *, writing: bool) -> tuple[str, str]:
        """Begins a login; see `Connection.begin`.

        Raises:
            LoginFailed: Spotify would refuse it, or another app was named than the host's.
            JobBusyError: Something works with the account right now.
            QuotaExceeded: Spotify takes no calls now.
        """
        if client_id.strip() not in {"", self.client_id}:
            raise LoginFailed("this host has an app of its own at Spotify", hint="Leave the client id out.")
        self._refuse_busy()
        self._app.account.check_quota()
        scopes = SORTING if writing else READING
        pending, address = self._app.logins.begin(self.client_id, redirect_uri, scopes)
        way = local_way(back) if len(back) <= _LONGEST_BACK else "/"
        begun = Begun(pending, "", way, writing, self._app.now())
        return address, self._seal.sealed(Begun, begun)

    def finish(self, query: Mapping[str, str], browser: str) -> Landing | None:
        """Finishes the login that the browser's cookie holds, and begins a session of the account it is for.

        Returns:
            Where the person goes on; `None` when the answer belongs to no login of this browser.
        """
        begun = self._seal.opened(Begun, browser)
        if begun is None or not begun.pending.is_answered_by(query):
            return None
        try:
            account_id, session = self._logged_in(begun.pending, query)
        except CratewiseError as error:
            message, hint, _ = explained(error)
            failure = _Failure(message, hint, begun.back, begun.writing)
            return Landing(way_again(begun), trouble=self._seal.sealed(_Failure, failure))
        self._on_change(account_id)
        return Landing(begun.back, session=session)

    def forget(self) -> workflows.Known:
        """Forgets everything of the account, also where nothing of it was read yet; see `Connection.forget`."""
        account_id = self._let_in()
        self._refuse_busy()
        with self._host.between_jobs(account_id, _WORKER_LETS_GO_WITHIN_S):
            self._refuse_busy()
            with self._host.turn(account_id):  # all goes at one moment, or nothing
                self._host.sessions.end_all(account_id)  # first, as whoever writes holds on to them first
                is_read = self._app.library.accounts.latest() is not None
                known = workflows.forget(self._app) if is_read else workflows.NOTHING_KNOWN
                self._host.forget(account_id)
        self._on_change(account_id)
        return known

    def log_out(self) -> int:
        """Forgets the account's login and ends all its sessions; the library stays."""
        account_id = self._let_in()
        self._refuse_busy()
        with self._host.turn(account_id):  # a login that ends meanwhile finds both, or neither
            self._host.sessions.end_all(account_id)
            forgotten = self._app.logins.forget_all()
        self._on_change(account_id)
        return forgotten

    def _let_in(self) -> str:
        if self._account_id is None:
            raise NobodyError
        return self._account_id

    def _logged_in(self, pending: PendingLogin, query: Mapping[str, str]) -> tuple[str, str]:
        """The account that the login is for, and what the cookie of its new session has to hold."""
        user, tokens = self._app.logins.answered(pending, query)
        if not user.account_id:
            raise LoginFailed("Spotify did not say whose account it is", hint="Log in again.")
        return user.account_id, self._host.log_in(user.account_id, tokens, self._session)
