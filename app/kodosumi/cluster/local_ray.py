"""A Ray of our own on this machine: how it is started, and what must be known to join it.

Everything but the replicas' internal gRPC ports, for which Serve has no setting, is bound to
127.0.0.1. `--node-ip-address` does not achieve that, since Ray replaces a loopback address by the
machine's own; turning Ray's multi-node support off does. Who joins must turn it off too.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from kodosumi.cluster.ports import free_port

LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Environment of Ray and of all that join it: one machine, bound to 127.0.0.1."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray would drain its node for 30 s before it stops.
    "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",
}

_SOCKET = len("/session_2026-01-01_00-00-00_000000_1234567/sockets/plasma_store.1")
_SOCKET_MAX = 103
"""Longest path of a Unix socket: 107 bytes on Linux, 103 on macOS."""

LOOK = 0.25
"""Seconds between two looks whether Ray is up."""


@dataclass(frozen=True)
class LocalRay:
    """Ports, folder and size of a Ray to be started."""

    port: int
    dashboard_port: int
    client_port: int
    temp: Path
    cpus: int

    @classmethod
    def plan(cls, cpus: int) -> Self:
        """Choose free ports, the usual ones if possible, and make a folder."""
        port = free_port(6379)
        dashboard = free_port(8265, {port})
        client = free_port(10001, {port, dashboard})
        return cls(port, dashboard, client, _temp_dir(), cpus)

    @property
    def address(self) -> str:
        """Where drivers join: host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def dashboard_url(self) -> str:
        """Where the dashboard and Serve's REST API answer."""
        return f"http://127.0.0.1:{self.dashboard_port}"

    def command(self) -> list[str]:
        """Return the command that runs this Ray in the foreground."""
        options = {
            "--port": self.port,
            "--dashboard-host": "127.0.0.1",
            "--dashboard-port": self.dashboard_port,
            "--ray-client-server-port": self.client_port,
            "--dashboard-agent-listen-port": 0,
            # 0: any free port. Ray's default is a range that other clusters use too.
            "--min-worker-port": 0,
            "--max-worker-port": 0,
            "--num-cpus": self.cpus,
            "--temp-dir": self.temp,
        }
        flags = [str(part) for option in options.items() for part in option]
        ray = [sys.executable, "-c", "from ray.scripts.scripts import main; main()"]
        return [*ray, "start", "--head", "--block", "--include-dashboard", "true", *flags]

    def environment(self, base: Mapping[str, str], imports: Path) -> dict[str, str]:
        """Return the environment to start it in: `base`, with `imports` importable in workers.

        Authentication is off unless `base` asks for it: RAY_AUTH_MODE=token.
        """
        paths = [str(imports), base.get("PYTHONPATH", "")]
        made = {
            **base,
            **_QUIET,
            **joining(base),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        made.pop("RAY_ADDRESS", None)
        return made

    async def is_up(self, http: httpx.AsyncClient) -> bool:
        """Tell whether the head has started, and its dashboard answers.

        A dashboard that has its session elsewhere belongs to another Ray.
        """
        if not await asyncio.to_thread(self._started.exists):
            return False
        try:
            answer = await http.get(f"{self.dashboard_url}/api/version", timeout=2)
            session = answer.raise_for_status().json()["session_name"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        return await asyncio.to_thread((self.temp / session).is_dir)

    async def wait_up(self, http: httpx.AsyncClient) -> None:
        """Return when the dashboard answers."""
        while True:
            await asyncio.sleep(LOOK)
            if await self.is_up(http):
                return

    def forget(self) -> None:
        """Forget that it was up, before it is started again."""
        self._started.unlink(missing_ok=True)

    @property
    def _started(self) -> Path:
        """The file that `ray start` writes when the head has started."""
        return self.temp / "ray_current_cluster"

    def remove(self) -> None:
        """Remove the folder, once Ray has stopped."""
        shutil.rmtree(self.temp, ignore_errors=True)


def joining(base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a process needs to join a local Ray."""
    return {**LOOPBACK, "RAY_AUTH_MODE": base.get("RAY_AUTH_MODE") or "disabled"}


def _temp_dir() -> Path:
    """Make a folder with a path short enough for Ray's sockets."""
    prefix = "koco-"
    room = _SOCKET_MAX - _SOCKET - len(prefix) - len("/12345678")
    short = len(os.fsencode(tempfile.gettempdir())) <= room
    return Path(tempfile.mkdtemp(prefix=prefix, dir=None if short else Path(os.sep, "tmp")))
