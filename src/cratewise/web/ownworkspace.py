"""The workspace of a person's own program: its jobs run in this process."""

import logging
from contextlib import ExitStack

from cratewise.app import Application
from cratewise.errors import CratewiseError
from cratewise.exclusive import exclusive
from cratewise.jobs.journal import KeptJournal
from cratewise.jobs.runner import Jobs
from cratewise.jobs.uploads import UploadFolder
from cratewise.web.ahead import Ahead
from cratewise.web.connection import Connection
from cratewise.web.errors import failure_of
from cratewise.web.metrics import Metrics
from cratewise.web.tasks import Tasks
from cratewise.web.trial import Trial
from cratewise.web.workspace import Workspace

logger = logging.getLogger(__name__)

UPLOADS = "incoming"
"""Folder in the data folder for files that are being imported."""


class OwnWorkspace(Workspace):
    """What the pages and the API of one person's program share.

    Attributes:
        runner: Does the jobs.
        connection: The login.
        trial: The demo that somebody can start from here, `None` where there is none to start.
        metrics: The numbers of the program.
        ahead: Makes what the pages show before anybody asks.
    """

    def __init__(self, app: Application, trial: Trial | None = None) -> None:
        super().__init__(app)
        self.trial = trial
        self._uploads = uploads = UploadFolder(app.settings.data_dir / UPLOADS)
        perform, journal = Tasks(app, uploads).perform, KeptJournal(app.drawer)
        self.jobs = self.runner = Jobs(perform, failure_of, journal, self._job_changed, app.now, uploads=uploads)
        self.metrics = Metrics()
        self.ahead = Ahead((self._read_ahead, self._draft_ahead))
        self.connection = Connection(app, self.refuse_busy, self.account_changed)
        self._counted = ""
        self._held = ExitStack()

    def open(self) -> None:
        """Goes on with the job that was under way when the program last ended.

        Raises:
            InUseError: Another server serves the data folder.
            DataFileError: It cannot be written.
        """
        folder = self.app.settings.data_dir
        busy, hint = f"Another cratewise serves {folder}.", "Open its address, or stop it first."
        self._held.enter_context(exclusive(folder / "web.lock", busy, hint))
        try:
            job = self.runner.take_up()
        except CratewiseError as trouble:
            logger.warning("no job is gone on with: %s", trouble)
            return
        if job is None or not job.is_active:
            self._uploads.clear()

    def close(self) -> None:
        """Ends the demo, and lets another server have the data folder."""
        if self.trial is not None:
            self.trial.close()
        self._held.close()

    def _job_changed(self) -> None:
        job = self.jobs.latest
        if job is not None and not job.is_active and job.job_id != self._counted:
            self._counted = job.job_id
            self.metrics.count_job(job)
            self.ahead.wake()
        self.events.publish()

    def _read_ahead(self) -> None:
        self.library.read()
        self.may()  # which opens the account, and with it a list of certificates that takes as long as a page

    def _draft_ahead(self) -> None:
        if self.library.overview.families:
            self.drafts(self.app, self.rules(()))
