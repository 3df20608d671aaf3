"""The engine of many machines: the same slices on Ray Data, each worker writing its partitions itself."""

import io
import logging
import os
import re
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cratewise.bulk.inputs import DamagedError
from cratewise.bulk.job import Job
from cratewise.bulk.partition import Counts
from cratewise.bulk.running import Engine, Outcome
from cratewise.bulk.slices import Slice
from cratewise.errors import ClusterError, CratewiseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Batch = dict[str, NDArray[np.object_]]

LOCAL = "local"
"""The address that stands for a cluster of this machine alone, which ends with the job."""
STORE_BYTES = 100_000_000
"""Of a local cluster: rows never go through Ray's store, only numbers of slices and what came of them."""
_ADDRESS = re.compile(r"auto|local|[^\s/:]+:\d+")
_PATIENCE_S = 10
_LONGEST_REASON = 300
_OBJECTS_BETWEEN_SEARCHES = 100_000  # as in `cli.program`
_LOST_WHILE_STARTING = 20
"""Workers, one after the other: so many may be on a machine that is lost, and who lost more has another reason."""
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anybody
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # silences a warning about what will be the default
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # what is wrong is in the exception
    # Whatever asks Ray for something when all is over joins a cluster for that otherwise, and the process dies when
    # that cluster ends.
    "RAY_ENABLE_AUTO_CONNECT": "0",
}


def on_ray(address: str) -> Engine:
    """The engine of a Ray cluster.

    Args:
        address: "local", "auto" (the cluster that this machine belongs to) or HOST:PORT of a cluster's head.

    Raises:
        ClusterError: Ray is not installed, or the address is none.
    """
    if not _ADDRESS.fullmatch(address):
        hint = "Name HOST:PORT of its head (the port is 6379 as a rule), on a machine that belongs to the cluster."
        raise ClusterError(f"{address!r} is no address of a Ray cluster", hint=hint)
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import ray.data  # noqa: F401 # that it can be
    except ImportError as error:
        hint = "Install the extra: pip install 'cratewise[ray]'."
        raise ClusterError(f"Ray is not installed ({error.name} is missing)", hint=hint) from error

    def work(job: Job, todo: Sequence[Slice]) -> Iterator[Outcome]:
        by_number = {piece.number: piece for piece in todo}
        with _connected(address), closing(_unheard(_outcomes(job, todo))) as outcomes:
            for found in outcomes:
                if found["error"]:
                    raise ClusterError(f"on {found['machine']}: {found['error']}", hint=found["hint"])
                counts = None if found["damage"] else Counts.from_json(found["counts"])
                yield Outcome(by_number[int(found["number"])], counts, found["damage"])

    return work


class RayWorker:
    """A worker of the pool: one process with one core, which loads the model once."""

    def __init__(self, job: Job) -> None:
        import gc

        gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
        os.environ["POLARS_MAX_THREADS"] = "1"  # as many as the cores it was given; Ray sets the same for numpy
        from cratewise.bulk.worker import Worker

        self._refusal: CratewiseError | None = None
        try:
            self._worker = Worker(job)
        except CratewiseError as error:
            self._refusal = error  # raised here, Ray would start worker after worker
        self._by_number = {piece.number: piece for piece in job.slices}

    def __call__(self, batch: "Batch") -> "Batch":
        """Does the slices of a batch, which is one as a rule; gives one row each, and raises nothing of its own."""
        import numpy

        found = [self._do(self._by_number[int(number)]) for number in batch["number"]]
        return {name: numpy.array([row[name] for row in found], dtype=object) for name in found[0]}

    def _do(self, piece: Slice) -> dict[str, Any]:
        from platform import node

        row = {"number": piece.number, "counts": "", "damage": "", "error": "", "hint": "", "machine": node()}
        try:
            if self._refusal:
                raise self._refusal
            return row | {"counts": self._worker.classify(piece).to_json()}
        except DamagedError as error:
            return row | {"damage": str(error)}
        except CratewiseError as error:
            return row | {"error": str(error), "hint": error.hint}


