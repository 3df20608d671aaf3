"""The library: everything known about the songs of the accounts, in one database."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

from cratewise.errors import LibraryError
from cratewise.library.accounts import AccountStore
from cratewise.library.address import address_from
from cratewise.library.catalogue import CatalogueStore
from cratewise.library.contents import ContentsStore
from cratewise.library.corrections import CorrectionStore
from cratewise.library.database import Database
from cratewise.library.genres import GenreStore
from cratewise.library.knowledge import KnowledgeStore
from cratewise.library.listing import derive_anew
from cratewise.library.playlists import PlaylistStore
from cratewise.library.runs import RunStore
from cratewise.library.search import SongSearch
from cratewise.library.songs import SongStore


class Library:
    """An open library, by topic.

    Attributes:
        accounts: Whose songs they are.
        songs: Their liked songs.
        genres: What the classifier said of them.
        corrections: What the persons said of them, which counts before that.
        search: Finds songs, page by page.
        catalogues: Statistics at hand.
        knowledge: What sources say of songs and artists.
        playlists: Their playlists and rules.
        contents: Everything about an account's songs at once.
    """

    def __init__(self, database: Database, note: Path | None = None, *, only: str | None = None) -> None:
        self._database = database
        self._is_part = only is not None
        self.accounts = AccountStore(database, note, only=only)
        self.songs = SongStore(database)
        self.genres = GenreStore(database)
        self.corrections = CorrectionStore(database)
        self.search = SongSearch(database)
        self.knowledge = KnowledgeStore(database)
        self.catalogues = CatalogueStore(database)
        self.playlists = PlaylistStore(database)
        self.contents = ContentsStore(database)

    @classmethod
    def open(cls, url: str, note: Path | None = None) -> Self:
        """Opens (or makes) the library and brings it to the newest schema.

        Args:
            url: Address of the database in SQLAlchemy's notation.
            note: File that says which account is worked with; see `AccountStore`.

        Raises:
            LibraryError: It cannot be opened, is damaged, or was written by a newer version of this program.
        """
        _check_content(url, note)
        return cls(opened_database(url), note)

    @classmethod
    def part(cls, database: Database, account_id: str) -> Self:
        """One account's part of a database that is open, and stays so when the library is closed."""
        return cls(database.of(account_id), only=account_id)

    def runs(self, account_id: str) -> RunStore:
        """The history of one account."""
        return RunStore(self._database, account_id)

    def as_one(self, *, writing: bool = False) -> AbstractContextManager[None]:
        """Makes one transaction of all that this thread reads and writes in the block; see `Database.as_one`.

        Raises:
            LibraryError: The database refused; nothing of the block was kept.
        """
        return self._database.as_one(writing=writing)

    def close(self) -> None:
        """Closes the database, unless this is a part of it."""
        if not self._is_part:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _check_content(url: str, note: Path | None) -> None:
    """Makes sure that a file that has lost its contents is not taken for a new library.

    Raises:
        LibraryError: The note says that there was one.
    """
    address = address_from(url)
    if note is None or address.drivername != "sqlite":
        return
    file = Path(str(address.database))
    if file.exists() and file.stat().st_size == 0 and note.exists() and note.stat().st_size:
        hint = f"Put a copy of it back; or delete {note.name} beside it, and begin with an empty library."
        raise LibraryError(f"{file} is empty, and there was a library in it.", hint=hint)


def opened_database(url: str) -> Database:
    """Opens (or makes) the database, with its newest schema and everything derived by the newest rules.

    Raises:
        LibraryError: It cannot be opened, is damaged, or was written by a newer version of this program.
    """
    database = Database.open(url)
    try:
        derive_anew(database)
    except BaseException:
        database.close()
        raise
    return database
