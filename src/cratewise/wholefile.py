"""Writing a file: whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

from cratewise.errors import DataFileError


def write_whole(path: Path, write: Callable[[Path], object], *, beside: Path | None = None) -> None:
    """Writes a file in one step: the old one or the new one is there, never half of it, even if the power fails.

    Args:
        path: The file.
        write: Writes its content to the path it is given.
        beside: Folder of that path, on the same file system; else it is that of the file.

    Raises:
        DataFileError: It cannot be written; nothing has changed then.
    """
    part = (beside or path.parent) / f".cratewise-{os.urandom(8).hex()}.part"
    try:
        try:
            write(part)
            with part.open("rb+") as whole:
                os.fsync(whole.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> DataFileError:
    """The error of a file or folder that cannot be written."""
    reason = error.strerror or str(error)
    return DataFileError(f"{path} cannot be written: {reason}", hint="Check the folder, its permissions and its space.")


def write_owned(path: Path, content: bytes) -> None:
    """Writes a file as `write_whole` does, for its owner alone to read; makes its folder if need be.

    Raises:
        DataFileError: It cannot be written; nothing has changed then.
    """

    def write(part: Path) -> None:
        part.touch(mode=0o600)
        part.write_bytes(content)

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    write_whole(path, write)
