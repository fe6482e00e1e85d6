"""CPU time and memory of processes, as Linux counts them."""

import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """Return what each process has used of a core, in user and system mode."""
    found: dict[int, float] = {}
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found[pid] = (int(fields[11]) + int(fields[12])) / _TICK
    return found


def pss(pid: int) -> float:
    """Return the memory of a process in MB, what it shares divided among the sharers."""
    with suppress(OSError):
        if found := _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text()):
            return int(found[1]) / 1000
    return 0.0


def title(pid: int) -> str:
    """Return the command line of a process; Ray's workers are named after what they run."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


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
