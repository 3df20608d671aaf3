"""What files told before the first account was read, told of that account's songs."""

from uuid import uuid4

from cratewise.errors import LibraryError
from cratewise.library.accounts import KnownAccount
from cratewise.library.merging import merged
from cratewise.workflows.services import Services

FILE_ACCOUNT = "file"
"""The account of songs that come from files, where none was read from Spotify; in a store that others share, a
beginning of it."""


def is_of_files(account: KnownAccount | None) -> bool:
    """Whether an account stands for songs that come from files."""
    return account is not None and account.account_id.split("-")[0] == FILE_ACCOUNT


def is_from_file(app: Services) -> bool:
    """Whether the person's songs come from files, and none were read from an account."""
    return is_of_files(app.library.accounts.latest())


def is_to_be_read_first(app: Services) -> bool:
    """Whether files are told only of the songs of one account, and those were not read (in full) yet."""
    latest = app.library.accounts.latest()
    return app.library.accounts.only is not None and (latest is None or latest.synced_at is None)


def new_file_account(app: Services) -> str:
    """The key of an account for songs from files: nobody else's, where others share the store.

    Raises:
        LibraryError: There is one account to work with and no other.
    """
    if app.library.accounts.only is not None:
        hint = "Have your songs read and sorted first, then import the file again."
        raise LibraryError("Your account was not read yet.", hint=hint)
    return f"{FILE_ACCOUNT}-{uuid4().hex}" if app.library.accounts.is_shared else FILE_ACCOUNT


def files_before(app: Services) -> str | None:
    """The account of the files that were imported into this library, `None` where there were none."""
    latest = app.library.accounts.latest()
    if latest is not None and is_of_files(latest):
        return latest.account_id
    of_own_store = None if app.library.accounts.is_shared else app.library.accounts.find(FILE_ACCOUNT)
    return None if of_own_store is None else FILE_ACCOUNT


def adopt_files(app: Services, account: KnownAccount, files: str) -> None:
    """Takes corrections, statistics, tags and rules of imported files over to an account that was read just now.

    The songs of the files become no songs of the account, and stay as they are in the library of their own.

    Args:
        app: What to work with.
        account: The account.
        files: The account of the files, as `files_before` gives it.
    """
    with app.library.as_one(writing=True):  # what is said meanwhile comes after, and stays
        own, given = (app.library.contents.read(one) for one in (account.account_id, files))
        app.library.contents.write(account, merged(own, given, takes_songs=False), app.now())
