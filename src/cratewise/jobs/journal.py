"""The job under way, written down in a drawer."""

import json
import logging
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from cratewise.drawer import Drawer
from cratewise.errors import CratewiseError
from cratewise.jobs.state import JobOrder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Written:
    """An order as it stands in the file."""

    job_id: Annotated[str, Field(min_length=1)]
    kind: str
    ordered_at: AwareDatetime
    arguments: dict[str, Any]
    attempt: Annotated[int, Field(ge=1)]
    left: Annotated[int, Field(ge=0)] = 0


_WRITTEN = TypeAdapter(_Written)
_NAME = "job.json"


class KeptJournal:
    """Keeps the order under way; one process at a time has it.

    Args:
        drawer: Where it is kept.
    """

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer

    def begin(self, order: JobOrder) -> None:
        """Writes an order down, in the place of the one before it, for its owner alone to read.

        Raises:
            CratewiseError: It cannot be written.
        """
        fields = {name: getattr(order, name) for name in JobOrder.__slots__}
        self._drawer.write(_NAME, json.dumps(fields, default=datetime.isoformat).encode())

    leave = begin

    def end(self) -> None:
        """Strikes the order out.

        Raises:
            CratewiseError: It cannot be removed.
        """
        self._drawer.delete(_NAME)

    def open_order(self) -> JobOrder | None:
        """The order that was begun and came to no end; what is no order counts as none."""
        try:
            kept = self._drawer.read(_NAME)
            if kept is None:
                return None
            written = _WRITTEN.validate_json(kept)
        except ValidationError:
            place = self._drawer.place(_NAME)
            logger.warning("%s holds no job as cratewise writes it down: none is gone on with. Start it again.", place)
            return None
        except CratewiseError as error:
            logger.warning("no job is gone on with: %s", error)
            return None
        return JobOrder(
            written.job_id, written.kind, written.ordered_at, written.arguments, written.attempt, written.left
        )
