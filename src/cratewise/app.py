"""The composition root: settings become wired objects. Nothing is opened until it is first asked for."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Lock, RLock
from typing import TYPE_CHECKING, Self

from cratewise.drawer import Drawer
from cratewise.settings import Settings
from cratewise.surroundings import OwnFolder, Surroundings

if TYPE_CHECKING:
    from pydantic import SecretStr

    from cratewise.genres.taxonomy import Taxonomy
    from cratewise.library.store import Library
    from cratewise.sourcechoice import SourceName
    from cratewise.sources.online import OnlineSources
    from cratewise.spotify.connect import Addresses
    from cratewise.spotify.login import Logins
    from cratewise.workflows.account import Account
    from cratewise.workflows.services import SongClassifier


def utc_now() -> datetime:
    """The time of this machine's clock."""
    return datetime.now(UTC)


def _connect_spotify(settings: Settings, around: Surroundings) -> "Account":
    from cratewise.spotify.bearer import check_allowed
    from cratewise.spotify.connect import connect
    from cratewise.spotify.scopes import READING, SORTING
    from cratewise.workflows.account import Budget
    from cratewise.workflows.spotify import SpotifyAccount

    kept = around.spotify()
    return SpotifyAccount(
        connect(kept, _addresses(settings), account_id=around.account_id),
        lambda: Budget(limit=settings.calls_a_day, **kept.spending()),
        lambda writing: check_allowed(
            kept.logins, "Writing playlists" if writing else "Reading your account", SORTING if writing else READING
        ),
    )


def _addresses(settings: Settings) -> "Addresses":
    from cratewise.spotify.connect import Addresses

    return Addresses(settings.spotify_api_url, settings.spotify_accounts_url)


def _open_sources(settings: Settings) -> "AbstractContextManager[OnlineSources]":
    from cratewise.sources.online import online_sources

    return online_sources(settings.sources, contact=settings.contact, lastfm_key=settings.lastfm_key)


def load_shipped_classifier() -> "SongClassifier":
    """The model that the package ships."""
    from cratewise.model.classifier import Classifier

    return Classifier.load()


class Application:
    """Settings and the parts made from them.

    Attributes:
        settings: The settings everything is made from.
        now: The clock (UTC).
        pause: Waits for so many seconds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        connect: "Callable[[Settings], Account] | None" = None,
        load_classifier: "Callable[[], SongClassifier]" = load_shipped_classifier,
        open_sources: "Callable[[Settings], AbstractContextManager[OnlineSources]]" = _open_sources,
        around: Surroundings | None = None,
        now: Callable[[], datetime] = utc_now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Wires an application; other parts than the usual ones may be handed in.

        Args:
            settings: The settings.
            connect: Makes the account when it is first needed; the Spotify account that is logged in.
            load_classifier: Loads the model when it is first needed; the one the package ships.
            open_sources: Opens the sources on the internet; those in the settings.
            around: Where its belongings are; the data folder in the settings.
            now: The clock (UTC).
            pause: Waits for so many seconds.
        """
        self.settings = settings
        self.now = now
        self.pause = pause
        self._around = around or OwnFolder(settings)
        self._connect = connect
        self._load_classifier = load_classifier
        self._open_sources = open_sources
        self._lock = RLock()
        self._choosing = Lock()
        self._library: Library | None = None
        self._account: Account | None = None
        self._retired: list[Account] = []
        self._logins: Logins | None = None
        self._classifier: SongClassifier | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Wires the application to the Spotify account in the settings, and to the shipped model."""
        return cls(settings)

    def choose_sources(self, sources: "tuple[SourceName, ...] | None", lastfm_key: "SecretStr | None") -> None:
        """Keeps which sources may be asked, and the key of Last.fm, and uses them from now on.

        Args:
            sources: Which; `None` leaves them as they are.
            lastfm_key: The key; `None` leaves it as it is, an empty one takes it away.

        Raises:
            SettingsError: One is set elsewhere, so that a choice would come to nothing; nothing is kept.
            CratewiseError: It cannot be written.
        """
        from cratewise.errors import SettingsError
        from cratewise.sourcechoice import SourceChoice, change_choice

        def chosen(before: SourceChoice) -> SourceChoice:
            key = before.lastfm_key if lastfm_key is None else lastfm_key if lastfm_key.get_secret_value() else None
            return SourceChoice(sources=before.sources if sources is None else sources, lastfm_key=key)

        for name, given in (("sources", sources), ("lastfm_key", lastfm_key)):
            if given is not None and name in self.settings.fixed:
                hint = "Change it there: on the command line, in the environment, or in the settings file."
                raise SettingsError(f"{name} is set elsewhere.", hint=hint)
        with self._choosing:  # of its own: writing may wait for somebody who needs the library of this application
            self.settings = self.settings.with_choice(change_choice(self.drawer, chosen))

    @property
    def library(self) -> "Library":
        """The store, opened (and brought to the newest schema) the first time."""
        with self._lock:
            if self._library is None:
                self._library = self._around.open_library()
            return self._library

    @property
    def account(self) -> "Account":
        """The connected account."""
        with self._lock:
            if self._account is None:
                connect = self._connect
                self._account = connect(self.settings) if connect else _connect_spotify(self.settings, self._around)
            return self._account

    @property
    def logins(self) -> "Logins":
        """Logging in to and out of the account."""
        with self._lock:
            if self._logins is None:
                from cratewise.spotify.connect import logins

                self._logins = logins(self._around.spotify(), _addresses(self.settings))
            return self._logins

    @property
    def drawer(self) -> Drawer:
        """Where small things are kept beside the library."""
        return self._around.drawer

    def alone(self, name: str, busy: str, hint: str) -> AbstractContextManager[None]:
        """Holds others back that work with the same things under the same name; see `Surroundings`."""
        return self._around.alone(name, busy, hint)

    def reconnect(self) -> None:
        """Connects anew when the account is next asked for, as after a login: it may be another one.

        What works with the account that was connected goes on with it; that one is closed at the end.
        """
        with self._lock:
            if self._account is not None:
                self._retired.append(self._account)
                self._account = None

    @property
    def classifier(self) -> "SongClassifier":
        """The model, loaded the first time."""
        with self._lock:
            if self._classifier is None:
                self._classifier = self._load_classifier()
            return self._classifier

    def online_sources(self) -> "AbstractContextManager[OnlineSources]":
        """The sources on the internet that may be asked, open while the block runs; nothing is sent by opening."""
        return self._open_sources(self.settings)

    @property
    def taxonomy(self) -> "Taxonomy":
        """The genres."""
        from cratewise.genres.taxonomy import load_taxonomy

        return load_taxonomy()

    def close(self) -> None:
        """Closes what was opened."""
        with self._lock:
            if self._library is not None:
                self._library.close()
                self._library = None
            self.reconnect()
            while self._retired:
                self._retired.pop().close()
            if self._logins is not None:
                self._logins.close()
                self._logins = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
