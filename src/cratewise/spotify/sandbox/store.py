"""Keeps the account and the grants: safe to use from many threads, and on disk after each write if a file is given."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from cratewise.errors import SpotifyError
from cratewise.spotify.files import write_private
from cratewise.spotify.sandbox.values import Account, Grant


@dataclass(frozen=True, slots=True)
class Document:
    """What the state file holds."""

    account: Account
    grants: tuple[Grant, ...] = ()


class Store:
    """The one place that changes.

    Readers take `account` or `grants` once and hold a view that never changes; writers pass a function from the old
    value to the new one, which runs alone. When that function raises, or the file cannot be written, nothing changes.
    """

    def __init__(self, state_file: Path | None, initial: Callable[[], Account]) -> None:
        """Opens the state file, or starts with `initial()` where there is none yet.

        Raises:
            SpotifyError: The file is there and is not a state this sandbox wrote, or it cannot be written.
        """
        self._state_file = state_file
        self._lock = Lock()
        if state_file is not None and state_file.exists():
            self._document = _read(state_file)
        else:
            self._document = Document(initial())
            if state_file is not None:
                _write(state_file, self._document)

    @property
    def account(self) -> Account:
        """The account as it is now."""
        return self._document.account

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What apps were allowed, in the order it was given."""
        return self._document.grants

    def change_account(self, edit: Callable[[Account], Account]) -> Account:
        """Puts `edit(account)` in the account's place, and returns it."""
        return self._change(lambda document: replace(document, account=edit(document.account))).account

    def change_grants(self, edit: Callable[[tuple[Grant, ...]], tuple[Grant, ...]]) -> None:
        """Puts `edit(grants)` in the grants' place."""
        self._change(lambda document: replace(document, grants=edit(document.grants)))

    def _change(self, edit: Callable[[Document], Document]) -> Document:
        with self._lock:
            changed = edit(self._document)
            if self._state_file is not None and changed is not self._document:
                _write(self._state_file, changed)
            self._document = changed
            return changed


_DOCUMENT = TypeAdapter(Document)


def _read(state_file: Path) -> Document:
    try:
        return _DOCUMENT.validate_json(state_file.read_bytes())
    except (OSError, ValidationError) as error:
        raise SpotifyError(
            f"The sandbox's state file {state_file} cannot be read: {str(error).splitlines()[0]}",
            hint="Delete the file to start the sandbox afresh, or name another one.",
        ) from error


def _write(state_file: Path, document: Document) -> None:
    """Writes beside the file and renames, so that a crash leaves the old state or the new one, never half of one."""
    write_private(state_file, _DOCUMENT.dump_json(document))
