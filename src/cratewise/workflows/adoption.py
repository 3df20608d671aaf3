"""What files told before the first account was read, told of that account's songs."""

from cratewise.library.accounts import KnownAccount
from cratewise.library.merging import merged
from cratewise.workflows.services import Services

FILE_ACCOUNT = "file"
"""The account of songs that come from files, where none was read from Spotify."""


def is_from_file(app: Services) -> bool:
    """Whether the person's songs come from files, and none were read from an account."""
    account = app.library.accounts.latest()
    return account is not None and account.account_id == FILE_ACCOUNT


def adopt_files(app: Services, account: KnownAccount) -> None:
    """Takes corrections, statistics, tags and rules of imported files over to an account that was read just now.

    The songs of the files become no songs of the account, and stay as they are in the library of their own.
    """
    if app.library.accounts.find(FILE_ACCOUNT) is None:
        return
    with app.library.as_one(writing=True):  # what is said meanwhile comes after, and stays
        own, given = (
            app.library.contents.read(one, app.library.playlists.rules(one))
            for one in (account.account_id, FILE_ACCOUNT)
        )
        app.library.contents.write(account, merged(own, given, takes_songs=False), app.now())
