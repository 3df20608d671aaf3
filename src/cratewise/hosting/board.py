"""The newest job of each account: what was ordered, how far it is, and whether it shall stop; every process sees it."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, delete, func, select, update

from cratewise.hosting.notices import CHANGED, tell
from cratewise.hosting.sessions import holds_sessions
from cratewise.hosting.uploads import delete_file, keep_file
from cratewise.jobs.state import JobBusyError, JobOrder, JobOverError, JobState, NobodyError, Status
from cratewise.jobs.uploads import Upload
from cratewise.library.database import Database
from cratewise.library.tables import AccountRow, JobRow, RevisionRow
from cratewise.library.upsert import inserting

_ORDER = TypeAdapter(JobOrder)
_STATE = TypeAdapter(JobState)
_COLUMNS = select(JobRow.ordered, JobRow.state, JobRow.shall_stop)


@dataclass(frozen=True, slots=True)
class Posted:
    """A job on the board.

    Attributes:
        order: What was ordered.
        state: How far it is.
        shall_stop: Whether the person asked it to stop.
    """

    order: JobOrder
    state: JobState
    shall_stop: bool


class Board:
    """Posts jobs, and shows how far they are.

    Args:
        database: Where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def apart(self) -> Self:
        """The same board for what others are to see at once, also while the thread is writing as a whole."""
        return type(self)(self._database.apart())

    def now(self) -> datetime:
        """The time (UTC) by the database's clock: those of the machines that share it may not agree."""
        with self._database.reading() as connection:
            moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)

    def of(self, account_id: str) -> Posted | None:
        """The account's newest job."""
        with self._database.reading() as connection:
            return _posted(connection, _COLUMNS.where(JobRow.account_id == account_id))

    def post(
        self, account_id: str, order: JobOrder, state: JobState, upload: Upload | None = None, *, asked: bool = True
    ) -> None:
        """Posts a job, with the file that it is to be done with, in the place of the one before it.

        Args:
            account_id: Whose job it is.
            order: What is ordered.
            state: How far it is.
            upload: The file, which goes when the job has ended.
            asked: Whether somebody asks who has to be logged in; until it is posted they are not logged out.

        Raises:
            JobBusyError: The one before has not come to its end.
            NobodyError: Nobody is logged in to the account.
        """
        row = {
            "account_id": account_id,
            "job_id": order.job_id,
            "ordered": _plain(order),
            "state": _plain(state),
            "is_active": True,
            "shall_stop": False,
            "changed_at": func.now(),
        }
        with self._database.noting() as connection:
            if asked and not holds_sessions(connection, account_id):
                raise NobodyError
            insert = inserting(connection, JobRow.__table__).values(row)  # type: ignore[arg-type]
            in_place = insert.on_conflict_do_update(index_elements=["account_id"], set_=row, where=~JobRow.is_active)
            if connection.execute(in_place.returning(JobRow.job_id)).first() is None:
                raise _busy(_held(connection, account_id))  # the insert holds on to it
            if upload is not None:
                keep_file(connection, account_id, upload.content)
            tell(connection, CHANGED, account_id)

    def attempt(self, account_id: str, order: JobOrder) -> None:
        """Notes that a job is begun once more; whether it still may be is decided here, for all processes.

        Raises:
            JobOverError: It has come to its end, or another process has begun it; or it was asked to stop, and has now.
        """
        self._note(account_id, order, order.attempt - 1)

    def leave(self, account_id: str, order: JobOrder) -> None:
        """Notes that a job is left for another process.

        Raises:
            JobOverError: As for `attempt`.
        """
        self._note(account_id, order, order.attempt)

    def _note(self, account_id: str, order: JobOrder, attempt: int) -> None:
        """Writes an order down in the place of the same one's latest attempt, if that is its number."""
        with self._database.noting() as connection:
            posted = _held(connection, account_id, order.job_id)
            if posted is not None and posted.order.attempt != attempt:
                raise JobOverError(f"Another process is at the job {order.job_id}.")
            may_begin = posted is not None and not posted.shall_stop
            if may_begin:
                _write(connection, account_id, ordered=_plain(order))
            elif posted is not None:
                _write_state(connection, account_id, dataclasses.replace(posted.state, status="stopped"))
        if not may_begin:
            raise JobOverError(f"The job {order.job_id} has come to its end.")

    def show(self, account_id: str, state: JobState, attempt: int) -> None:
        """Shows how far an attempt at a job is; one that has ended makes room for the next, and is shown no other way.

        What another process has begun once more meanwhile is left as it is.
        """
        with self._database.noting() as connection:
            posted = _held(connection, account_id, state.job_id)
            if posted is not None and posted.order.attempt == attempt:
                _write_state(connection, account_id, state)

    def ask_to_stop(self, account_id: str) -> None:
        """Asks the account's job to end at its next step; one that no worker has begun has ended then."""
        with self._database.noting() as connection:
            posted = _held(connection, account_id)
            if posted is None:
                return
            status: Status = "stopping" if posted.order.attempt else "stopped"
            _write(connection, account_id, shall_stop=True)
            _write_state(connection, account_id, dataclasses.replace(posted.state, status=status))

    def forget(self, account_id: str) -> None:
        """Takes down the job that ended last."""
        with self._database.noting() as connection:
            connection.execute(delete(JobRow).where(JobRow.account_id == account_id, ~JobRow.is_active))
            tell(connection, CHANGED, account_id)

    def forget_all(self, account_id: str) -> None:
        """Takes down everything of an account, also a job that was just ordered."""
        with self._database.noting() as connection:
            for table in (JobRow, RevisionRow):
                connection.execute(delete(table).where(table.account_id == account_id))
            tell(connection, CHANGED, account_id)

    def active(self) -> tuple[str, ...]:
        """The accounts whose job has not come to its end."""
        with self._database.reading() as connection:
            return tuple(connection.execute(select(JobRow.account_id).where(JobRow.is_active)).scalars())

    def n_failed(self) -> int:
        """How many accounts' newest job failed."""
        failed = JobRow.state["status"].as_string() == "failed"
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(JobRow).where(failed)).scalar_one()

    def revision(self, account_id: str) -> int:
        """Another number than before means that somebody changed the account's library on a page."""
        number = select(RevisionRow.number).where(RevisionRow.account_id == account_id)
        with self._database.reading() as connection:
            return connection.execute(number).scalar() or 0

    def tell(self, account_id: str) -> None:
        """Tells every process that its open tabs have something to look at."""
        with self._database.noting() as connection:
            tell(connection, CHANGED, account_id)

    def library_changed(self, account_id: str) -> None:
        """Tells every process that the account's library was changed."""
        with self._database.noting() as connection:
            tell(connection, CHANGED, account_id)
            if not _holds_library(connection, account_id):
                return
            insert = inserting(connection, RevisionRow.__table__).values(account_id=account_id, number=1)  # type: ignore[arg-type]
            more = insert.on_conflict_do_update(index_elements=["account_id"], set_={"number": RevisionRow.number + 1})
            connection.execute(more)


