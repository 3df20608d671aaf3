"""The same job on Ray: a real cluster of several nodes on this machine."""

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars
import pytest

from cratewise.bulk.cluster import on_ray
from cratewise.bulk.job import PARTITIONS, Job
from cratewise.bulk.running import in_this_process, run
from cratewise.bulk.slices import Slice
from cratewise.errors import ClusterError, DataFileError, ModelError
from cratewise.model.classifier import Classifier
from cratewise.progress import silent

from .conftest import songs

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")]  # of its own code
JobOf = Callable[..., Job]
_SERVE = """
import sys
from ray.cluster_utils import Cluster

node = {"object_store_memory": 80_000_000}
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **node})
nodes = [cluster.add_node(num_cpus=1, **node) for _ in range(int(sys.argv[1]))]
print(cluster.address, flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes.pop(), allow_graceful=False)
    print("killed", flush=True)
cluster.shutdown()
"""


class Nodes:
    """A head without cores and nodes with one each, in a process of their own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.address = self._answer()

    def kill_one(self) -> None:
        """Kills a node with all that runs on it, as when its power fails."""
        assert self._process.stdin is not None
        print("kill", file=self._process.stdin, flush=True)
        assert self._answer() == "killed"

    def kill_worker(self, doing: bytes = b"") -> int:
        """Kills one of the processes that classify as soon as one is there, and gives its number.

        Args:
            doing: What it does, as Ray calls it: "__init__" while it loads the model.
        """
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    command = (folder / "cmdline").read_bytes()
                    if (
                        b"MapWorker" in command
                        and doing in command
                        and self._process.pid in ancestors(int(folder.name))
                    ):
                        os.kill(int(folder.name), signal.SIGKILL)
                        return int(folder.name)
                except OSError:
                    continue  # it has just ended
        raise AssertionError("no worker is there")

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def ancestors(pid: int) -> Iterator[int]:
    """The process that started a process, the one that started that, and so on."""
    while pid > 1:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        pid = int(words[1])
        yield pid


@pytest.fixture(scope="module")
def nodes(missing: Callable[[str], None]) -> Iterator[Nodes]:
    """The cluster of three nodes of all tests of this file; the last one takes a node away."""
    with _cluster(missing, "3") as nodes:
        yield nodes


@contextmanager
def _cluster(missing: Callable[[str], None], n_nodes: str, **settings: str) -> Iterator[Nodes]:
    if importlib.util.find_spec("ray") is None:  # not imported, which is for the product to do
        missing("Ray is not installed: pip install 'cratewise[ray]'")
    sources = str(Path(__file__).resolve().parents[2] / "src")
    environment = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"} | settings
    environment["PYTHONPATH"] = os.pathsep.join([sources, *filter(None, [os.environ.get("PYTHONPATH")])])
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, n_nodes],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        yield Nodes(process)
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def contents(out: Path) -> dict[str, bytes]:
    """Every partition, by its name."""
    return {path.name: path.read_bytes() for path in (out / PARTITIONS).iterdir()}


def test_ray_says_the_same_to_the_bit(
    catalogue: Path, job_of: JobOf, classifier: Classifier, nodes: Nodes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Partitions and counts are those of one process, byte for byte; Ray itself says nothing."""
    here, there = job_of(catalogue, "here"), job_of(catalogue, "there")
    first = run(here, in_this_process(classifier), silent)
    capfd.readouterr()
    assert run(there, on_ray(nodes.address), silent) == first
    assert contents(there.out) == contents(here.out)
    assert "".join(capfd.readouterr()) == ""


