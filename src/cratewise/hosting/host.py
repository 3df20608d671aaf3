"""The host: one database, one app at Spotify, one model, and an application for each account."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from functools import cached_property
from importlib.util import find_spec
from typing import Self

from sqlalchemy import func, select

from cratewise.app import Application, load_shipped_classifier, utc_now
from cratewise.drawer import Drawer
from cratewise.errors import SettingsError
from cratewise.exclusive import InUseError
from cratewise.hosting.board import Board
from cratewise.hosting.calls import CallTable, SharedHold
from cratewise.hosting.clock import SharedClock
from cratewise.hosting.drawers import DatabaseDrawer, Held, Locks, NobodysDrawer, accounts_with, forget_drawer
from cratewise.hosting.sessions import SessionStore
from cratewise.hosting.uploads import KeptFile, delete_left
from cratewise.jobs.schedule import SCHEDULES
from cratewise.jobs.state import JobBusyError
from cratewise.library.store import Library, opened_database
from cratewise.library.tables import SongRow
from cratewise.settings import Settings
from cratewise.sourcechoice import read_choice
from cratewise.spotify.budget import CallLog
from cratewise.spotify.cipher import Cipher
from cratewise.spotify.connect import Addresses, Kept, logins
from cratewise.spotify.keys import KeyFile
from cratewise.spotify.login import Logins
from cratewise.spotify.quota import KeptQuota
from cratewise.spotify.timing import Timing
from cratewise.spotify.tokens import Tokens, TokenStore
from cratewise.surroundings import Surroundings
from cratewise.workflows.services import SongClassifier


class Host:
    """What the accounts of a host share.

    Attributes:
        settings: The host's settings.
        now: The clock (UTC), the same in every process.
        board: The jobs.
        sessions: The sessions.
        calls: How many calls to Spotify were made.
        locks: Locks that count in every process.
        own: The host's own small things.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        load_classifier: Callable[[], SongClassifier] = load_shipped_classifier,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Opens the database and brings it to the newest schema.

        Args:
            settings: The host's settings.
            load_classifier: Loads the model when it is first needed.
            now: This machine's clock (UTC).

        Raises:
            LibraryError: The database cannot be opened.
        """
        self.settings = settings
        self._imports = settings.data_dir / "imports"
        self._load_classifier = load_classifier
        self._database = opened_database(settings.library_url)
        self.board = Board(self._database)
        self.now = SharedClock(self.board.apart().now, now)
        self.sessions = SessionStore(self._database, self.now)
        self.calls = CallTable(self._database)
        self.locks = Locks(settings.library_url)
        self._keys = KeyFile(settings.data_dir / "logins.key")
        self._cipher = Cipher(self._keys)
        self.own: Drawer = DatabaseDrawer(self._database, self.locks, self._cipher, None, self.now)

    @cached_property
    def classifier(self) -> SongClassifier:
        """The model, loaded the first time, for all accounts."""
        return self._load_classifier()

    def drawer(self, account_id: str, *, asked: bool = False) -> Drawer:
        """The small things of an account; where somebody asks on a page, they are kept while anybody is logged in."""
        return DatabaseDrawer(self._database, self.locks, self._cipher, account_id, self.now, asked=asked)

    def upload(self, account_id: str) -> KeptFile:
        """The file that came with the account's job."""
        return KeptFile(self._database, account_id, self._imports)

    def tidy(self) -> None:
        """Deletes what workers left on this machine that were killed."""
        delete_left(self._database, self._imports)

    def part(self, account_id: str) -> Library:
        """An account's part of the library."""
        return Library.part(self._database, account_id)

    def spotify(self, account_id: str) -> Kept:
        """The account's login, and the quota that all share."""
        return self.kept(self.drawer(account_id))

    def kept(self, drawer: Drawer, calls: CallLog | None = None) -> Kept:
        """The login in a drawer, and the quota that all share."""
        return Kept(
            TokenStore(drawer, self._keys),
            calls or self.calls,
            KeptQuota(self.own),
            SharedHold(self.own),
            Timing(self.now.now_s),
        )

    def logins(self, account_id: str) -> Logins:
        """Logging in to and out of the account, for the caller to close."""
        addresses = Addresses(self.settings.spotify_api_url, self.settings.spotify_accounts_url)
        return logins(self.spotify(account_id), addresses)

    def application(self, account_id: str, *, asked: bool = False, calls: CallLog | None = None) -> Application:
        """The application of one account, for the caller to close.

        Args:
            account_id: The account.
            asked: As for its drawer.
            calls: What is told of each call before it is sent, in the place of the host's table.
        """
        around = AtHost(self, account_id, self.drawer(account_id, asked=asked), calls)
        return self._application(self.settings_of(account_id), around)

    def nobodys_application(self) -> Application:
        """The application of whoever is not logged in, for the caller to close: nothing is ever kept for them."""
        return self._application(self.settings, AtHost(self, "", NobodysDrawer()))

    def _application(self, settings: Settings, around: Surroundings) -> Application:
        return Application(settings, load_classifier=lambda: self.classifier, around=around, now=self.now)

    def settings_of(self, account_id: str) -> Settings:
        """The host's settings with what the account has chosen.

        Raises:
            CratewiseError: What it has chosen cannot be read.
        """
        return self.settings.with_choice(read_choice(self.drawer(account_id)))

    def calls_today(self) -> int:
        """Calls to Spotify in the last 24 hours, for all accounts."""
        return self.calls.count(self.now.now_s())

    def n_songs(self) -> int:
        """Liked songs in the libraries of all accounts."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(SongRow)).scalar_one()

    def with_schedules(self) -> tuple[str, ...]:
        """The accounts whose playlists are kept current."""
        return accounts_with(self._database, SCHEDULES)

    def turn(self, account_id: str) -> AbstractContextManager[None]:
        """Makes one transaction of what is written in the block, while nobody else writes what is the account's."""
        return self._database.of(account_id).as_one(writing=True)

    def log_in(self, account_id: str, tokens: Tokens, session: str = "") -> str:
        """Keeps a login and begins a session, in one transaction: whatever happens, neither is there alone.

        Whoever forgets the account or logs it out comes before all of it or after. The session is written first, as
        by them, so that none wait in a ring.

        Args:
            account_id: The account.
            tokens: What the login gave.
            session: What the browser's cookie holds, whose session ends.

        Returns:
            What the cookie has to hold from now on.

        Raises:
            CratewiseError: It cannot be kept; nothing of it is.
        """
        with self.logins(account_id) as logins, logins.keeping(account_id, tokens, self.turn(account_id)):
            begun = self.sessions.begin(account_id)
            if session:
                self.sessions.end(session)
        return begun

    def forget(self, account_id: str) -> None:
        """Forgets what is kept of an account beside its library: its login, choices, schedule, job and sessions.

        A job that is ordered in the same moment is either refused or forgotten with the rest: the sessions come first,
        which whoever posts one holds on to.
        """
        with self.turn(account_id):
            self.sessions.end_all(account_id)
            self.board.forget_all(account_id)
            forget_drawer(self._database, account_id)

    @contextmanager
    def between_jobs(self, account_id: str, patience_s: float = 0.0) -> Iterator[Held]:
        """Holds back, in every process, whoever would do a job of the account or begin one by itself.

        Args:
            account_id: The account.
            patience_s: How long to wait for somebody who does.

        Raises:
            JobBusyError: Somebody has done so all the time.
            LibraryAwayError: The database cannot be reached.
        """
        with ExitStack() as held:
            try:
                lock = held.enter_context(self.locks.held(f"job {account_id}", patience_s))
            except TimeoutError as error:
                hint = "Wait until it is done, or stop it, and try again."
                raise JobBusyError("A job of the account is still running.", hint=hint) from error
            yield lock

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AtHost:
    """The surroundings of one account's application.

    Attributes:
        account_id: The account; empty for nobody's.
        drawer: Its small things.
    """

    def __init__(self, host: Host, account_id: str, drawer: Drawer, calls: CallLog | None = None) -> None:
        self._calls = calls
        self.account_id = account_id
        self.drawer = drawer
        self._host = host

    def open_library(self) -> Library:
        """The account's part of the library."""
        return self._host.part(self.account_id)

    def spotify(self) -> Kept:
        """The account's login, and the quota that all share."""
        return self._host.kept(self.drawer, self._calls)

    @contextmanager
    def alone(self, name: str, busy: str, hint: str) -> Iterator[None]:
        """Holds others back that work for the same account."""
        with ExitStack() as held:
            try:
                held.enter_context(self._host.locks.held(f"{name} {self.account_id}"))
            except TimeoutError as error:
                raise InUseError(busy, hint=hint) from error
            yield


def check_can_host(settings: Settings) -> None:
    """Makes sure that the settings are a host's, and that what it needs is installed.

    Raises:
        SettingsError: Something is missing.
    """
    missing = [name for name in ("psycopg", "procrastinate") if find_spec(name) is None]
    if missing:
        hint = "pip install 'cratewise[postgres]'"
        raise SettingsError(f"Serving many accounts needs what is not installed: {', '.join(missing)}.", hint=hint)
    if not settings.spotify_client_id:
        raise SettingsError(
            "A host needs an app at Spotify, and no spotify_client_id is set.",
            hint="Make an app on Spotify's dashboard, and set CRATEWISE_SPOTIFY_CLIENT_ID to its client id.",
        )
