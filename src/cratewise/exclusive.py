"""One process at a time: a lock on a folder that ends with its holder, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cratewise.errors import CratewiseError, DataFileError


class InUseError(CratewiseError):
    """Another process (or another thread) holds the lock."""


@contextmanager
def exclusive(
    lock_file: Path,
    busy: str,
    hint: str,
    *,
    unwritable: str = "Make it writable, or choose another with --data-dir or CRATEWISE_DATA_DIR.",
) -> Iterator[None]:
    """Holds a lock while the block runs.

    Args:
        lock_file: The lock; made if need be, and left there.
        busy: What to say when somebody else holds it.
        hint: What the person can do then.
        unwritable: What they can do where the folder cannot be written.

    Raises:
        InUseError: Somebody else holds it.
        DataFileError: The folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        lock_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(lock_file, blocking=False)
        lock.acquire()
    except Timeout as error:
        raise InUseError(busy, hint=hint) from error
    except OSError as error:
        raise DataFileError(
            f"The folder {lock_file.parent} cannot be written: {error.strerror}.",
            hint=unwritable,
        ) from error
    try:
        yield
    finally:
        lock.release()
