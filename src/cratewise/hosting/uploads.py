"""Files that the people of a host import, in the database until their jobs have ended: any worker can read them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, delete, insert, select

from cratewise.jobs.uploads import gone
from cratewise.library.database import Database
from cratewise.library.tables import JobRow, UploadRow
from cratewise.wholefile import unwritable

PART_BYTES = 1 << 20
"""A file is kept in parts, so that none ever has to be in memory as a whole."""


def keep_file(connection: Connection, account_id: str, content: BinaryIO) -> None:
    """Keeps the file of the account's job, which is posted in the same transaction."""
    part = 0
    while piece := content.read(PART_BYTES):
        connection.execute(insert(UploadRow), {"account_id": account_id, "part": part, "content": piece})
        part += 1


def delete_file(connection: Connection, account_id: str) -> None:
    """Deletes the file of the account's job, if it has one."""
    connection.execute(delete(UploadRow).where(UploadRow.account_id == account_id))


def delete_left(database: Database, folder: Path) -> None:
    """Deletes the copies of files that workers here left who were killed, but for those of jobs that are gone on with.

    Raises:
        LibraryError: The database refused.
    """
    if not folder.exists() or not (left := list(folder.iterdir())):
        return
    with database.reading() as connection:
        active = frozenset(connection.execute(select(JobRow.job_id).where(JobRow.is_active)).scalars())
    for one in left:
        if one.name not in active:
            shutil.rmtree(one, ignore_errors=True)


class KeptFile:
    """The file that came with an account's job.

    Args:
        database: Where it is kept.
        account_id: The account.
        folder: Where it is put for as long as its job reads it.
    """

    def __init__(self, database: Database, account_id: str, folder: Path) -> None:
        self._database = database
        self._account_id = account_id
        self._folder = folder

    @contextmanager
    def opened(self, job_id: str, name: str) -> Iterator[Path]:
        """The file, in a folder of its job as long as the block runs.

        Raises:
            DataFileError: The job is not the account's (any more), or there is no room for the file.
        """
        delete_left(self._database, self._folder)
        path = self._folder / Path(job_id).name / Path(name).name
        try:
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with path.open("wb") as file:
                    self._write(job_id, name, file)
            except OSError as error:
                raise unwritable(path, error) from error
            yield path
        finally:
            shutil.rmtree(path.parent, ignore_errors=True)

    def _write(self, job_id: str, name: str, file: BinaryIO) -> None:
        of_job = (JobRow.account_id == self._account_id, JobRow.job_id == job_id, JobRow.is_active)
        of_part = select(UploadRow.content).where(UploadRow.account_id == self._account_id)
        with self._database.reading() as connection:
            if connection.execute(select(JobRow.job_id).where(*of_job)).first() is None:
                raise gone(name)
            part = 0
            while (piece := connection.execute(of_part.where(UploadRow.part == part)).scalar()) is not None:
                file.write(piece)
                part += 1