def _posted(connection: Connection, query: Select[Any]) -> Posted | None:
    row = connection.execute(query).first()
    if row is None:
        return None
    return Posted(_ORDER.validate_python(row.ordered), _STATE.validate_python(row.state), row.shall_stop)


def _held(connection: Connection, account_id: str, job_id: str = "") -> Posted | None:
    """The account's job (or this one), if it has not come to its end; nobody changes it before the transaction ends."""
    active = _COLUMNS.where(JobRow.account_id == account_id, JobRow.is_active)
    return _posted(connection, (active.where(JobRow.job_id == job_id) if job_id else active).with_for_update())


def _busy(posted: Posted | None) -> JobBusyError:
    """What to say of a job in whose place none can be posted."""
    stage = "Another job" if posted is None else f"“{posted.state.stage}”"
    return JobBusyError(f"{stage} is still running.", hint="Wait until it is done, or stop it, and try again.")


def _write_state(connection: Connection, account_id: str, state: JobState) -> None:
    _write(connection, account_id, state=_plain(state), is_active=state.is_active)
    if not state.is_active:
        delete_file(connection, account_id)


def _write(connection: Connection, account_id: str, **values: Any) -> None:
    """Changes the account's job, and tells every process."""
    of_account = JobRow.account_id == account_id
    connection.execute(update(JobRow).where(of_account).values(changed_at=func.now(), **values))
    tell(connection, CHANGED, account_id)


def _plain(value: JobOrder | JobState) -> dict[str, Any]:
    """A value as JSON can hold it."""
    kind: TypeAdapter[Any] = _ORDER if isinstance(value, JobOrder) else _STATE
    plain: dict[str, Any] = kind.dump_python(value, mode="json")
    return plain


def _holds_library(connection: Connection, account_id: str) -> bool:
    """Whether the account has a library; it is not forgotten before the transaction ends."""
    known = select(AccountRow.account_id).where(AccountRow.account_id == account_id)
    return connection.execute(known.with_for_update(read=True, key_share=True)).first() is not None
