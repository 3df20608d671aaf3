"""The accounts in the store."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select

from cratewise.errors import LibraryError
from cratewise.library.database import Database
from cratewise.library.tables import AccountRow, FoundStatisticsRow, FoundTagsRow
from cratewise.wholefile import write_whole

_NOBODY = ""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as of its last sync.

    Attributes:
        account_id: The account's immutable key.
        name: Display name.
        liked_total: Liked entries that Spotify counted; -1 when they have to be read in full again.
        synced_at: When that was (UTC), `None` before the first sync is through.
        liked_read: Liked entries, from the newest on, that a first sync has read before it was stopped; 0 when it is
            through.
        playlists_seen: Whether the account's own playlists were ever read.
    """

    account_id: str
    name: str
    liked_total: int
    synced_at: datetime | None
    liked_read: int = 0
    playlists_seen: bool = False


class AccountStore:
    """Reads and forgets the accounts; `SongStore.write` writes them, together with their songs.

    Attributes:
        is_shared: Whether accounts of other data folders may be in the store.
        only: The one account that is worked with; `None` where it is the one that was read last.
    """

    def __init__(self, database: Database, note: Path | None = None, *, only: str | None = None) -> None:
        """Reads nothing yet.

        Args:
            database: The store, which others may share.
            note: File of the data folder that says which account is worked with here; none is kept without it.
            only: The one account to work with, whoever else is in the store.
        """
        self._database = database
        self._note = note
        self.only = only
        self.is_shared = only is not None or (database.is_shared and note is not None)

    def find(self, account_id: str) -> KnownAccount | None:
        """The account with that key."""
        with self._database.reading() as connection:
            row = connection.execute(select(AccountRow.__table__).where(AccountRow.account_id == account_id)).first()
        return None if row is None else KnownAccount(*row)

    def latest(self) -> KnownAccount | None:
        """The account the person works with: the one that was read last from this data folder.

        Where that isn't noted: none in a store that others share, else the one that was read last.
        """
        if self.only is not None:
            return self.find(self.only)
        noted = self._noted()
        if noted == _NOBODY or (noted is None and self.is_shared):
            return None
        if noted is not None and ((known := self.find(noted)) is not None or self.is_shared):
            return known
        synced = select(AccountRow.__table__).where(AccountRow.synced_at.is_not(None))
        newest_first = synced.order_by(AccountRow.synced_at.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest_first).first()
        return None if row is None else KnownAccount(*row)

    def work_with(self, account_id: str) -> None:
        """Notes in the data folder that this account is worked with here, whoever else reads theirs into the store.

        Raises:
            DataFileError: The folder cannot be written.
            LibraryError: It is another one than the only one.
        """
        if self.only not in (None, account_id):
            raise LibraryError(f"These are the songs of another account ({account_id}).", hint="Log in again.")
        if self._note is not None and self._noted() != account_id:
            write_whole(self._note, lambda part: part.write_text(account_id, encoding="utf-8"))

    def forget(self, account_id: str) -> None:
        """Deletes all that is kept of an account; with the last one, what sources said of anybody's songs, too."""
        with self._database.writing_public() as connection:
            for table in (FoundStatisticsRow, FoundTagsRow):
                connection.execute(delete(table).where(table.account_id == account_id))
            connection.execute(delete(AccountRow).where(AccountRow.account_id == account_id))
            if connection.execute(select(AccountRow.account_id)).first() is None:
                for table in (FoundStatisticsRow, FoundTagsRow):
                    connection.execute(delete(table))
        if self._noted() == account_id:
            self.work_with(_NOBODY)
        self._database.scrub()

    def _noted(self) -> str | None:
        try:
            return None if self._note is None else self._note.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
