"""Child processes that are stopped with all that they have started.

A child runs in a session of its own, so that Ctrl-C in a terminal reaches us and not it. It carries
a mark in its environment, which everything that it starts inherits: by that, or by the session, its
leftovers are found even when they have left its process group, as Ray's workers do. Where there is
no /proc to read environments from, only the child's own process group is found.
"""

import asyncio
import ctypes
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)  # found now: between fork and exec it might wait for a lock for ever

LAST_WISH = 1.0
"""Seconds between SIGTERM and SIGKILL for what a child has left behind."""


class Child:
    """A process and its offspring.

    `log` takes its output; without one it writes to ours. `files` are descriptors that it inherits.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        log: Path | None = None,
        files: Sequence[int] = (),
    ) -> None:
        self._command = command
        mark = f"KOCO_CHILD_{secrets.token_hex(8)}"
        self._env = {**env, mark: "1"}
        self._mark = f"{mark}=1".encode()
        self._log = log
        self._files = files
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process that was started last, None before the first."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it."""
        with self._log.open("ab") if self._log else nullcontext() as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self._files,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    async def wait(self) -> int:
        """Wait until the process itself has ended; return its exit code."""
        if self._process is None:
            return 0
        return await self._process.wait()

    async def stop(self, patience: float) -> None:
        """End it by SIGTERM and, after `patience` seconds, by force; then its leftovers."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), patience)
        await asyncio.to_thread(self._sweep)

    def kill(self) -> None:
        """End it and all its offspring by force, now."""
        self._signal(signal.SIGKILL)
        for pid in self.alive():
            _send(pid, signal.SIGKILL)

    def alive(self) -> list[int]:
        """Return the ids of the processes that carry the mark, or share the session, and live."""
        return [int(entry.name) for entry in _processes() if self._owns(entry)]

    def _owns(self, entry: Path) -> bool:
        return _carries(entry, self._mark) or self._shares_session(entry)

    def _shares_session(self, entry: Path) -> bool:
        """Tell whether a process is in the child's session; some overwrite their environment."""
        if self._process is None:
            return False
        try:
            return os.getsid(int(entry.name)) == self._process.pid and not _has_ended(entry)
        except OSError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            _send(self._process.pid, number)

    def _sweep(self) -> None:
        """End what is left, and return when it is gone."""
        for pid in self.alive():
            _send(pid, signal.SIGTERM)
        until = time.monotonic() + LAST_WISH
        while self.alive() and time.monotonic() < until:
            time.sleep(0.05)
        while self.alive():
            self.kill()
            time.sleep(0.05)
        if self._process is not None and not _PROC.is_dir():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Ask Linux for a SIGTERM when our parent dies, even of SIGKILL."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _processes() -> list[Path]:
    return [entry for entry in _PROC.iterdir() if entry.name.isdigit()] if _PROC.is_dir() else []


def _carries(entry: Path, wanted: bytes) -> bool:
    """Tell whether a process has `wanted` in its environment; one that has ended has none."""
    try:
        return wanted in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _has_ended(entry: Path) -> bool:
    """Tell whether a process is a zombie, which its parent has yet to fetch."""
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
