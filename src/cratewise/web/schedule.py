"""Keeping the playlists current while the pages are served: looks whether a turn is due, and begins it once."""

import logging
import threading
from dataclasses import replace

from cratewise.errors import CratewiseError
from cratewise.jobs.schedule import ScheduleStore
from cratewise.jobs.state import JobBusyError, JobDesk
from cratewise.workflows.services import Services

logger = logging.getLogger(__name__)

KIND = "upkeep"
LOOKED_EVERY_S = 30.0


def begin_if_due(app: Services, jobs: JobDesk) -> bool:
    """Begins a turn if one is due and no other job runs; says whether it did.

    Raises:
        CratewiseError: The schedule can be neither read nor written.
    """
    account_id, file = kept_for(app)
    kept, job = file.of(account_id), jobs.latest
    if kept is None or app.now() < kept.next_at or (job is not None and job.is_active):
        return False
    begun = kept.begun(app.now())
    if not file.change(account_id, lambda now: begun if now == kept else now):  # somebody said otherwise meanwhile
        return False  # this comes before the job: a turn is never begun twice
    try:
        jobs.submit(KIND)
    except JobBusyError:  # somebody was quicker: it is due again at the next look
        file.change(account_id, lambda now: kept if now == begun else now)
        return False
    return True


def note(app: Services, told: str) -> None:
    """Notes what came of a turn, for the page."""
    account_id, file = kept_for(app)
    file.change(account_id, lambda kept: kept and replace(kept, told=told))


class Timer:
    """Looks every half a minute whether a turn is due, in a thread of its own, until it is stopped."""

    def __init__(self, app: Services, jobs: JobDesk) -> None:
        self._app = app
        self._jobs = jobs
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="schedule", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Begins nothing any more."""
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(LOOKED_EVERY_S):
            try:
                begin_if_due(self._app, self._jobs)
            except CratewiseError as trouble:
                logger.warning("the playlists are not kept current: %s", trouble)


def kept_for(app: Services) -> tuple[str, ScheduleStore]:
    """The account whose playlists are meant, empty before the first reading, and where its schedule is."""
    account = app.library.accounts.latest()
    return account.account_id if account else "", ScheduleStore(app.drawer)
