"""Files that come with an order: kept until its job has come to an end, whatever end that is."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from cratewise.errors import DataFileError
from cratewise.wholefile import unwritable


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes in.

    Attributes:
        name: What it is called, without a folder.
        content: What it holds, from where that stands.
    """

    name: str
    content: BinaryIO


class Uploads(Protocol):
    """Where the files are found that came with orders."""

    def opened(self, job_id: str, name: str) -> AbstractContextManager[Path]:
        """The file that came with an order, as long as the block runs.

        Raises:
            DataFileError: It is not there (any more).
        """


class UploadFolder:
    """Keeps each file in a folder that is called like its job.

    Args:
        folder: Where those are; it is made when a file is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, job_id: str, upload: Upload) -> None:
        """Keeps a file, for its owner alone to read.

        Raises:
            DataFileError: It cannot be written; nothing of it stays.
        """
        path = self._folder / job_id / upload.name
        try:
            path.parent.mkdir(mode=0o700, parents=True)
            with path.open("wb") as file:
                shutil.copyfileobj(upload.content, file)
        except OSError as error:
            self.delete(job_id)
            raise unwritable(path, error) from error

    @contextmanager
    def opened(self, job_id: str, name: str) -> Iterator[Path]:
        """The file where it is kept; nothing beside those that were kept is ever opened, whatever an order says.

        Raises:
            DataFileError: It is not there (any more).
        """
        path = self._folder / job_id / name
        if not self._is_of_job(path.parent) or path.resolve().parent != path.parent.resolve() or not path.is_file():
            raise gone(path.name)
        yield path

    def delete(self, job_id: str) -> None:
        """Deletes the file that came with an order, if one did."""
        folder = self._folder / job_id
        if self._is_of_job(folder):
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Deletes what processes left that were killed."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _is_of_job(self, folder: Path) -> bool:
        """Whether a folder is one of those here: an order may have been written by hand."""
        return folder.resolve().parent == self._folder.resolve()


def gone(name: str) -> DataFileError:
    """What to say where a file is not there any more."""
    hint = "Choose the file again: importing it twice doubles nothing."
    return DataFileError(f"cratewise ended before it had said whether {name} is imported.", hint=hint)
