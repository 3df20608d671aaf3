import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import polars
import pytest
from polars.testing import assert_frame_equal

from cratewise.bulk.cluster import RayWorker, on_ray
from cratewise.bulk.inputs import STAGE_CHECKING, find_inputs
from cratewise.bulk.job import MANIFEST, PARTITIONS, Job, Options, check_folder
from cratewise.bulk.partition import Counts
from cratewise.bulk.running import STAGE, Outcome, in_this_process, run
from cratewise.bulk.slices import Counted, Slice, slices_of
from cratewise.errors import ClusterError, DataFileError
from cratewise.exclusive import InUseError, exclusive
from cratewise.model.classifier import WINDOW, Classifier
from cratewise.model.results import columns_of
from cratewise.progress import silent
from cratewise.sources.trackfile import read_tracks

from .conftest import songs

JobOf = Callable[..., Job]


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path in it."""
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def rows_of(out: Path) -> polars.DataFrame:
    """All partitions together, as any program that reads Parquet sees them."""
    return polars.read_parquet(out / PARTITIONS)


def test_every_row_is_there_once_in_its_order(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """The partitions, sorted by name, hold the rows of the files in the order of their paths."""
    job = job_of(catalogue)
    report = run(job, in_this_process(classifier), silent)
    assert [file.name for file in job.files] == ["a.parquet", "more/b.parquet"]
    assert rows_of(job.out)["track_id"].to_list() == [f"id{row}" for row in range(380)]
    assert (report.n_partitions, report.n_before, report.damages) == (5, 0, ())
    tally, gaps = report.counts.tally, report.counts.gaps
    assert tally.n_tracks == tally.n_sure + tally.n_unsure + tally.n_unknown == 380
    assert (gaps.n_tracks, gaps.n_silent) == (380, 55)


def test_what_stands_in_a_partition_is_what_the_file_read_at_once_gets(tmp_path: Path, classifier: Classifier) -> None:
    """To the last bit, also where a file is longer than what the network is given at once."""
    frame = songs(WINDOW + 300)
    frame.write_csv(tmp_path / "songs.csv")
    frame.write_parquet(tmp_path / "songs.parquet")
    tracks = read_tracks(tmp_path / "songs.csv").tracks
    found = classifier.answers(tracks, labels=True)
    verdicts = classifier.verdicts(tracks, found.probabilities)
    at_once = polars.DataFrame(columns_of(tracks, verdicts, classifier, found, "label"))
    files = find_inputs(tmp_path / "songs.parquet", silent)
    job = Job(files, tmp_path / "out", Options("label", False, 0.4), None, classifier.version, WINDOW)
    run(job, in_this_process(classifier), silent)
    assert_frame_equal(rows_of(job.out), at_once, check_exact=True)


def test_a_job_that_is_done_is_not_done_again(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """The second run writes nothing and says the same."""
    job = job_of(catalogue)
    first = run(job, in_this_process(classifier), silent)
    before = contents(job.out)
    second = run(job, _nobody, silent)
    assert contents(job.out) == before
    assert second == replace(first, n_before=5)


def _nobody(_job: Job, todo: Sequence[Slice]) -> Iterator[Outcome]:
    raise AssertionError(f"{len(todo)} slices were done again")


def test_only_what_is_missing_or_damaged_is_made(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """A partition that was taken away or cut off is made anew, byte for byte; leftovers of killed writers go."""
    job = job_of(catalogue)
    first = run(job, in_this_process(classifier), silent)
    before = contents(job.out)
    paths = [job.partition(piece) for piece in job.slices]
    paths[1].unlink()
    paths[3].write_bytes(paths[3].read_bytes()[:-20])
    (job.out / ".cratewise-0123456789abcdef.part").write_bytes(b"half of a partition")
    done: list[int] = []

    def counting(job: Job, todo: Sequence[Slice]) -> Iterator[Outcome]:
        done.extend(piece.number for piece in todo)
        return in_this_process(classifier)(job, todo)

    assert run(job, counting, silent) == replace(first, n_before=3)
    assert done == [1, 3]
    assert contents(job.out) == before


def test_progress_counts_tracks(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """Of this run alone, so that the pace is a pace."""
    job, heard = job_of(catalogue), list[tuple[str, int, int | None]]()
    run(job, in_this_process(classifier), lambda *words: heard.append(words))
    assert heard == [(STAGE, done, 380) for done in (0, 100, 200, 250, 350, 380)]
    job.partition(job.slices[2]).unlink()
    heard.clear()
    run(job, in_this_process(classifier), lambda *words: heard.append(words))
    assert heard == [(STAGE, 0, 50), (STAGE, 50, 50)]
    heard.clear()
    find_inputs(catalogue, lambda *words: heard.append(words))
    assert heard == [(STAGE_CHECKING, done, 380) for done in (0, 250, 380)]


@pytest.mark.parametrize("change", ["options", "model", "slices", "content", "files"])
def test_a_folder_begun_otherwise_is_left_alone(
    catalogue: Path, job_of: JobOf, classifier: Classifier, change: str
) -> None:
    """Another model, option, cut or input is one error that names what differs."""
    job = job_of(catalogue)
    run(job, in_this_process(classifier), silent)
    before = contents(job.out)
    match change:
        case "options":
            other, said = job_of(catalogue, options=Options("genre", True, 0.5)), "options"
        case "model":
            other, said = replace(job, model_version="another"), "model"
        case "slices":
            other, said = job_of(catalogue, slice_rows=50), "slice_rows"
        case "content":
            songs(250, 1).write_parquet(catalogue / "a.parquet")
            other, said = job_of(catalogue), "another content of a.parquet"
        case _:
            songs(9).write_parquet(catalogue / "c.parquet")
            other, said = job_of(catalogue), "2 input files, of which 2 are here, not 3"
    with pytest.raises(DataFileError, match=said):
        run(other, in_this_process(classifier), silent)
    assert contents(job.out) == before


def test_an_input_that_moved_is_the_same_input(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """Content counts, not place or time."""
    first = run(job_of(catalogue), in_this_process(classifier), silent)
    moved = catalogue.rename(catalogue.with_name("elsewhere"))
    (moved / "a.parquet").touch()
    assert run(job_of(moved), _nobody, silent).counts == first.counts


def test_an_input_that_changes_on_the_way_ends_the_job(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """Partitions of two catalogues would stand side by side."""
    job = job_of(catalogue)
    songs(251).write_parquet(catalogue / "a.parquet")
    with pytest.raises(DataFileError, match="was changed while the work was under way"):
        run(job, in_this_process(classifier), silent)
    assert not list((job.out / PARTITIONS).iterdir())


def test_two_processes_never_fill_one_folder(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """The second is refused at once."""
    job = job_of(catalogue)
    job.out.mkdir()
    with exclusive(job.out / ".lock", "", ""), pytest.raises(InUseError, match="Another process is writing into"):
        run(job, in_this_process(classifier), silent)
    assert not (job.out / MANIFEST).exists()


def test_rows_that_cannot_be_read_cost_their_slice_alone(
    catalogue: Path, job_of: JobOf, classifier: Classifier
) -> None:
    """All other partitions are there, and the report says which rows are not, and of which file."""
    path = catalogue / "a.parquet"
    songs(250).write_parquet(path, row_group_size=100, compression="uncompressed", statistics=False)
    content = bytearray(path.read_bytes())
    content[4:24] = b"\xff" * 20  # the header of the first page, and so of the first row group alone
    path.write_bytes(content)
    job = job_of(catalogue)
    report = run(job, in_this_process(classifier), silent)
    assert len(report.damages) == 1
    assert "a.parquet, rows 1 to 100" in report.damages[0]
    assert rows_of(job.out)["track_id"].to_list() == [f"id{row}" for row in range(100, 380)]
    assert report.n_partitions == 4


def test_slices_are_named_in_their_order_and_by_what_is_in_them() -> None:
    """Sorted by name they are in the order of the input, also where there are thousands."""
    pieces = list(slices_of([Counted("x/Mine & yours.parquet", 25), Counted("none.parquet", 0), Counted("é", 3)], 10))
    assert [piece.partition for piece in pieces] == [
        "part-000000-Mine-yours-row-1.parquet",
        "part-000001-Mine-yours-row-11.parquet",
        "part-000002-Mine-yours-row-21.parquet",
        "part-000003-file-row-1.parquet",
    ]
    assert [(piece.file, piece.start, piece.n_rows) for piece in pieces] == [
        (0, 0, 10),
        (0, 10, 10),
        (0, 20, 5),
        (2, 0, 3),
    ]
    names = [piece.partition for piece in slices_of([Counted("a", 20_000)], 1)]
    assert sorted(names) == names


def test_a_worker_of_a_cluster_loads_the_model_once(catalogue: Path, job_of: JobOf, tmp_path: Path) -> None:
    """It goes on although the model's folder is gone, and does nothing where the partition is there."""
    model = tmp_path / "model"
    shutil.copytree(Path(str(resources.files("cratewise.model") / "weights")), model)
    job = replace(job_of(catalogue, options=Options(None, False, 0.4)), model=model)
    worker = RayWorker(job)
    shutil.rmtree(model)
    (job.out / PARTITIONS).mkdir(parents=True)
    for number in (0, 1, 0):
        [found] = worker({"number": np.array([number])})["counts"]
        assert Counts.from_json(found).tally.n_tracks == 100
    assert len(contents(job.out)) == 2


