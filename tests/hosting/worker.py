"""A worker in a process of its own, which a test can kill."""

import json
import sys

from tests.hosting.conftest import QUICK, SixGenres

from cratewise.hosting.host import Host
from cratewise.hosting.worker import Worker
from cratewise.settings import Settings


def main() -> None:
    """Works with the settings that come in, until it is told to end."""
    with Host(Settings(**json.load(sys.stdin)), load_classifier=SixGenres) as host:
        print("working", flush=True)
        Worker(host, QUICK).run(at_once=2)
