"""Where the key is that the logins are encrypted with: the system's keyring where there is one, else a file."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from cryptography.fernet import Fernet

from cratewise.spotify.errors import LoginRequired
from cratewise.spotify.files import read_private, write_private

T = TypeVar("T")

SERVICE = "cratewise"
"""What the entry in the keyring is called; its user name is the data folder."""

_LEAST_PRIORITY = 1  # below it keyring itself does not recommend a backend: none, null, or one that keeps plain text
PATIENCE_S = 60.0
"""How long a keyring is waited for: somebody may have to type its password first."""


class KeyringUnreadable(LoginRequired):
    """The keyring that holds the key does not answer, or is locked."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the system's keyring, which has the key of your login, cannot be read ({why})",
            hint="Unlock it and try again; or log in once more, and the key goes into a file that only you can read. "
            "Everything in your library is kept.",
        )


class KeyStore(Protocol):
    """Where the key that the logins are encrypted with is kept."""

    def kept(self) -> Iterator[bytes]:
        """The Fernet keys that a login may be encrypted with, the likeliest first.

        Raises:
            KeyringUnreadable: There may be another one, in a keyring that cannot be read now.
        """

    def key(self) -> bytes:
        """The Fernet key for what is written now, made when there is none yet."""


class KeyFile:
    """Keeps the key in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self) -> Iterator[bytes]:
        """The key from the file.

        Raises:
            SpotifyError: The file cannot be read.
        """
        kept = read_private(self._path)
        if kept is None:
            return
        if os.name == "posix" and self._path.stat().st_mode & 0o077:
            self._path.chmod(0o600)
        yield kept.strip()

    def key(self) -> bytes:
        """The key from the file, which is made when it is absent.

        Raises:
            SpotifyError: The file can be neither read nor made.
        """
        for kept in self.kept():
            return kept
        made = Fernet.generate_key()
        write_private(self._path, made)
        return next(self.kept(), made)  # another process may have made one at the same moment


class KeyringOrFile:
    """Keeps the key in the system's keyring; in the file where that is there already, or no keyring can be used.

    An existing file goes on being used: it is what older versions wrote, and what a machine without a keyring has.
    """

    def __init__(self, file: KeyFile, owner: str, patience_s: float = PATIENCE_S) -> None:
        """Asks nothing yet.

        Args:
            file: Where the key is otherwise.
            owner: Tells the keys of several data folders apart.
            patience_s: How long the keyring is waited for.
        """
        self._file = file
        self._owner = owner
        self._patience_s = patience_s
        self._remembered: bytes | None = None

    def kept(self) -> Iterator[bytes]:
        """The key of the file, then that of the keyring, which is asked only if the first was not the one."""
        yield from self._file.kept()
        kept = self._from_keyring()
        if kept is not None:
            yield kept

    def key(self) -> bytes:
        """The key for what is written now.

        Raises:
            SpotifyError: The keyring cannot be used, and the file cannot be made.
        """
        for kept in self._file.kept():
            return kept
        try:
            return self._from_keyring() or self._made_in_keyring() or self._file.key()
        except KeyringUnreadable:
            return self._file.key()

    def _from_keyring(self) -> bytes | None:
        if self._remembered is None and self._is_usable():
            self._remembered = self._asked(lambda: _read(self._owner))
        return self._remembered

    def _made_in_keyring(self) -> bytes | None:
        if not self._is_usable():
            return None
        made = Fernet.generate_key().decode("ascii")
        self._asked(lambda: _write(self._owner, made))
        return self._from_keyring()  # what it did not keep does not count

    def _is_usable(self) -> bool:
        """Whether there is a keyring to which a secret can be given."""
        try:
            return self._asked(_priority) >= _LEAST_PRIORITY
        except KeyringUnreadable:  # it cannot even be set up: as good as none
            return False

    def _asked(self, question: Callable[[], T]) -> T:
        """Asks in a thread of its own: backends raise what they like, and one that is locked may wait forever.

        Raises:
            KeyringUnreadable: No answer came; only the kind of the failure is told, as its text is other people's.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="keyring")
        answer = thread.submit(question)
        thread.shutdown(wait=False)
        try:
            failure = answer.exception(self._patience_s)
        except TimeoutError:
            raise KeyringUnreadable(f"no answer within {self._patience_s:.0f} seconds") from None
        if failure is not None:
            raise KeyringUnreadable(type(failure).__name__)
        return answer.result()


def _priority() -> float:
    import keyring
    from keyring.backends.chainer import ChainerBackend

    backend = keyring.get_keyring()
    first = backend.backends[0] if isinstance(backend, ChainerBackend) and backend.backends else backend
    return float(first.priority)


def _read(owner: str) -> bytes | None:
    import keyring

    kept = keyring.get_password(SERVICE, owner)
    return kept.encode("ascii", "replace") if kept else None


def _write(owner: str, key: str) -> None:
    import keyring

    keyring.set_password(SERVICE, owner, key)
