"""The API of the schedule: how often the playlists are kept current without a question."""

from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from cratewise import workflows
from cratewise.app import Application
from cratewise.errors import PlaylistsError
from cratewise.jobs.schedule import Schedule
from cratewise.web.desk import Work
from cratewise.web.schedule import kept_for

router = APIRouter(prefix="/api")

Often = Literal["off", "6h", "1d", "7d"]
INTERVALS_S: dict[Often, int] = {"6h": 6 * 3600, "1d": 86_400, "7d": 7 * 86_400}


class ScheduleWord(BaseModel):
    """How often the playlists are to be kept current."""

    model_config = ConfigDict(extra="forbid")

    every: Often


class ScheduleKept(BaseModel):
    """How often that is, when it began last and begins next, and what came of it."""

    every: Often
    next_at: datetime | None = None
    last_at: datetime | None = None
    told: str = ""


@router.put("/schedule")
def keep_schedule(workspace: Work, word: ScheduleWord) -> ScheduleKept:
    """Keeps how often the playlists are kept current; from then on that writes without asking."""
    every_s = INTERVALS_S.get(word.every)
    account_id, file = kept_for(workspace.app)
    if every_s is None:
        file.keep(account_id, None)
    else:
        if all(run.is_of_chosen_songs for run in workflows.history(workspace.app)):
            hint = "Look at the preview and write it once; from then on it can go by itself."
            raise PlaylistsError("Nobody has seen yet what would be written.", hint=hint)
        workflows.refuse_unseen(workspace.app)
        workspace.app.account.check_login(writing=True)
        file.keep(account_id, Schedule(every_s, workspace.app.now() + timedelta(seconds=every_s)))
    return schedule_of(workspace.app)


def schedule_of(app: Application) -> ScheduleKept:
    """How often the playlists of the account are kept current.

    Raises:
        DataFileError: What was kept cannot be read.
    """
    account_id, file = kept_for(app)
    kept = file.of(account_id)
    if kept is None:
        return ScheduleKept(every="off")
    every = next(often for often, seconds in INTERVALS_S.items() if seconds >= min(kept.every_s, INTERVALS_S["7d"]))
    return ScheduleKept(every=every, next_at=kept.next_at, last_at=kept.last_at, told=kept.told)
