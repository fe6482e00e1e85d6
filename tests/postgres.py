"""A plugin: a real PostgreSQL on loopback, started once for a test session, and databases in it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from kodosumi.cluster.ports import free_port

START = 60.0
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


class Server:
    """A PostgreSQL in a temporary folder, run by a user without rights."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.port = free_port(24_000 + os.getpid() % 5_000)
        self._programs = programs
        self._folder = folder
        self._log = folder / "server.log"
        self._user = _unprivileged()
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the folder of its data."""
        if self._user:
            shutil.chown(self._folder, self._user)
        command = ["initdb", "-D", "data", "-A", "trust", "-U", "kodo", "-E", "UTF8", "--no-sync"]
        self._run(*command, "--locale=C.UTF-8")

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = [word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}")]
        command = [self._programs / "postgres", "-D", "data", "-p", str(self.port), *options]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdout=log, stderr=log, user=self._user
            )
        until = time.monotonic() + START
        while self._ask("SELECT 1").returncode:
            assert self._process.poll() is None, self._log.read_text()[-2000:]
            assert time.monotonic() < until, "PostgreSQL does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        """End it at once, with all connections."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"test{next(self._numbers)}"
        done = self._ask(f"CREATE DATABASE {name}")
        assert not done.returncode, done.stderr
        return f"postgresql+asyncpg://kodo@127.0.0.1:{self.port}/{name}"

    def run(self, url: str, sql: str) -> str:
        """Run `sql` as somebody else would; return what it prints."""
        done = self._ask(sql, url.rpartition("/")[2])
        assert not done.returncode, done.stderr
        return done.stdout.strip()

    def _ask(self, sql: str, database: str = "postgres") -> subprocess.CompletedProcess[str]:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "kodo", "-d", database]
        command = [self._programs / "psql", *where, "-AtXqc", sql]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def _run(self, program: str, *words: str) -> None:
        command = [self._programs / program, *words]
        subprocess.run(command, cwd=self._folder, user=self._user, check=True, capture_output=True)


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    here = shutil.which("initdb")
    if not found and here is None:
        pytest.fail("There is no PostgreSQL server: run scripts/postgres.sh", pytrace=False)
    return (found[-1] if found else Path(here or "")).parent


def _unprivileged() -> str | None:
    """Return whom to run it as; PostgreSQL refuses to be run by root."""
    return "nobody" if os.getuid() == 0 else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="koco-pg-", ignore_cleanup_errors=True) as folder:
        server = Server(_programs(), Path(folder))
        server.make()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres: Server) -> str:
    """The URL of an empty database."""
    return postgres.database()
