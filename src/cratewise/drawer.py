"""Small things kept under a name, each as a whole: the place is a folder, or rows of a database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import RLock
from typing import Protocol

from cratewise.errors import DataFileError
from cratewise.wholefile import unwritable, write_owned


class Drawer(Protocol):
    """Keeps bytes under names; whoever reads one gets what was written last, never half of it.

    Every method raises a `CratewiseError` where the place cannot be read or written.
    """

    def read(self, name: str) -> bytes | None:
        """What is kept under that name; `None` for nothing."""

    def write(self, name: str, content: bytes) -> None:
        """Keeps it in the place of what was there before."""

    def replace(self, name: str, before: bytes | None, content: bytes | None) -> bool:
        """Keeps it in the place of exactly that, and says whether it did: somebody else may have been first.

        Args:
            name: The name.
            before: What has to be kept there; `None` for nothing.
            content: What is to be; `None` for nothing.
        """

    def delete(self, name: str) -> None:
        """Keeps nothing under that name any more."""

    def names(self) -> tuple[str, ...]:
        """The names under which something is kept, in order."""

    def place(self, name: str) -> str:
        """Where that is, for a message."""

    def sealed(self, secret: str) -> str:
        """A secret as it may be kept here: encrypted, unless the place is its owner's alone."""

    def opened(self, kept: str) -> str | None:
        """The secret that was sealed, or kept as it is by older versions; `None` where it can't be read any more."""

    def alone(self, name: str, patience_s: float) -> AbstractContextManager[object]:
        """Holds others back, in whatever process, that ask for the same name, while the block runs.

        Raises:
            TimeoutError: Somebody else has held it all the time.
        """


_TURN = RLock()
"""Held by the thread that writes: a data folder has one program that writes into it by itself."""


class Folder:
    """Keeps each thing in a file that only its owner can read.

    Args:
        path: The folder; it is made when something is first kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str) -> bytes | None:
        """What the file holds; `None` where there is none.

        Raises:
            DataFileError: It is there and cannot be read.
        """
        path = self._path / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            hint = "Make it readable for you, or choose another folder with --data-dir or CRATEWISE_DATA_DIR."
            raise DataFileError(f"{path} cannot be read: {error.strerror}.", hint=hint) from error

    def write(self, name: str, content: bytes) -> None:
        """Writes the file in one step.

        Raises:
            DataFileError: It cannot be written; what was there before stays.
        """
        with _TURN:
            write_owned(self._path / name, content)

    def replace(self, name: str, before: bytes | None, content: bytes | None) -> bool:
        """Writes or deletes the file if it holds what is to be replaced.

        Raises:
            DataFileError: It cannot be read, written or deleted.
        """
        with _TURN:
            if self.read(name) != before:
                return False
            if content is None:
                self.delete(name)
            else:
                self.write(name, content)
            return True

    def delete(self, name: str) -> None:
        """Deletes the file, if it is there.

        Raises:
            DataFileError: It cannot be deleted.
        """
        path = self._path / name
        try:
            with _TURN:
                path.unlink(missing_ok=True)
        except OSError as error:
            hint = "Make its folder writable, or delete it yourself."
            raise DataFileError(f"{path} cannot be deleted: {error.strerror}.", hint=hint) from error

    def names(self) -> tuple[str, ...]:
        """The names of the files, those half written aside."""
        if not self._path.is_dir():
            return ()
        return tuple(sorted(one.name for one in self._path.iterdir() if one.name[0] != "."))

    def place(self, name: str) -> str:
        """The file's path."""
        return str(self._path / name)

    def sealed(self, secret: str) -> str:
        """The secret itself: only its owner can read the file."""
        return secret

    def opened(self, kept: str) -> str:
        """The secret itself."""
        return kept

    @contextmanager
    def alone(self, name: str, patience_s: float) -> Iterator[None]:
        """Holds others back with a lock beside the file.

        Raises:
            TimeoutError: Somebody else has held it all the time.
            DataFileError: The folder cannot be written.
        """
        from filelock import FileLock, Timeout

        path = (self._path / name).with_suffix(".lock")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(path, timeout=patience_s, mode=0o600)
            lock.acquire()
        except Timeout as error:
            raise TimeoutError(f"{path} is held by another process") from error
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            yield
        finally:
            lock.release()
