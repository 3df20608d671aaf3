"""How fast and how large `cratewise classify` is, as ratios in one run: `make bench` or `python scripts/bench.py`.

Everything runs on one core, in turns, so that a busy machine slows all of it alike: the command as a whole process,
from its start to the file written, and LightGBM's prediction alone, of the same tracks, from arrays that are ready.
What is compared is the processor's time, which is the time on the clock where nothing else runs. With `--check` a bar
that isn't met is an exit code of 1.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

N_TRACKS = 10_000
N_FITTED = 10_000
"""Tracks that LightGBM is fitted on, others than those; its time to predict hangs on the trees, not on these."""
KEPT = 0.2
"""Share of the dataset's rows that these are chosen from."""
N_ROUNDS, N_LEAVES = 100, 31
"""LightGBM's defaults; it grows one tree a round for each of the 114 labels."""
N_PREDICTIONS = 3
MOST_SECONDS, LEAST_RATIO, MOST_MEGABYTES = 2.5, 10.0, 500.0
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
SHARED = Path(os.environ.get("CRATEWISE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


class Cost(NamedTuple):
    """What one process cost: seconds of the processor, seconds on the clock, and MB at its peak."""

    processor_s: float
    clock_s: float
    megabytes: float


def process(*words: object, out: Path) -> Cost:
    """Runs Python with these words, its output going to a file."""
    to_file = (os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    start = time.perf_counter()
    child = os.posix_spawn(
        sys.executable, [sys.executable, *map(str, words)], os.environ | ONE_THREAD, file_actions=[to_file]
    )
    _, status, used = os.wait4(child, 0)
    clock_s = time.perf_counter() - start
    if status:
        sys.exit(f"`python {' '.join(map(str, words))}` failed.")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Cost(used.ru_utime + used.ru_stime, clock_s, used.ru_maxrss / unit)


def middle(costs: list[Cost]) -> Cost:
    """The median of each."""
    return Cost(*map(median, zip(*costs, strict=True)))


def write_samples(tracks: Path, folder: Path) -> tuple[Path, Path, Path]:
    """Files of 10,000 tracks to classify, of one of them, and of others to fit on; the choice is always the same."""
    choice = random.Random(0)  # noqa: S311 # nothing is kept secret by it
    with tracks.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        rows = [row for row in reader if choice.random() < KEPT]  # all would weigh on the memory of every child
    choice.shuffle(rows)
    parts = (rows[:N_TRACKS], rows[:1], rows[N_TRACKS : N_TRACKS + N_FITTED])
    paths = (folder / "tracks.csv", folder / "one.csv", folder / "fitted.csv")
    for path, part in zip(paths, parts, strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *part])
    return paths


def predict_when_asked(fitted: Path, tracks: Path) -> None:
    """Fits LightGBM on statistics and popularity; then, for each line that is read, predicts and prints the seconds."""
    import lightgbm
    import numpy as np

    from cratewise.dataset.labels import LABELS
    from cratewise.dataset.load import load
    from cratewise.model.features import extract

    def arrays(path: Path) -> tuple[Any, Any]:
        rows = load(path).rows
        numbers = extract([row.row.track for row in rows]).numbers
        return numbers.astype(np.float64), np.array([LABELS.index(row.label) for row in rows])

    settings = {"objective": "multiclass", "num_class": len(LABELS), "num_leaves": N_LEAVES, "num_threads": 1}
    booster = lightgbm.train(settings | {"verbosity": -1, "seed": 0}, lightgbm.Dataset(*arrays(fitted)), N_ROUNDS)
    numbers, labels = arrays(tracks)
    print(booster.num_trees(), flush=True)
    for _ in sys.stdin:
        start = time.process_time()
        probabilities = booster.predict(numbers, num_threads=1)
        print(time.process_time() - start, (probabilities.argmax(axis=1) == labels).mean(), flush=True)


def stages(tracks: Path, out: Path) -> dict[str, float]:
    """Seconds of this process from its start to the file written, by what they went into; for a fresh process."""
    spent: dict[str, float] = {}
    last = 0.0

    def done(stage: str) -> None:
        nonlocal last
        now = time.process_time()
        spent[stage] = spent.get(stage, 0.0) + now - last
        last = now

    import cratewise.cli  # noqa: F401 # for its time

    done("start of Python, command line")
    import onnxruntime  # noqa: F401 # for its time
    import rich.table  # noqa: F401

    from cratewise.cli.classify import _summary
    from cratewise.model import classifier as of_model
    from cratewise.model.knowledge import Knowledge
    from cratewise.model.results import columns_of, write_results
    from cratewise.model.tally import Tally
    from cratewise.sources.trackfile import read_tracks

    done("other imports")
    read = read_tracks(tracks)
    done("read the file")
    classifier = of_model.Classifier.load()
    done("load the model")

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            done("network")
            answer = function(*arguments)
            done(stage)
            return answer

        return call

    setattr(of_model, "extract", timed("words and numbers", of_model.extract))  # noqa: B010 # it is another's name
    setattr(Knowledge, "recall", timed("look artists and albums up", Knowledge.recall))  # noqa: B010
    found = classifier.answers(read.tracks)
    done("network")
    verdicts = classifier.verdicts(read.tracks, found.probabilities)
    done("genres and reasons")
    write_results(columns_of(read.tracks, verdicts, classifier, found, None), out)
    done("write the file")
    _summary(Tally.of(verdicts), classifier.taxonomy, tracks.name, read.notes)
    done("show the summary")
    return spent


def main() -> None:
    """Measures and prints; exits with 1 if a bar isn't met and `--check` was given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=Path, default=SHARED / "data" / "spotify_tracks.csv", help="the dataset")
    parser.add_argument("--runs", type=int, default=5, help="how often the command is run")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a bar isn't met")
    parser.add_argument("--stages", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--lightgbm", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stages:
        tracks, out = given.stages
        out.with_suffix(".json").write_text(json.dumps(stages(tracks, out)), encoding="utf-8")
        return
    if given.lightgbm:
        predict_when_asked(*given.lightgbm)
        return
    if not given.tracks.is_file():
        sys.exit(
            f"There is no dataset at {given.tracks}.\n"
            "Fetch it: cratewise dataset download --out tracks.csv; then: make bench TRACKS=tracks.csv"
        )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ |= ONE_THREAD
    with tempfile.TemporaryDirectory() as name:
        is_met = measure(given.tracks, given.runs, Path(name))
    sys.exit(1 if given.check and not is_met else 0)


def measure(tracks: Path, n_runs: int, folder: Path) -> bool:
    """Measures all and prints it; whether every bar is met."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    many, one, fitted = write_samples(tracks, folder)
    shown, out = folder / "shown.txt", folder / "out.csv"
    command = ("-m", "cratewise", "classify")
    costs: list[Cost] = []
    seconds: list[float] = []
    # LightGBM has a process of its own: a child's memory is never less than its parent's was when it began.
    with subprocess.Popen(
        [sys.executable, __file__, "--lightgbm", fitted, many], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as lightgbm:
        assert lightgbm.stdin  # noqa: S101 # both are pipes
        assert lightgbm.stdout  # noqa: S101
        with console.status("Fitting LightGBM"):
            n_trees = int(lightgbm.stdout.readline())
        process(*command, many, "--out", out, out=shown)
        with console.status("Classifying and predicting in turns"):
            for run in range(max(n_runs, N_PREDICTIONS)):
                costs.append(process(*command, many, "--out", out, out=shown))
                if run < N_PREDICTIONS:
                    print(file=lightgbm.stdin, flush=True)
                    second, hit_rate = map(float, lightgbm.stdout.readline().split())
                    seconds.append(second)
            single = middle([process(*command, one, "--out", out, out=shown) for _ in range(n_runs)])
            listing = middle([process("-m", "cratewise", "--help", out=shown) for _ in range(n_runs)])
    whole, lightgbm_s = middle(costs), median(seconds)
    ratio = lightgbm_s / whole.processor_s

    table = Table(title=f"{N_TRACKS:,} tracks on one core", title_justify="left")
    for heading in ("", "processor", "clock", "memory", "to classify"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for label, cost in (("cratewise classify, whole", whole), ("... of one track", single), ("... --help", listing)):
        share = f"{cost.processor_s / whole.processor_s:.2f}"
        table.add_row(label, f"{cost.processor_s:.2f} s", f"{cost.clock_s:.2f} s", f"{cost.megabytes:.0f} MB", share)
    table.add_row("LightGBM, prediction alone", f"{lightgbm_s:.2f} s", "", "", f"{ratio:.2f}")
    console.print(table)
    console.print(
        f"LightGBM as it comes: {n_trees:,} trees (one a round and label) of at most {N_LEAVES} leaves, fitted on the "
        f"statistics and popularity of {N_FITTED:,} other rows. It names the row's label for {hit_rate:.3f} of them.\n"
    )
    show_stages(console, many, out)
    bars = (
        ("seconds of the processor", whole.processor_s, f"at most {MOST_SECONDS}", whole.processor_s <= MOST_SECONDS),
        ("times as fast as LightGBM", ratio, f"at least {LEAST_RATIO:.0f}", ratio >= LEAST_RATIO),
        ("MB of memory", whole.megabytes, f"at most {MOST_MEGABYTES:.0f}", whole.megabytes <= MOST_MEGABYTES),
    )
    for what, value, bar, is_met in bars:
        console.print(f"{'met    ' if is_met else 'NOT MET'}  {what}: {value:.2f}, {bar}")
    return all(is_met for *_, is_met in bars)


def show_stages(console: Any, tracks: Path, out: Path) -> None:
    """Prints where the time goes, each stage the median of three processes."""
    from rich.table import Table

    runs: list[dict[str, float]] = []
    for _ in range(3):
        process(__file__, "--stages", tracks, out, out=out.with_suffix(".txt"))
        runs.append(json.loads(out.with_suffix(".json").read_text(encoding="utf-8")))
    spent = {stage: median(run[stage] for run in runs) for stage in runs[0]}
    table = Table("stage", title="Where it goes", title_justify="left")
    for heading in ("processor", "share", "a track"):
        table.add_column(heading, justify="right")
    for stage, second in spent.items():
        share, each = second / sum(spent.values()), second / N_TRACKS
        table.add_row(stage, f"{second * 1e3:.0f} ms", f"{share:.0%}", f"{each * 1e6:.0f} µs")
    console.print(table)


if __name__ == "__main__":
    main()
