"""Does one slice after the other: the same in this process and on a machine of a cluster."""

from pathlib import Path
from typing import TYPE_CHECKING

from cratewise.bulk.inputs import read_rows
from cratewise.bulk.job import Job
from cratewise.bulk.partition import Counts, counts_in, write_partition
from cratewise.bulk.slices import Slice
from cratewise.errors import DataFileError, ModelError
from cratewise.model.classifier import WINDOW, Classifier
from cratewise.model.results import columns_of
from cratewise.model.tally import Tally
from cratewise.sources.trackframe import tracks_in_frame

if TYPE_CHECKING:
    from polars import DataFrame


class Worker:
    """Holds the model, which is loaded once.

    Args:
        job: What is to be done.
        classifier: The job's model, where it is loaded already.

    Raises:
        ModelError: The model cannot be loaded here, or is another one than that of the job.
    """

    def __init__(self, job: Job, classifier: Classifier | None = None) -> None:
        self._job = job
        self._classifier = classifier or Classifier.load(job.model)
        if self._classifier.version != job.model_version:
            raise ModelError(
                f"the model here is {self._classifier.version}, that of the job {job.model_version}",
                hint="Every machine needs the same cratewise, and the same folder with --model.",
            )

    def classify(self, piece: Slice) -> Counts:
        """Writes the partition of a slice, unless it is there, and says what is in it.

        Raises:
            DamagedError: The slice cannot be read; others may be.
            DataFileError: The input is gone or was changed, or the partition cannot be written.
        """
        job, path = self._job, self._job.partition(piece)
        if found := counts_in(path, piece.n_rows):
            return found
        _require(path.parent)
        file = job.files[piece.file]
        frame = read_rows(file, piece.start, piece.n_rows)
        answers: list[DataFrame] = []
        counts = Counts()
        for start in range(0, piece.n_rows, WINDOW):
            answer, of_window = self._answer(frame.slice(start, WINDOW), piece, piece.start + start + 1)
            answers.append(answer)
            counts += of_window
        write_partition(path, answers, counts, job.out)
        return counts

    def _answer(self, frame: "DataFrame", piece: Slice, first_row: int) -> "tuple[DataFrame, Counts]":
        """The rows of the result for some rows of the input: no more at a time than the network reads at once."""
        import polars

        file, options, classifier = self._job.files[piece.file], self._job.options, self._classifier
        read = tracks_in_frame(frame, file.layout, file.name, first_row)
        level = options.probabilities
        found = classifier.answers(read.tracks, labels=level == "label", likeness=options.places)
        verdicts = classifier.verdicts(read.tracks, found.probabilities, options.least_confidence)
        columns = columns_of(read.tracks, verdicts, classifier, found, level)
        return polars.DataFrame(columns), Counts(Tally.of(verdicts), read.gaps)


def _require(folder: Path) -> None:
    if not folder.is_dir():
        hint = "It was there when the work began; on a cluster every machine must see it under the same path."
        raise DataFileError(f"there is no folder {folder}", hint=hint)
