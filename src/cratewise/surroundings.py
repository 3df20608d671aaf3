"""What an application finds around it: where it keeps things beside the library, and who else works with them.

A person's own program has a data folder to itself; an account of a host has its part of a database (room `hosting`).
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from cratewise.drawer import Drawer, Folder
from cratewise.exclusive import exclusive
from cratewise.settings import Settings

if TYPE_CHECKING:
    from cratewise.library.store import Library
    from cratewise.spotify.connect import Kept


class Surroundings(Protocol):
    """Where one application's belongings are; each part is opened when it is first asked for."""

    @property
    def account_id(self) -> str | None:
        """The account it works for, whoever else logs in; `None` for who logged in last."""

    @property
    def drawer(self) -> Drawer:
        """Where small things are kept: what was chosen, and when the next turn is due."""

    def open_library(self) -> "Library":
        """Opens the library, for the caller to close.

        Raises:
            LibraryError: It cannot be opened.
        """

    def spotify(self) -> "Kept":
        """The logins, the count of the calls, and the quota stop."""

    def alone(self, name: str, busy: str, hint: str) -> AbstractContextManager[None]:
        """Holds others back, in whatever process, that work with the same things under the same name.

        Args:
            name: What is done alone.
            busy: What to say when somebody else is at it.
            hint: What the person can do then.

        Raises:
            InUseError: Somebody else is at it.
        """


class OwnFolder:
    """A data folder, which a person's own program has to itself."""

    account_id = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def drawer(self) -> Drawer:
        """Files of the data folder."""
        return Folder(self._settings.data_dir)

    def open_library(self) -> "Library":
        """Opens (or makes) the library, and brings it to the newest schema."""
        from cratewise.library.store import Library

        return Library.open(self._settings.library_url, self._settings.data_dir / "account")

    def spotify(self) -> "Kept":
        """Files of the data folder; the key of the logins may be in the system's keyring."""
        from cratewise.spotify.connect import kept_in

        return kept_in(self._settings.data_dir, use_keyring=self._settings.use_keyring)

    def alone(self, name: str, busy: str, hint: str) -> AbstractContextManager[None]:
        """Holds others back with a lock in the data folder."""
        return exclusive(self._settings.data_dir / f"{name}.lock", busy, hint)
