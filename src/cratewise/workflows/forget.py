"""Forgetting everything about a person, on request."""

from dataclasses import dataclass

from cratewise.jobs.journal import KeptJournal
from cratewise.jobs.schedule import ScheduleStore
from cratewise.sourcechoice import forget_choice
from cratewise.workflows.playlists import UnfinishedRunError, unfinished_run
from cratewise.workflows.services import Services, working_alone
from cratewise.workflows.sync import current_account


@dataclass(frozen=True, slots=True)
class Known:
    """What would be forgotten, or was.

    Attributes:
        name: Whose library it is.
        songs: Liked songs.
        words: What the person said of songs, albums and artists, as far as it counts.
        runs: Times that playlists were written.
        playlists: Names of the playlists this program made, which stay in the account.
    """

    name: str
    songs: int
    words: int
    runs: int
    playlists: tuple[str, ...]


NOTHING_KNOWN = Known("", 0, 0, 0, ())


def look_at_known(app: Services) -> Known:
    """What is known of the person.

    Raises:
        LibraryError: Nothing is.
    """
    account = current_account(app)
    said = app.library.corrections.all(account.account_id)
    return Known(
        name=account.name,
        songs=len(app.library.genres.songs(account.account_id, app.settings.least_confidence)),
        words=sum(1 for one in said if one.taken_back_at is None),
        runs=len(app.library.runs(account.account_id).all()),
        playlists=tuple(one.name for one in app.library.playlists.managed(account.account_id) if one.exists),
    )


def forget(app: Services) -> Known:
    """Forgets the person's library: songs, words, rules and history, and their key of Last.fm; playlists stay.

    Nothing of it can be read from the library's file afterwards. A login is another matter.

    Raises:
        LibraryError: Nothing is known.
        UnfinishedRunError: A run was stopped on the way: once forgotten, it could never be undone.
        InUseError: Another process works with the library.
    """
    with working_alone(app):
        known = look_at_known(app)
        account_id = current_account(app).account_id
        if (run := unfinished_run(app)) is not None:
            raise UnfinishedRunError(run.run_id)
        app.library.accounts.forget(account_id)
        forget_choice(app.drawer)
        ScheduleStore(app.drawer).keep(account_id, None)
        KeptJournal(app.drawer).end()  # what was under way when the program was last killed
        return known
