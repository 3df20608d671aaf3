"""The queue that processes of a host share."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
from tests.postgresql import PostgresqlServer

from cratewise.hosting.changes import conninfo
from cratewise.hosting.queue import Queue

AT_ONCE = 8


def test_processes_that_start_at_one_moment_make_its_tables_once(postgresql: PostgresqlServer) -> None:
    """All of them open a database that has none, and each can send."""
    url = postgresql.database()
    together = threading.Barrier(AT_ONCE)

    with ExitStack() as stack, ThreadPoolExecutor(AT_ONCE) as threads:

        def opened(_number: int) -> Queue:
            together.wait()
            return stack.enter_context(Queue(url))

        queues = list(threads.map(opened, range(AT_ONCE)))
        for number, queue in enumerate(queues):
            queue.send(f"account {number}")
    with psycopg.connect(conninfo(url)) as connection:
        found = connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()
    assert found == (AT_ONCE,)
