"""A host under load: many accounts read, sorted and written at once, and how long pages take meanwhile.

Everything is real and on this machine: a PostgreSQL of its own, one web process, the workers, and the stand-in for
Spotify with its rolling rate window. Prints what was done, whether every account came out exact, whether a call was
sent that Spotify had asked to wait with, and the median and 95th percentile of page and API calls under that load.

    python scripts/load_host.py --accounts 200 --songs 2000 --workers 2
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.postgresql import PostgresqlServer, programs

from cratewise import workflows
from cratewise.hosting.host import Host
from cratewise.settings import Settings
from cratewise.spotify.sandbox.demo_crowd import demo_account_of
from cratewise.spotify.sandbox.server import SandboxServer
from cratewise.spotify.sandbox.store import Store
from cratewise.web.server import listen

APP = "c" * 32
PAGES = ("/", "/genres", "/songs", "/history", "/api/state", "/api/songs", "/api/review")
GRACE_S = 1.0
"""Calls this soon after a 429 were under way already when it came."""
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in.

    Attributes:
        number: Of the account in the stand-in.
        session: The session's cookie.
    """

    number: int
    session: str


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of our own, and the address of a database in it."""
    found = programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed.")
    server = PostgresqlServer.make(found)
    try:
        yield server.database()
    finally:
        server.remove()


def started(stack: ExitStack, settings: Settings, *arguments: str) -> None:
    """Starts a command of cratewise that runs until the end of the stack."""
    environment = {
        **os.environ,
        "CRATEWISE_DATABASE_URL": settings.library_url,
        "CRATEWISE_DATA_DIR": str(settings.data_dir),
        "CRATEWISE_SPOTIFY_CLIENT_ID": settings.spotify_client_id,
        "CRATEWISE_SPOTIFY_API_URL": settings.spotify_api_url,
        "CRATEWISE_SPOTIFY_ACCOUNTS_URL": settings.spotify_accounts_url,
        "CRATEWISE_SOURCES": "none",
        "CRATEWISE_USE_KEYRING": "false",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "cratewise", *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    stack.callback(process.wait, PATIENCE_S)
    stack.callback(process.terminate)


def log_in(url: str, stores: tuple[Store, ...], number: int) -> Person:
    """Logs somebody in who allows writing."""
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        address = client.post("/api/login", json={"writing": True}).json()["address"]
        address += f"&person={stores[number - 1].account.person.id}"
        client.get(httpx.post(address, data={"decision": "approve"}).headers["location"])
        return Person(number, client.cookies["account"])


def order_sort(url: str, person: Person) -> None:
    """Orders that the account is read and its songs are sorted."""
    with httpx.Client(base_url=url, timeout=PATIENCE_S, cookies={"account": person.session}) as client:
        client.post("/api/jobs/sort").raise_for_status()


def order_writing(url: str, person: Person) -> None:
    """Orders that the playlists of the preview are written."""
    with httpx.Client(base_url=url, timeout=PATIENCE_S, cookies={"account": person.session}) as client:
        page = client.get("/preview").text
        found = re.search(r"data-action=\"/api/jobs/apply\" data-body='([^']+)'", page)
        if found is None:
            raise SystemExit(f"The preview of account {person.number} has nothing to write.")
        client.post("/api/jobs/apply", json=json.loads(found.group(1))).raise_for_status()


def visit(url: str, sessions: list[str], every_s: float, until: "multiprocessing.synchronize.Event", told: str) -> None:
    """Looks at pages of one account after the other until it is told to end, and writes down how long each took."""
    chance = random.Random(0)  # noqa: S311 (whose turn it is, is no secret)
    took: dict[str, list[float]] = defaultdict(list)
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        while not until.is_set():
            path = chance.choice(PAGES)
            headers = {"cookie": f"account={chance.choice(sessions)}"}
            began_s = time.perf_counter()
            client.get(path, headers=headers)
            took[path].append(time.perf_counter() - began_s)
            time.sleep(every_s)
    Path(told).write_text(json.dumps(took))


def wait_for_all(host: Host, what: str, n_accounts: int) -> float:
    """Waits until no job is left, and gives the seconds that took."""
    began_s = time.monotonic()
    while left := len(host.board.active()):
        print(f"\r{what}: {n_accounts - left} of {n_accounts}", end="", flush=True)
        time.sleep(1)
    took_s = time.monotonic() - began_s
    print(f"\r{what}: {n_accounts} accounts in {took_s:.0f} s")
    return took_s


def inexact(host: Host, store: Store) -> list[str]:
    """What is not as it should be with an account after all is written."""
    account = store.account
    with host.application(account.account_id) as app:
        job = host.board.of(account.account_id)
        wrong = [] if job and job.state.status == "done" else [f"job: {job and job.state.message}"]
        if not workflows.make_plan(app, workflows.current_rules(app)).is_empty:
            wrong.append("something is left to write")
        managed = app.library.playlists.managed(account.account_id)
        liked = {saved.uri for saved in account.saved}
    there = {one.id: [entry.uri for entry in one.entries] for one in account.playlists.values() if one.is_followed}
    made = [
        playlist_id for playlist_id, one in account.playlists.items() if one.made_at is not None and one.is_followed
    ]
    if sorted(made) != sorted(one.playlist_id for one in managed):
        wrong.append(f"{len(made)} playlists for {len(managed)}")
    songs = [uri for one in managed for uri in there.get(one.playlist_id, [])]
    if len(songs) != len(set(songs)) or not set(songs) <= liked:
        wrong.append("a song is in twice, or is not liked")
    if any(list(one.contents) != there.get(one.playlist_id) for one in managed):
        wrong.append("a playlist holds something else than is thought")
    return wrong


def percentile(values: list[float], share: float) -> float:
    """The value that so many are not above, in milliseconds."""
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Runs the load and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--songs", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=2, help="accounts that a worker works for at the same time")
    parser.add_argument("--window", type=int, default=3000, help="calls that the stand-in takes in any 30 s")
    parser.add_argument("--every", type=float, default=0.2, help="seconds between two looks at a page")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = SandboxServer.with_accounts(
            given.accounts, partial(demo_account_of, n_songs=given.songs), calls_per_window=given.window
        )
        stack.enter_context(sandbox)
        with listen("127.0.0.1", 0) as free:
            port = free.getsockname()[1]
        settings = Settings(
            data_dir=folder / "data",
            database_url=stack.enter_context(postgresql()),
            spotify_client_id=APP,
            spotify_api_url=sandbox.api_url,
            spotify_accounts_url=sandbox.accounts_url,
            port=port,
        )
        host = stack.enter_context(Host(settings))
        started(stack, settings, "web", "--port", str(port))
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
            client.get(f"{url}/ready").raise_for_status()
        with ThreadPoolExecutor(8) as pool:
            people = list(pool.map(partial(log_in, url, sandbox.stores), range(1, given.accounts + 1)))
        for _ in range(given.workers):
            started(stack, settings, "worker", "--at-once", str(given.at_once))
        until = multiprocessing.get_context("spawn").Event()
        told = folder / "visits.json"
        visitor = multiprocessing.get_context("spawn").Process(
            target=visit, args=(url, [one.session for one in people], given.every, until, str(told))
        )
        visitor.start()
        began_s = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(partial(order_sort, url), people))
            wait_for_all(host, "read and sorted", given.accounts)
            list(pool.map(partial(order_writing, url), people))
            wait_for_all(host, "written", given.accounts)
        took_s = time.monotonic() - began_s
        until.set()
        visitor.join(PATIENCE_S)
        wrong = {store.account.person.id: found for store in sandbox.stores if (found := inexact(host, store))}
        traffic = sandbox.traffic
        early = [one for one in traffic.early_calls if one.after_s > GRACE_S]
        print(f"{given.accounts} accounts of {given.songs} songs on {given.workers} workers: {took_s:.0f} s")
        print(f"exact: {given.accounts - len(wrong)} of {given.accounts}")
        for who, found in list(wrong.items())[:5]:
            print(f"  {who}: {'; '.join(found)}")
        print(f"calls: {sum(traffic.calls.values()):,}, of which the rate window refused {traffic.n_refused:,}")
        print(f"calls more than {GRACE_S:.0f} s after a 429, before its wait was over: {len(early)}")
        print("under that load, in ms (median, 95 %):")
        for path, took in sorted(json.loads(told.read_text()).items()):
            print(
                f"  {path:12} {statistics.median(took) * 1000:7.0f} {percentile(took, 0.95):7.0f}   ({len(took)} calls)"
            )
        if wrong or early:
            sys.exit(1)


if __name__ == "__main__":
    main()
