"""Files that only their owner can read."""

import os
import tempfile
from pathlib import Path

from cratewise.errors import SpotifyError


def write_private(path: Path, content: bytes) -> None:
    """Writes a file in one step (the old one or the new one, never half of it), readable by its owner alone.

    Raises:
        SpotifyError: The file cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as failure:
        raise SpotifyError(
            f"{path} cannot be written ({failure.strerror})",
            hint="Make the folder writable, or choose another one with CRATEWISE_DATA_DIR.",
        ) from failure


def read_private(path: Path) -> bytes | None:
    """The file's content; `None` when there is no such file.

    Raises:
        SpotifyError: The file is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as failure:
        raise SpotifyError(
            f"{path} cannot be read ({failure.strerror})", hint="Make the file readable for you, or delete it."
        ) from failure
