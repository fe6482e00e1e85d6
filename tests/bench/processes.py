"""CPU time and memory of processes, as Linux counts them."""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.faults import figures

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """Return what each process has used of a core, in user and system mode."""
    found: dict[int, float] = {}
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found[pid] = (int(fields[11]) + int(fields[12])) / _TICK
    return found


def pss(pid: int) -> float:
    """Return the memory of a process in MB, 0 if it is gone; see `figures.pss`."""
    with suppress(OSError, StopIteration):
        return figures.pss(pid) / 1e6
    return 0.0


class Meter:
    """Counts the CPU time of some processes from now on."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = list(pids)
        self._start = cpu_seconds(self._pids)
        self._at = time.monotonic()

    def share(self) -> float:
        """Return the use since then, in percent of one core."""
        now = cpu_seconds(self._pids)
        used = sum(now.get(pid, spent) - spent for pid, spent in self._start.items())
        return 100 * used / (time.monotonic() - self._at)
