"""Panels and spoolers in special places, and nodes that join a Ray."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kodosumi.cli.processes import Child
from tests.live import ROOT, Live, LoopThread, PanelProcess

DISK = 48
"""Megabytes of a small disk."""

JOIN = """
from ray._private import ray_constants, services
from ray.scripts.scripts import main

ray_constants.ENABLE_RAY_CLUSTER = True
services.get_node_ip_address = lambda *_: "127.0.0.1"
main()
"""
"""Runs Ray's command. A Ray that is bound to loopback refuses other nodes: they might be elsewhere.
"""


@contextmanager
def instead_of(panel: PanelProcess, other: PanelProcess) -> Iterator[PanelProcess]:
    """Have `other` run in the place of the session's panel; there is one mailbox for both."""
    panel.kill()
    try:
        other.start()
        yield other
    finally:
        other.stop()
        panel.start()


class Process:
    """A process beside the panel that can be killed and started again."""

    def __init__(
        self, loop: LoopThread, command: Sequence[str], env: dict[str, str], log: Path
    ) -> None:
        self._loop = loop
        self._child = Child(command, env, log)

    @property
    def pid(self) -> int | None:
        return self._child.pid

    def start(self) -> None:
        self._loop.run(self._child.start())

    def kill(self) -> None:
        """End it and its offspring by SIGKILL."""
        self._child.kill()
        self._loop.run(self._child.wait())

    def stop(self) -> None:
        self._loop.run(self._child.stop(15))


def spooler(loop: LoopThread, live: Live, data: Path, **settings: str) -> Process:
    """Return a `koco spool` over the data of a panel; not started yet."""
    command = [sys.executable, "-m", "kodosumi", "spool", "--block"]
    data.mkdir(exist_ok=True)
    env = live.panel_environment(data, **settings)
    return Process(loop, command, env, data / "spooler.log")


def node(loop: LoopThread, live: Live, name: str) -> Process:
    """Return a node to join `live`, on this machine; not started yet.

    It offers a resource with its name, so that tasks can be sent there.
    """
    options = {
        "--address": live.ray.address,
        "--num-cpus": "2",
        "--resources": f'{{"{name}": 1}}',
        "--min-worker-port": "0",
        "--max-worker-port": "0",
        "--dashboard-agent-listen-port": "0",
    }
    flags = [part for option in options.items() for part in option]
    env = live.ray.environment(os.environ, imports=ROOT)
    return Process(
        loop,
        [sys.executable, "-c", JOIN, "start", "--block", *flags],
        env,
        live.folder / f"{name}.log",
    )


class SmallDisk:
    """A panel whose data are on a disk of DISK megabytes, in a mount namespace of its own."""

    def __init__(self, live: Live) -> None:
        data = live.folder / "small"
        mount = f'mount -t tmpfs -o size={DISK}m none "$0" && exec "$@"'
        rights = [] if os.geteuid() == 0 else ["--map-root-user"]
        within = ["unshare", *rights, "--mount", "sh", "-c", mount, str(data)]
        self.panel = live.panel("small", within)
        self._data = data

    def enter(self) -> None:
        """Look at the panel's data as it does, once it runs."""
        self.panel.data = Path(f"/proc/{self.panel.pid}/root{self._data}")

    def take_out(self, folder: Path) -> Path:
        """Copy the database to where SQLite, which follows links by name, finds it; return where.

        Nothing must be written meanwhile.
        """
        for file in self.panel.data.glob(f"{self.panel.database.name}*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, folder)
        return folder / self.panel.database.name

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no byte free within the block."""
        ballast = self.panel.data / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1_000_000, 1000, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
            yield
        ballast.unlink()
