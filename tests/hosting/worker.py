"""A worker in a process of its own, which a test can kill."""

import json
import sys
from datetime import timedelta

from tests.hosting.conftest import QUICK, SixGenres, clock_ahead

from cratewise.hosting.host import Host
from cratewise.hosting.worker import Worker
from cratewise.settings import Settings


def main() -> None:
    """Works with the settings that come in, by a clock that is so many seconds ahead, until it is told to end."""
    now = clock_ahead(timedelta(seconds=float(sys.argv[1])))
    with Host(Settings(**json.load(sys.stdin)), load_classifier=SixGenres, now=now) as host:
        print("working", flush=True)
        Worker(host, QUICK).run(at_once=2)
