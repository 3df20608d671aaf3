"""Writing a file that a person named: whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

from cratewise.errors import DataFileError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file in one step: the old one or the new one is there, never half of it.

    Args:
        path: The file.
        write: Writes its content to the path it is given.

    Raises:
        DataFileError: It cannot be written; nothing has changed then.
    """
    part = path.with_name(f".cratewise-{os.urandom(8).hex()}.part")
    try:
        try:
            write(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> DataFileError:
    """The error of a file or folder that cannot be written."""
    reason = error.strerror or str(error)
    return DataFileError(f"{path} cannot be written: {reason}", hint="Check the folder, its permissions and its space.")