def test_what_ray_needs_is_said_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(ClusterError, match="Ray is not installed") as raised:
        on_ray("local")
    assert "cratewise[ray]" in raised.value.hint


def test_a_job_that_was_stopped_before_its_manifest_is_gone_on_with(
    catalogue: Path, job_of: JobOf, classifier: Classifier
) -> None:
    """A folder with nothing in it but what every job makes first is no stranger's."""
    job = job_of(catalogue)
    (job.out / PARTITIONS).mkdir(parents=True)
    (job.out / ".lock").touch()
    (job.out / ".cratewise-0123456789abcdef.part").write_text('{"format"')
    check_folder(job.out, catalogue)
    run(job, in_this_process(classifier), silent)
    assert rows_of(job.out).height == 380
    (job.out / MANIFEST).unlink()
    with pytest.raises(DataFileError, match="holds 'partitions', which is not of such a job"):
        check_folder(job.out, catalogue)


def test_a_damaged_manifest_is_one_clear_error(catalogue: Path, job_of: JobOf, classifier: Classifier) -> None:
    """What stands beside it is not written over."""
    job = job_of(catalogue)
    run(job, in_this_process(classifier), silent)
    for text in ("", "[1]", '{"files": 3}', '{"files": [1, {"name": 2}]}', "[" * 100_000):
        (job.out / MANIFEST).write_text(text)
        with pytest.raises(DataFileError, match=r"is not the manifest|was begun with"):
            run(job, _nobody, silent)
