"""What processes use, as the kernel tells it."""

from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """Memory in bytes as PSS (shared pages are split among those who share them), and counts."""

    pss: int
    files: int
    threads: int


def usage(pid: int) -> Usage:
    """Return what a process uses now.

    Raises:
        OSError: there is no such process any more.
    """
    proc = Path(f"/proc/{pid}")
    files = sum(1 for _ in (proc / "fd").iterdir())
    threads = int(_field(proc / "status", "Threads:"))
    return Usage(pss(pid), files, threads)


def pss(pid: int) -> int:
    """Return a process's memory in bytes."""
    return int(_field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")) * 1024


def title(pid: int) -> str:
    """Return a process's command line, or the title that it has given itself; "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def quantile(values: list[float], share: float) -> float:
    """Return the value that this share of `values`, not empty, does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _field(path: Path, name: str) -> str:
    lines = path.read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(name))
