"""What a catalogue costs: tracks a second, memory by size, by worker count on Ray, and where the time goes.

`make bench`, or `python scripts/bench_catalogue.py --rows 1000000 10000000 --workers 1 2`. The rows are the dataset's
over and over, each time with other titles and albums, since what was seen before is looked up faster. Every measurement
is a process of its own. It only reports; `docs/scale.md` says what follows from it.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cratewise.cli.program import OBJECTS_BETWEEN_SEARCHES

if TYPE_CHECKING:
    from rich.console import Console

SHARED = Path(os.environ.get("CRATEWISE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
ROW_GROUP = 122_880
"""Rows of a row group, as DuckDB writes them."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
CATALOGUE = 250_000_000
SLICE_ROWS, RAY_SLICE_ROWS = 65_536, 16_384
"""Rows of a slice: as the command cuts, and smaller on Ray, so that every worker does several."""
STAGES = ("read", "tracks", "words and look-ups", "network", "genres and reasons", "columns", "write and sync")


def make(tracks: Path, n_rows: int, path: Path) -> None:
    """Writes rows of the dataset again and again; a copy's titles and albums have its number behind them."""
    import polars

    rows = polars.scan_csv(tracks).drop("", strict=False)
    n_known = rows.select(polars.len()).collect().item()
    names = polars.col("track_name", "album_name")
    copies = [rows.with_columns(names + f" {copy}") for copy in range(-(-n_rows // n_known))]
    polars.concat(copies).head(n_rows).sink_parquet(path, row_group_size=ROW_GROUP)


def measure(source: Path, out: Path, address: str, slice_rows: int, n_workers: int) -> dict[str, float]:
    """Does a job, here or on a cluster.

    Returns:
        `all_s`, seconds of all of it; `first_s`, until the first slice was done; from the moment when each worker had
        done one to the end, `pace`, tracks a second, and `processor_us`, what a track took of the processor in this
        process and the workers; `worker_mb`, the memory of the largest worker.
    """
    from cratewise.bulk.cluster import on_ray
    from cratewise.bulk.inputs import find_inputs
    from cratewise.bulk.job import Job, Options
    from cratewise.bulk.running import in_this_process, run
    from cratewise.classification import LEAST_CONFIDENCE
    from cratewise.model.classifier import Classifier
    from cratewise.progress import silent

    classifier = Classifier.load()
    files, options = find_inputs(source, silent), Options(None, False, LEAST_CONFIDENCE)
    job = Job(files, out, options, None, classifier.version, slice_rows)
    moments: list[tuple[float, int, float]] = []
    workers = Workers()
    if address != "here":
        workers.start()
    engine = in_this_process(classifier) if address == "here" else on_ray(address)

    def tell(_stage: str, done: int, _total: int | None) -> None:
        processor_s = time.process_time() + sum(workers.processor_s.values())
        moments.append((time.perf_counter(), done, processor_s))

    run(job, engine, tell)
    (start, _, _), (first, _, _), (end, n_all, processor_s) = moments[0], moments[1], moments[-1]
    under_way, n_before, before_s = moments[min(n_workers, len(moments) - 2)]
    return {
        "first_s": first - start,
        "all_s": end - start,
        "pace": (n_all - n_before) / (end - under_way),
        "processor_us": (processor_s - before_s) / (n_all - n_before) * 1e6,
        "worker_mb": workers.megabytes,
    }


def stages(source: Path, out: Path) -> dict[str, float]:
    """Seconds of the processor that one process spends on each stage; for a fresh process."""
    from cratewise.bulk import worker
    from cratewise.model.classifier import Classifier

    spent = dict.fromkeys(STAGES, 0.0)
    inner: list[float] = [0.0]

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time without that of the timed ones that it calls."""

        def call(*arguments: Any, **options: Any) -> Any:
            start = time.process_time()
            inner.append(0.0)
            answer = function(*arguments, **options)
            took = time.process_time() - start
            spent[stage] += took - inner.pop()
            inner[-1] += took
            return answer

        return call

    patches = (
        (worker, "read_rows", "read"),
        (worker, "tracks_in_frame", "tracks"),
        (Classifier, "_inputs", "words and look-ups"),
        (Classifier, "answers", "network"),
        (Classifier, "verdicts", "genres and reasons"),
        (worker, "columns_of", "columns"),
        (worker, "write_partition", "write and sync"),
    )
    for owner, name, stage in patches:
        setattr(owner, name, timed(stage, getattr(owner, name)))
    measure(source, out, "here", SLICE_ROWS, 1)
    return spent


@contextmanager
def cluster(n_workers: int) -> Iterator[str]:
    """A Ray cluster of this machine, its head without cores and a node for each worker; gives its address."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    node = {"object_store_memory": 80_000_000}
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **node})
    for _ in range(n_workers):
        made.add_node(num_cpus=1, **node)
    try:
        yield made.address
    finally:
        made.shutdown()


class Workers(threading.Thread):
    """Looks four times a second what the Ray workers of this machine have taken; Linux alone knows."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes = 0.0
        self.processor_s: dict[str, float] = {}

    def run(self) -> None:
        """Looks until the process ends."""
        ticks = os.sysconf("SC_CLK_TCK")
        while True:
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    if b"MapWorker" in (folder / "cmdline").read_bytes():
                        times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
                        self.processor_s[folder.name] = sum(map(int, times)) / ticks
                        lines = (folder / "status").read_text().splitlines()
                        peak = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
                        self.megabytes = max(self.megabytes, int(peak) / 1e3)
                except OSError:
                    continue  # it has just ended
            time.sleep(0.25)


def child(*words: object) -> tuple[dict[str, float], float, float]:
    """Runs this script with these words in a process of its own: what it answered, processor seconds, peak MB."""
    reading, writing = os.pipe()
    to_pipe = [(os.POSIX_SPAWN_DUP2, writing, 1)]
    arguments = [sys.executable, __file__, "--step", *map(str, words)]
    pid = os.posix_spawn(sys.executable, arguments, os.environ | ONE_THREAD, file_actions=to_pipe)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"`python {' '.join(map(str, arguments[1:]))}` failed.")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return json.loads(said.splitlines()[-1]), used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=Path, default=SHARED / "data" / "spotify_tracks.csv", help="the dataset")
    parser.add_argument("--rows", type=int, nargs="+", default=[262_144, 524_288], help="sizes for one process")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, os.cpu_count() or 1], help="workers on Ray")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        step(*given.step)
        return
    if not given.tracks.is_file():
        sys.exit(
            f"There is no dataset at {given.tracks}.\n"
            "Fetch it: cratewise dataset download --out tracks.csv; then: make bench TRACKS=tracks.csv"
        )
    with tempfile.TemporaryDirectory() as folder:
        show(given.tracks, sorted(given.rows), sorted(set(given.workers)), Path(folder))


def step(name: str, *words: str) -> None:
    """One step in a process of its own; what it found is the last line it prints."""
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)  # as the command and Ray's workers have it
    if name == "make":
        make(Path(words[0]), int(words[1]), Path(words[2]))
        found = {}
    elif name == "stages":
        found = stages(Path(words[0]), Path(words[1]))
    else:
        found = measure(Path(words[0]), Path(words[1]), words[2], int(words[3]), int(words[4]))
    print(json.dumps(found))


def show(tracks: Path, sizes: list[int], workers: list[int], folder: Path) -> None:
    """Measures all and prints it."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    inputs = {n_rows: folder / f"rows-{n_rows}.parquet" for n_rows in sizes}
    table = Table(title="One process", title_justify="left")
    for heading in ("tracks", "clock", "processor", "tracks/s", "peak memory"):
        table.add_column(heading, justify="right", no_wrap=True)
    for n_rows, path in inputs.items():
        child("make", tracks, n_rows, path)
        with console.status(f"{n_rows:,} tracks in one process"):
            found, processor_s, megabytes = child("measure", path, folder / f"out-{n_rows}", "here", SLICE_ROWS, 1)
        pace, clock_s = n_rows / found["all_s"], f"{found['all_s']:.1f} s"
        table.add_row(f"{n_rows:,}", clock_s, f"{processor_s:.1f} s", f"{pace:,.0f}", f"{megabytes:.0f} MB")
    console.print(table)
    smallest = inputs[sizes[0]]
    if workers:
        show_workers(console, smallest, workers, folder)
    show_stages(console, smallest, folder)


def show_workers(console: "Console", source: Path, workers: list[int], folder: Path) -> None:
    """Prints the pace on Ray by how many workers there are, each against one process just before and after it."""
    from rich.table import Table

    def alone(turn: int) -> dict[str, float]:
        with console.status("One process"):
            return child("measure", source, folder / f"out-turn-{turn}", "here", RAY_SLICE_ROWS, 1)[0]

    table = Table(title=f"On Ray, in slices of {RAY_SLICE_ROWS:,}, in turns with one process", title_justify="left")
    for heading in ("workers", "first slice", "tracks/s", "a worker", "processor a track", "memory of a worker"):
        table.add_column(heading, justify="right")

    def add(name: str, n_workers: int, found: dict[str, float], memory: str = "") -> None:
        pace = found["pace"]
        each = (f"{pace:,.0f}", f"{pace / n_workers:,.0f}", f"{found['processor_us']:.0f} µs")
        table.add_row(name, f"{found['first_s']:.1f} s", *each, memory)

    add("one process", 1, alone(0))
    for turn, n_workers in enumerate(workers, 1):
        with console.status(f"{n_workers} workers on Ray"), cluster(n_workers) as address:
            found, *_ = child("measure", source, folder / f"out-ray-{turn}", address, RAY_SLICE_ROWS, n_workers)
        add(str(n_workers), n_workers, found, f"{found['worker_mb']:.0f} MB")
        add("one process", 1, alone(turn))
    console.print(table)
    console.print("What Ray adds: the seconds until the first slice, and the processor's time beyond one process.\n")


def show_stages(console: "Console", source: Path, folder: Path) -> None:
    """Prints where the time of one process goes, what goes in and out, and what a catalogue comes to."""
    import polars
    from rich.table import Table

    out = folder / "out-stages"
    spent, *_ = child("stages", source, out)
    n_rows = polars.scan_parquet(source).select(polars.len()).collect().item()
    table = Table("stage", title="Where the processor's time goes", title_justify="left")
    for heading in ("share", "a track"):
        table.add_column(heading, justify="right")
    for stage, second in spent.items():
        table.add_row(stage, f"{second / sum(spent.values()):.0%}", f"{second / n_rows * 1e6:.1f} µs")
    console.print(table)
    each_s = sum(spent.values()) / n_rows
    n_out = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    console.print(
        f"A track is {source.stat().st_size / n_rows:.0f} bytes of the input and {n_out / n_rows:.0f} of the output. "
        f"{CATALOGUE:,} tracks of {each_s * 1e6:.0f} µs are {each_s * CATALOGUE / 3600:.1f} hours of one core."
    )


if __name__ == "__main__":
    main()
