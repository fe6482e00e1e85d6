"""The processes of this machine, as Linux tells of them in /proc."""

import os
import signal
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")

_PARENT, _START = 1, 19
"""Where parent and start are in /proc/<pid>/stat, counted from the state."""


class Process(NamedTuple):
    """A process that lives. (pid, start) names it: numbers are used again, moments are not."""

    pid: int
    start: int
    """Ticks between the machine's start and its own."""
    parent: int


def processes() -> dict[int, Process]:
    """Return the living processes of this user, all of them for root; by pid."""
    try:
        names = [entry.name for entry in os.scandir(PROC) if entry.name.isdigit()]
    except OSError:  # no Linux
        return {}
    found = (process(int(name)) for name in names)
    return {each.pid: each for each in found if each and _is_ours(each.pid)}


def process(pid: int) -> Process | None:
    """Return a process, or None if it is gone; one that only waits to be collected is gone."""
    try:
        state, *fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if state in "ZX":
        return None
    return Process(pid, int(fields[_START - 1]), int(fields[_PARENT - 1]))


def title_of(pid: int) -> str:
    """Return the command line of a process; that of a worker of Ray begins with `ray::`."""
    try:
        return (PROC / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def send(to: Process, number: signal.Signals) -> bool:
    """Send a signal to exactly this process, never to one that got its number; False if gone."""
    try:
        handle = os.pidfd_open(to.pid)  # holds the number until it is closed
    except OSError:
        return False
    try:
        now = process(to.pid)
        if now is None or now.start != to.start:
            return False
        signal.pidfd_send_signal(handle, number)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _is_ours(pid: int) -> bool:
    me = os.geteuid()
    try:
        return me == 0 or (PROC / str(pid)).stat().st_uid == me
    except OSError:
        return False
