"""The job under way, written down in a file of the data folder."""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from cratewise.jobs.state import JobOrder
from cratewise.wholefile import unwritable, write_owned

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Written:
    """An order as it stands in the file."""

    job_id: Annotated[str, Field(min_length=1)]
    kind: str
    ordered_at: AwareDatetime
    arguments: dict[str, Any]
    attempt: Annotated[int, Field(ge=1)]


_WRITTEN = TypeAdapter(_Written)


class FileJournal:
    """Keeps the order under way in `job.json`; one process at a time has it.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "job.json"

    def begin(self, order: JobOrder) -> None:
        """Writes an order down, in the place of the one before it, for its owner alone to read.

        Raises:
            DataFileError: It cannot be written.
        """
        fields = {name: getattr(order, name) for name in JobOrder.__slots__}
        write_owned(self._path, json.dumps(fields, default=datetime.isoformat).encode())

    def end(self) -> None:
        """Strikes the order out.

        Raises:
            DataFileError: The file cannot be removed.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def open_order(self) -> JobOrder | None:
        """The order that was begun and came to no end; a file that is no order counts as none."""
        try:
            written = _WRITTEN.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            logger.warning("%s holds no job that could be gone on with: %s", self._path, error)
            return None
        return JobOrder(written.job_id, written.kind, written.ordered_at, written.arguments, written.attempt)