@contextmanager
def _connected(address: str) -> Iterator[None]:
    import ray
    from ray.exceptions import RayError

    _require_somebody(address)
    of_own: dict[str, Any] = {}
    if address == LOCAL:  # nobody else's, and not to be reached from elsewhere
        of_own = {"include_dashboard": False, "object_store_memory": STORE_BYTES, "_node_ip_address": "127.0.0.1"}
    try:
        with _silence():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **of_own)
    except (RayError, ConnectionError, ValueError, RuntimeError, OSError, TimeoutError) as error:
        if ":" in address:  # where somebody listens
            raise _not_let_in(address, error) from error
        raise _no_cluster(address, error) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing on standard error: Ray's core writes there, past Python, that it was told to be quiet."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _require_somebody(address: str) -> None:
    """Finds out whether anybody listens at an address: Ray would ask for ever."""
    host, _, port = address.rpartition(":")
    if not host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE_S).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> ClusterError:
    return ClusterError(
        f"there is no Ray cluster at {address} ({_reason(error)})",
        hint="Start one with `ray start --head`, check the address, or leave it out: --ray alone needs none.",
    )


def _not_let_in(address: str, error: Exception) -> ClusterError:
    """An error that tells of tokens: Ray gives its own only where it is told to, if an address is named."""
    return ClusterError(
        f"the Ray cluster at {address} doesn't let this machine in ({_reason(error)})",
        hint="If it asks for a token, as one begun with `ray start` does where a token is in ~/.ray/auth_token, set "
        "RAY_AUTH_MODE=token and have the same token here. Else see that this machine belongs to it and has its Ray.",
    )


def _unheard(found: Generator[dict[str, Any]]) -> Generator[dict[str, Any]]:
    """The same, while Ray's own words on standard output, pages of its logs where a node is lost, go nowhere."""
    with closing(found):
        while True:
            with redirect_stdout(io.StringIO()):
                one = next(found, None)
            if one is None:
                return
            yield one


def _outcomes(job: Job, todo: Sequence[Slice]) -> Generator[dict[str, Any]]:
    """What became of each slice, as soon as it is known."""
    import ray
    from ray.data import ActorPoolStrategy, DataContext
    from ray.data.block import BlockAccessor
    from ray.exceptions import RayError

    context = DataContext.get_current()
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what is wrong is in the exception
    context.max_consecutive_actor_init_deaths = _LOST_WHILE_STARTING
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    n_workers = max(1, min(int(ray.cluster_resources().get("CPU", 1)), len(todo)))
    numbers = ray.data.from_items([{"number": piece.number} for piece in todo], override_num_blocks=len(todo))
    work = numbers.map_batches(
        RayWorker,
        fn_constructor_args=(job,),
        batch_size=1,
        num_cpus=1,
        # Not of a fixed size: what was on a lost node is done by another worker's core, once that one is let go.
        compute=ActorPoolStrategy(
            min_size=1, max_size=n_workers, initial_size=n_workers, max_tasks_in_flight_per_actor=2
        ),
    )
    try:
        # Not iter_rows(): its threads outlast it, and one that comes to Ray when it is shut down ends this process.
        for bundle in work.iter_internal_ref_bundles():
            for block in ray.get(list(bundle.block_refs)):
                yield from BlockAccessor.for_block(block).iter_rows(public_row_format=True)
    except RayError as error:
        hint = "The partitions that are there are whole: the same command goes on from there."
        if os.environ.get("RAY_AUTH_MODE") == "token":  # which Ray sets, too, where a token lies in ~/.ray
            hint += " If none was ever made: a cluster that asks for no token needs RAY_AUTH_MODE=disabled."
        raise ClusterError(f"the cluster gave up ({_reason(error)})", hint=hint) from error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
