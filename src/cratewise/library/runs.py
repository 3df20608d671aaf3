"""The history of applied plans."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, delete, insert, select, update

from cratewise.errors import LibraryError
from cratewise.library.database import Database
from cratewise.library.playlists import forget_managed, rules_from, rules_into, write_managed
from cratewise.library.tables import PlaylistRow, RunRow, RunStepRow
from cratewise.playlists.plan import ManagedPlaylist, Plan, PlaylistChange
from cratewise.playlists.runs import Run, RunState, RunStep

_CHANGE = TypeAdapter(PlaylistChange)


class RunStore:
    """The runs of one account; the journal that applying and undoing write."""

    def __init__(self, database: Database, account_id: str) -> None:
        self._database = database
        self._account_id = account_id

    def all(self) -> tuple[Run, ...]:
        """Every run, newest first."""
        runs = RunRow.__table__
        query = select(runs).where(runs.c.account_id == self._account_id).order_by(runs.c.run_id.desc())
        with self._database.reading() as connection:
            return tuple(_run_from(row, _steps(connection, row.run_id)) for row in connection.execute(query).all())

    def begin(
        self, plan: Plan, model_version: str, started_at: datetime, namesakes: Mapping[int, tuple[str, ...]]
    ) -> Run:
        """Opens a run with all its steps planned."""
        steps = tuple(
            RunStep(position, "planned", change, change.playlist_id, namesakes=namesakes.get(position, ()))
            for position, change in enumerate(plan.changes)
        )
        row = {
            "account_id": self._account_id,
            "plan_id": plan.plan_id,
            "state": "applying",
            "started_at": started_at,
            "finished_at": None,
            "rules": rules_into(plan.rules),
            "model_version": model_version,
        }
        with self._database.writing() as connection:
            inserted = connection.execute(insert(RunRow).returning(RunRow.run_id), row)
            run_id: int = inserted.scalar_one()
            rows = [
                {
                    "run_id": run_id,
                    "position": step.position,
                    "change": _CHANGE.dump_python(step.change, mode="json"),
                    **_progress_of(step),
                }
                for step in steps
            ]
            if rows:
                connection.execute(insert(RunStepRow), rows)
        return Run(run_id, plan.plan_id, "applying", started_at, None, plan.rules, model_version, steps)

    def write_step(self, run_id: int, step: RunStep, playlist: ManagedPlaylist | None = None) -> None:
        """Records how far a step is and, in the same moment, how the playlist stands now."""
        with self._database.writing() as connection:
            self._check_own(connection, run_id)
            _write_step(connection, run_id, step)
            if playlist is not None:
                write_managed(connection, self._account_id, playlist)

    def forget_playlist(self, run_id: int, step: RunStep) -> None:
        """Records a step and, in the same moment, that its playlist is looked after no more."""
        with self._database.writing() as connection:
            self._check_own(connection, run_id)
            _write_step(connection, run_id, step)
            forget_managed(connection, self._account_id, step.change.genre)
            own = PlaylistRow.account_id == self._account_id
            connection.execute(delete(PlaylistRow).where(own, PlaylistRow.playlist_id == step.playlist_id))

    def close(self, run_id: int, state: RunState, at: datetime) -> None:
        """Records how far the run as a whole is."""
        this = update(RunRow).where(RunRow.run_id == run_id)
        with self._database.writing() as connection:
            self._check_own(connection, run_id)
            connection.execute(this.values(state=state, finished_at=at))

    def _check_own(self, connection: Connection, run_id: int) -> None:
        """Makes sure that nobody writes another account's history."""
        own = (RunRow.run_id == run_id) & (RunRow.account_id == self._account_id)
        if connection.execute(select(RunRow.run_id).where(own)).first() is None:
            raise LibraryError(f"This account has no run {run_id}.", hint="The history shows those that it has.")


def _write_step(connection: Connection, run_id: int, step: RunStep) -> None:
    here = (RunStepRow.run_id == run_id) & (RunStepRow.position == step.position)
    connection.execute(update(RunStepRow).where(here).values(**_progress_of(step)))


def _progress_of(step: RunStep) -> dict[str, Any]:
    return {
        "state": step.state,
        "playlist_id": step.playlist_id,
        "url": step.url,
        "after": list(step.after),
        "namesakes": list(step.namesakes),
        "n_sent": step.n_sent,
    }


def _steps(connection: Connection, run_id: int) -> tuple[RunStep, ...]:
    steps = RunStepRow.__table__
    rows = connection.execute(select(steps).where(steps.c.run_id == run_id).order_by(steps.c.position))
    return tuple(_step_from(row) for row in rows)


def _step_from(row: Row[Any]) -> RunStep:
    try:
        change = _CHANGE.validate_python(row.change)
    except ValidationError as error:
        raise LibraryError(f"Step {row.position} of run {row.run_id} cannot be read: {error}") from error
    return RunStep(
        position=row.position,
        state=row.state,
        change=change,
        playlist_id=row.playlist_id,
        url=row.url,
        after=tuple(row.after),
        namesakes=tuple(row.namesakes),
        n_sent=row.n_sent,
    )


def _run_from(row: Row[Any], steps: tuple[RunStep, ...]) -> Run:
    return Run(
        run_id=row.run_id,
        plan_id=row.plan_id,
        state=row.state,
        started_at=row.started_at,
        finished_at=row.finished_at,
        rules=rules_from(row.rules),
        model_version=row.model_version,
        steps=steps,
    )