def test_what_cannot_be_read_costs_its_slice_alone(catalogue: Path, job_of: JobOf, nodes: Nodes) -> None:
    """As in one process: the others are there, and the report says which it was."""
    songs(100).write_parquet(catalogue / "a.parquet", compression="uncompressed", statistics=False)
    content = (catalogue / "a.parquet").read_bytes()
    (catalogue / "a.parquet").write_bytes(content[:4] + b"\xff" * 20 + content[24:])
    job = job_of(catalogue)
    report = run(job, on_ray(nodes.address), silent)
    assert len(report.damages) == 1
    assert "a.parquet, rows 1 to 100" in report.damages[0]
    assert polars.read_parquet(job.out / PARTITIONS).height == 130


@pytest.mark.parametrize("lack", ["input", "output", "model"])
def test_a_worker_that_lacks_something_ends_the_job_with_one_error(
    catalogue: Path, job_of: JobOf, nodes: Nodes, lack: str
) -> None:
    """It names the machine, what is not there, and what to do; here it was there when the work began."""
    job = job_of(catalogue)
    match lack:
        case "input":
            job = replace(job, files=tuple(replace(one, path=one.path.with_name("gone.parquet")) for one in job.files))
            said = r"on \S+: .*gone.parquet cannot be read"
        case "model":
            job, said = replace(job, model_version="another"), r"on \S+: the model here is"
        case _:
            said = r"on \S+: there is no folder"

    def engine(job: Job, todo: Sequence[Slice]) -> Iterator[object]:
        if lack == "output":
            (job.out / PARTITIONS).rmdir()
        return on_ray(nodes.address)(job, todo)

    with pytest.raises(ClusterError, match=said) as raised:
        run(job, engine, silent)  # type: ignore[arg-type] # it is the engine's own
    assert raised.value.hint
    assert not isinstance(raised.value, DataFileError | ModelError)


