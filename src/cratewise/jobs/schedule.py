"""What is done again and again for each account: how often, when next, what came of it; in a drawer."""

import json
from collections.abc import Callable
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
        return self._understood(self._drawer.read(SCHEDULES)).get(account_id)

    def keep(self, account_id: str, schedule: Schedule | None) -> None:
        """Keeps the account's schedule, or forgets it.

        Raises:
            CratewiseError: They can be neither read nor written.
        """
        self.change(account_id, lambda _kept: schedule)

    def change(self, account_id: str, changed: Callable[[Schedule | None], Schedule | None]) -> bool:
        """Changes the account's schedule as it is at that moment, whoever else changes one.

        Args:
            account_id: The account.
            changed: What becomes of a schedule; may be asked again, where another process was quicker.

        Returns:
            Whether it has become another.

        Raises:
            CratewiseError: They can be neither read nor written.
        """
        while True:
            content = self._drawer.read(SCHEDULES)
            kept = self._understood(content)
            before = kept.pop(account_id, None)
            if (after := changed(before)) == before:
                return False
            if after is not None:
                kept[account_id] = after
            if self._drawer.replace(SCHEDULES, content, _written(kept)):
                return True

    def _understood(self, content: bytes | None) -> dict[str, Schedule]:
        hint = "Delete it; then nothing is done by itself until you say so again."
        try:
            return {} if content is None else _WRITTEN.validate_json(content)
        except ValidationError as error:
            raise DataFileError(f"{self._drawer.place(SCHEDULES)} cannot be read.", hint=hint) from error


def _written(kept: dict[str, Schedule]) -> bytes | None:
    plain = {key: asdict(one) for key, one in kept.items()}
    return json.dumps(plain, default=datetime.isoformat).encode() if plain else None
