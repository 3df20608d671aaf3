"""A whole job: begun or gone on with, done by an engine, and summed up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cratewise.bulk.inputs import DamagedError
from cratewise.bulk.job import LOCK, PART, Job, begin
from cratewise.bulk.partition import Counts, counts_in
from cratewise.bulk.slices import Slice
from cratewise.bulk.worker import Worker
from cratewise.exclusive import exclusive
from cratewise.model.classifier import Classifier
from cratewise.progress import Progress
from cratewise.wholefile import unwritable

STAGE = "Classifying"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one slice.

    Attributes:
        piece: The slice.
        counts: What is in its partition; `None` where it could not be read.
        damage: Why it could not be read.
    """

    piece: Slice
    counts: Counts | None
    damage: str = ""


Engine = Callable[[Job, Sequence[Slice]], Iterator[Outcome]]
"""Does slices in any order and gives what became of each. What would befall the others, too, is raised."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a job.

    Attributes:
        counts: What is in all partitions.
        n_partitions: How many there are.
        n_before: How many of them were there before this run.
        damages: Of each slice that could not be read, which and why.
    """

    counts: Counts
    n_partitions: int
    n_before: int
    damages: tuple[str, ...]


def in_this_process(classifier: Classifier) -> Engine:
    """The engine that needs nothing else."""

    def work(job: Job, todo: Sequence[Slice]) -> Iterator[Outcome]:
        worker = Worker(job, classifier)
        for piece in todo:
            try:
                yield Outcome(piece, worker.classify(piece))
            except DamagedError as error:
                yield Outcome(piece, None, str(error))

    return work


def run(job: Job, engine: Engine, tell: Progress) -> Report:
    """Does all of a job that isn't done yet. Whatever ends it, the partitions that are there are whole.

    Raises:
        InUseError: Another process fills the folder.
        DataFileError: The folder was begun with something else, the input is gone or was changed, or the disk is full.
        ModelError: A worker cannot load the model.
        ClusterError: The cluster cannot be reached, or a worker's machine lacks what it needs.
    """
    try:
        job.out.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(job.out, error) from error
    busy = f"Another process is writing into {job.out}."
    with exclusive(job.out / LOCK, busy, "Wait until it is done.", unwritable="Check its permissions and its space."):
        begin(job)
        _clear(job.out)
        try:
            return _run(job, engine, tell)
        finally:
            _clear(job.out)


def _run(job: Job, engine: Engine, tell: Progress) -> Report:
    there = {piece.number: counts_in(job.partition(piece), piece.n_rows) for piece in job.slices}
    todo = [piece for piece in job.slices if there[piece.number] is None]
    n_before = len(job.slices) - len(todo)
    damages: dict[int, str] = {}
    done, total = 0, sum(piece.n_rows for piece in todo)
    if todo:
        tell(STAGE, done, total)
        for outcome in engine(job, todo):
            there[outcome.piece.number] = outcome.counts
            if outcome.counts is None:
                damages[outcome.piece.number] = outcome.damage
            done += outcome.piece.n_rows
            tell(STAGE, done, total)
    counts = sum((there[number] or Counts() for number in sorted(there)), Counts())
    n_partitions = len(job.slices) - len(damages)
    return Report(counts, n_partitions, n_before, tuple(damages[number] for number in sorted(damages)))


def _clear(out: Path) -> None:
    """Takes away what killed processes left half written."""
    for part in out.glob(PART):
        part.unlink(missing_ok=True)
