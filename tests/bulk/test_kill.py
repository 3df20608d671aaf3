"""Classifying a catalogue, killed again and again, loses and doubles nothing."""

from pathlib import Path

import polars

import cratewise.model.results  # noqa: F401 (once, and not in each process that is killed)
from cratewise.bulk.inputs import find_inputs
from cratewise.bulk.job import PARTITIONS, Job, Options
from cratewise.bulk.running import in_this_process, run
from cratewise.model.classifier import Classifier
from cratewise.progress import silent

from ..killing import killed_again_and_again
from .conftest import songs


def job_in(source: str, out: str, version: str) -> Job:
    """A job of 40 slices."""
    return Job(find_inputs(Path(source), silent), Path(out), Options(None, False, 0.4), None, version, 50)


def classify_all(source: str, out: str) -> None:
    """Goes on with the job, and says how many tracks this run has done."""
    classifier = Classifier.load()
    run(
        job_in(source, out, classifier.version),
        in_this_process(classifier),
        lambda _stage, done, _total: print(done, flush=True),
    )


def test_whenever_it_is_killed_partitions_are_whole_and_it_goes_on(tmp_path: Path) -> None:
    """A partition is all there or not at all, what was done is never done again, and every row comes once."""
    source, out = tmp_path / "songs.parquet", tmp_path / "out"
    songs(2000).write_parquet(source)
    there: set[Path] = set()
    n_stopped = 0
    with killed_again_and_again(classify_all, str(source), str(out), n_times=6, most_lines=8, longest_s=0.05) as times:
        for lines in times:
            now = set((out / PARTITIONS).glob("*"))
            assert there <= now
            n_done = max(map(int, lines), default=0)
            assert len(now) >= len(there) + n_done // 50
            assert all(polars.read_parquet(path).height == 50 for path in now)
            n_stopped += 0 < len(now) < 40
            there = now
    assert n_stopped >= 3
    classifier = Classifier.load()
    report = run(job_in(str(source), str(out), classifier.version), in_this_process(classifier), silent)
    assert report.n_before == len(there)
    assert polars.read_parquet(out / PARTITIONS)["track_id"].to_list() == [f"id{row}" for row in range(2000)]
    assert sorted(path.name for path in out.iterdir()) == [".lock", "manifest.json", PARTITIONS]
