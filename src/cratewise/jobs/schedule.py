"""What is done again and again for each account: how often, when next, what came of it; in a drawer."""

import json
import threading
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from cratewise.drawer import Drawer
from cratewise.errors import DataFileError


@dataclass(frozen=True)
class Schedule:
    """How often an account's playlists are kept current.

    Attributes:
        every_s: Seconds from the beginning of one turn to that of the next.
        next_at: When the next one is due.
        last_at: When the last one began, `None` before the first.
        told: What came of it, empty while it is under way.
    """

    every_s: Annotated[int, Field(ge=60, le=366 * 86_400)]
    next_at: AwareDatetime
    last_at: AwareDatetime | None = None
    told: str = ""

    def begun(self, now: datetime) -> "Schedule":
        """The schedule once a turn has begun: the next one is due a whole interval later, whatever was missed."""
        return replace(self, next_at=now + timedelta(seconds=self.every_s), last_at=now, told="")


_LOCK = threading.Lock()
_WRITTEN = TypeAdapter(dict[str, Schedule])


SCHEDULES = "schedule.json"
"""What they are called in a drawer."""


class ScheduleStore:
    """Keeps the schedules of the accounts of one drawer.

    Args:
        drawer: Where they are kept.
    """

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer

    def of(self, account_id: str) -> Schedule | None:
        """The account's schedule, `None` where nothing is done by itself.

        Raises:
            CratewiseError: They cannot be read, or are none of ours.
        """
        return self._all().get(account_id)

    def keep(self, account_id: str, schedule: Schedule | None) -> None:
        """Keeps the account's schedule, or forgets it.

        Raises:
            CratewiseError: They can be neither read nor written.
        """
        with _LOCK:
            kept = self._all()
            kept.pop(account_id, None)
            if schedule is not None:
                kept[account_id] = schedule
            written = {key: asdict(one) for key, one in kept.items()}
            self._drawer.write(SCHEDULES, json.dumps(written, default=datetime.isoformat).encode())

    def _all(self) -> dict[str, Schedule]:
        hint = "Delete it; then nothing is done by itself until you say so again."
        try:
            kept = self._drawer.read(SCHEDULES)
            return {} if kept is None else _WRITTEN.validate_json(kept)
        except ValidationError as error:
            raise DataFileError(f"{self._drawer.place(SCHEDULES)} cannot be read.", hint=hint) from error