def test_the_command_takes_the_address_of_a_cluster(catalogue: Path, tmp_path: Path, nodes: Nodes) -> None:
    """With the option alone it starts a cluster of its own, which is gone afterwards."""
    for number, words in enumerate((["--ray", nodes.address], ["--ray"])):
        out = tmp_path / str(number)
        command = [sys.executable, "-m", "cratewise", "classify", *words, str(catalogue), "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "380 songs from catalogue, 2 Parquet files" in done.stdout
        assert [line for line in done.stderr.splitlines() if "Classifying" not in line] == [
            "Checking the input: 380 of 380 tracks, " + done.stderr.split("tracks, ")[1].split("\n")[0]
        ]
        assert polars.read_parquet(out / PARTITIONS)["track_id"].to_list() == [f"id{row}" for row in range(380)]


@pytest.mark.parametrize("version", ["its own", "another"])
def test_no_thread_of_ray_data_outlives_the_work(
    catalogue: Path, job_of: JobOf, nodes: Nodes, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """One that comes to Ray when Ray is shut down ends this process: after the last slice or an error."""
    job = job_of(catalogue)
    engine = on_ray(nodes.address)
    import ray

    threads: list[set[threading.Thread]] = []

    def noting(function: Callable[..., object], *, first: bool) -> Callable[..., None]:
        def call(*args: object, **options: object) -> None:
            if first:
                threads.append(set(threading.enumerate()))
            function(*args, **options)
            if not first:
                threads.append(set(threading.enumerate()))

        return call

    monkeypatch.setattr(ray, "init", noting(ray.init, first=False))
    monkeypatch.setattr(ray, "shutdown", noting(ray.shutdown, first=True))
    if version == "another":
        with pytest.raises(ClusterError, match="the model here is"):
            run(replace(job, model_version=version), engine, silent)
    else:
        run(job, engine, silent)
    at_its_start, at_its_end = threads
    assert at_its_end - at_its_start == set()


def test_what_ray_does_after_the_end_joins_no_cluster(nodes: Nodes) -> None:
    """Who asks for a block when all is over gets an error; Ray would look for a cluster to ask, and join it."""
    on_ray(nodes.address)
    import ray

    with pytest.raises(ray.exceptions.RaySystemError, match="not been started"):
        ray.wait([ray.ObjectRef.from_random()])
    assert not ray.is_initialized()


def test_a_worker_lost_while_it_starts_is_replaced(catalogue: Path, job_of: JobOf, nodes: Nodes) -> None:
    """It has done nothing yet, so it costs nothing but the time until another stands."""
    job = job_of(catalogue)
    killed: list[int] = []
    killer = threading.Thread(target=lambda: killed.append(nodes.kill_worker(b"__init__")))
    killer.start()
    report = run(job, on_ray(nodes.address), silent)
    killer.join()
    assert killed
    assert (report.counts.tally.n_tracks, report.damages) == (380, ())


def test_a_cluster_that_asks_for_a_token_gets_it_from_whoever_is_told_to_give_it(
    catalogue: Path, tmp_path: Path, missing: Callable[[str], None]
) -> None:
    """Whoever isn't is told how: `ray start` asks for one as soon as there is one on its machine."""
    given = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
    with _cluster(missing, "1", **given) as nodes:
        command = [sys.executable, "-m", "cratewise", "classify", str(catalogue), "--out", str(tmp_path / "out")]
        command += ["--ray", nodes.address]
        for lacking in ({}, {"RAY_AUTH_MODE": "token", "HOME": str(tmp_path)}):  # the word, the token itself
            environment = os.environ | {"RAY_NUM_REDIS_GET_RETRIES": "2"} | lacking  # seconds that Ray goes on trying
            refused = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            assert refused.returncode == 1
            assert f"the Ray cluster at {nodes.address} doesn't let this machine in" in refused.stderr
            assert "RAY_AUTH_MODE=token" in refused.stderr
            assert "Traceback" not in refused.stderr
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | given)
        assert done.returncode == 0, done.stderr
    assert polars.read_parquet(tmp_path / "out" / PARTITIONS).height == 380


def test_a_lost_worker_and_a_lost_node_cost_only_what_they_had_not_done(
    tmp_path: Path, job_of: JobOf, classifier: Classifier, nodes: Nodes
) -> None:
    """In the middle a worker is killed, then a node: every row is there once, and what was done stays as it was."""
    songs(6000).write_parquet(tmp_path / "songs.parquet")
    job = job_of(tmp_path / "songs.parquet")
    killed: list[int] = []
    early: dict[Path, int] = {}

    def tell(_stage: str, done: int, total: int | None) -> None:
        if done >= 1000 and not killed:
            killed.append(nodes.kill_worker())
        if done >= 2000 and not early:
            early.update({path: path.stat().st_mtime_ns for path in (job.out / PARTITIONS).iterdir()})
            nodes.kill_one()

    report = run(job, on_ray(nodes.address), tell)
    assert killed
    assert len(early) >= 20
    assert len(early) < 60
    assert (report.n_partitions, report.damages) == (60, ())
    assert {path: path.stat().st_mtime_ns for path in early} == early
    assert report.counts.tally.n_tracks == 6000
    assert polars.read_parquet(job.out / PARTITIONS)["track_id"].to_list() == [f"id{row}" for row in range(6000)]
    assert sorted(path.name for path in job.out.iterdir()) == [".lock", "manifest.json", PARTITIONS]
    here = replace(job, out=tmp_path / "here")
    assert run(here, in_this_process(classifier), silent).counts == report.counts
    assert contents(here.out) == contents(job.out)


def test_a_cluster_that_is_not_there_is_one_clear_error(catalogue: Path, job_of: JobOf) -> None:
    """An address that is none at once, one where nothing answers after a while; nothing is written then."""
    for address in ("ray://127.0.0.1:10001", "somewhere"):
        with pytest.raises(ClusterError, match="is no address of a Ray cluster"):
            on_ray(address)
    with pytest.raises(ClusterError, match=r"there is no Ray cluster at 127\.0\.0\.1:1 "):
        run(job_of(catalogue), on_ray("127.0.0.1:1"), silent)
