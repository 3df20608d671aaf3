"""A PostgreSQL server of the tests' own, in a temporary folder, that nobody else can reach."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

USER = "cratewise"
PORT = 5432  # only a part of the socket's name

# Without waiting for the disk; the library itself asks for commits that outlive the server.
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0")

_END = 'read -r _; kill -QUIT "$(head -n 1 data/postmaster.pid)"; rm -rf "$PWD"'


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest there is; `None` where PostgreSQL is not installed."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    of_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return of_debian[-1].parent if of_debian else None


class PostgresqlServer:
    """A running server; its time zone is nobody's, so that no moment is right by chance.

    Attributes:
        folder: Where its socket is.
    """

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder = folder
        self.password = secrets.token_urlsafe(12)
        self._bin = bin_folder
        self._data = folder / "data"
        self._number = 0
        # Ends the server when told so, and also when the tests were killed: its input is closed then.
        self._end = subprocess.Popen(
            ["/bin/sh", "-c", _END],
            cwd=folder,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @classmethod
    def make(cls, bin_folder: Path) -> Self:
        """Makes the server's files and starts it."""
        server = cls(Path(tempfile.mkdtemp(prefix="cratewise-pg-")), bin_folder)
        password = server.folder / "password"
        password.write_text(server.password)
        if (user := _other_user()) is not None:
            shutil.chown(server.folder, user)
            shutil.chown(password, user)
        options = [f"--pwfile={password}", "--auth=scram-sha-256", f"--username={USER}", "--no-sync"]
        server._run("initdb", f"--pgdata={server._data}", "--encoding=UTF8", "--locale=C.UTF-8", *options)
        server.start()
        return server

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = [*_FAST, f"unix_socket_directories={self.folder}", "listen_addresses=", f"port={PORT}"]
        settings += ["timezone=Asia/Kathmandu", "log_min_messages=panic", "max_connections=100"]
        options = " ".join(f"-c {setting}" for setting in settings)
        self._run("pg_ctl", "start", "--wait", "--silent", "-D", str(self._data), "-l", "/dev/null", "-o", options)

    def stop(self, *, at_once: bool = False) -> None:
        """Stops it; `at_once` as if it had been killed."""
        mode = "immediate" if at_once else "fast"
        self._run("pg_ctl", "stop", "--wait", "--silent", "-D", str(self._data), "-m", mode)

    def remove(self) -> None:
        """Stops it for good, and removes its files."""
        self._end.communicate()

    def database(self, *, options: str = "") -> str:
        """Makes an empty database and gives its address."""
        self._number += 1
        name = f"library_{self._number}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def url(self, database: str, *, user: str = USER, password: str = "") -> str:
        """The address of a database."""
        return f"postgresql://{user}:{password or self.password}@/{database}?host={self.folder}&port={PORT}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Runs one statement as the server's administrator."""
        connection = psycopg.connect(
            host=str(self.folder), port=PORT, dbname=database, user=USER, password=self.password, autocommit=True
        )
        with connection:
            connection.execute(sql.SQL(statement))  # type: ignore[arg-type]

    def _run(self, program: str, *arguments: str) -> None:
        user = _other_user()
        subprocess.run(
            [self._bin / program, *arguments],
            check=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server runs
            stderr=subprocess.DEVNULL,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
        )


def _other_user() -> str | None:
    """Who the server runs as: PostgreSQL refuses root, and Debian's package makes a user for it."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody"
