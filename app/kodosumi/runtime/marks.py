"""Marks by which the processes of a job are recognised, whatever became of their parents.

What a job executes inherits KODO_JOB in its environment. What it only forks does not: Linux shows
the environment with which a process was started. It inherits mappings, though, so a marked process
maps a page that is named after the job. Linux only; elsewhere nothing is marked, and nothing found.
"""

import ctypes
import mmap
import os
import re
import socket
import stat
import time
from collections.abc import Callable
from contextlib import closing, suppress
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from kodosumi.runtime.processes import PROC

JOB = "KODO_JOB"
"""Environment: the job that a process belongs to."""

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


class Role(StrEnum):
    """What a process is to its job."""

    RUNNER = "runner"
    TASK = "task"
    ACTOR = "actor"
    CHILD = "child"


class Mark(NamedTuple):
    """What a marked page tells: who put it on, and when (in ticks since the machine's start)."""

    job: str
    role: Role
    pid: int
    since: int


_MARK = re.compile(rb"/memfd:kodo:([^:\s]+):(runner|task|actor|child):(\d+):(\d+) ")
_pages: set[mmap.mmap | None] = set()
"""The marks that this process wears; a page that nobody holds is unmapped."""


def wear(job: str, role: Role) -> Callable[[], None]:
    """Mark this process, and all that it starts from now on, as the job's.

    Returns what takes the mark off again: a worker of Ray serves one job after another.
    """
    let_forks_go()
    before = os.environ.get(JOB)
    os.environ[JOB] = job
    page = _named_page(job, role)
    _pages.add(page)

    def take_off() -> None:
        if before is None:
            os.environ.pop(JOB, None)
        else:
            os.environ[JOB] = before
        _pages.discard(page)
        if page:
            page.close()

    return take_off


def claim(job: str) -> None:
    """Give this whole process to a job for good: its runner."""
    wear(job, Role.RUNNER)
    adopt_orphans()


def adopt_orphans() -> None:
    """Make this process the parent of its descendants that lose theirs, for as long as it lives."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


@cache
def let_forks_go() -> None:
    """Have forked children close their copy of the connection to Ray's raylet.

    Ray takes the end of that connection for the death of a worker: a child that holds it on would
    hide the death of its parent.
    """
    os.register_at_fork(after_in_child=_close_raylet)


def marks_of(pid: int) -> list[Mark]:
    """Return the marks in the mappings of a process, its own and those that it inherited."""
    try:
        maps = (PROC / str(pid) / "maps").read_bytes()
    except OSError:
        return []
    return [
        Mark(job.decode(), Role(role.decode()), int(pid), int(since))
        for job, role, pid, since in _MARK.findall(maps)
    ]


def environment_of(pid: int) -> str:
    """Return the job in the environment with which a process was started, or an empty text."""
    try:
        entries = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    prefix = f"{JOB}=".encode()
    return next((e.removeprefix(prefix).decode() for e in entries if e.startswith(prefix)), "")


def _named_page(job: str, role: Role) -> mmap.mmap | None:
    if not hasattr(os, "memfd_create"):
        return None
    name = f"kodo:{job}:{role}:{os.getpid()}:{_now()}"
    try:
        file = os.memfd_create(name, os.MFD_CLOEXEC)
    except OSError:
        return None
    try:
        os.ftruncate(file, mmap.PAGESIZE)
        return mmap.mmap(file, mmap.PAGESIZE)
    finally:
        os.close(file)


def _now() -> int:
    """Return the ticks since the machine's start, as /proc counts them."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def _close_raylet() -> None:
    descriptors = PROC / "self" / "fd"
    for entry in descriptors.iterdir() if descriptors.exists() else ():
        number = int(entry.name)
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode) and _is_raylet(number):
                os.close(number)


def _is_raylet(number: int) -> bool:
    with closing(socket.socket(fileno=os.dup(number))) as copy:
        return str(copy.getpeername()).endswith("/raylet")
