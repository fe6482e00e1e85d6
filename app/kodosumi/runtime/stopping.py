"""Ending what a job has started on this machine: its own processes, and nobody else's.

Found are the processes that wear the job's mark, the workers that Ray names as the job's, and all
their descendants. They are frozen, looked at again, and only then ended: so none of them can start
another one meanwhile, and a worker of Ray that has just gone on to another job is let go.
"""

import os
import platform
import time
from collections.abc import Collection, Iterator, Mapping
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import NamedTuple

from kodosumi.runtime.marks import Mark, Role, environment_of, marks_of
from kodosumi.runtime.processes import PROC, Process, processes, send, title_of

WAIT = 5.0
"""Seconds that ended processes may take to be gone."""

PAUSE = 0.02
"""Seconds between two looks for what is left."""

Found = Mapping[Process, Role]


class Swept(NamedTuple):
    """What a sweep did: the processes that are gone, and how many would not go.

    The keys tell machine, pid and start, so that what was seen twice is counted once.
    """

    ended: Mapping[tuple[str, int, int], Role]
    left: int

    def count(self, role: Role) -> int:
        """Return how many of a role are gone."""
        return sum(each is role for each in self.ended.values())

    @property
    def workers(self) -> list[int]:
        """The pids of the ended workers of Ray."""
        return [pid for (_, pid, _), role in self.ended.items() if role is not Role.CHILD]


def sweep(job: str, roots: Mapping[int, Role], spare: Collection[int] = ()) -> Swept:
    """End the job's processes on this machine, and look until none is found, or WAIT is over.

    What is found then counts as left; it is ended once more, and never stays frozen.

    `roots` are pids of workers that Ray names as the job's; `spare` are pids that are to live on.
    """
    until = time.monotonic() + WAIT
    seen: dict[Process, Role] = {}
    while (found := _frozen(job, roots, spare)) and time.monotonic() < until:
        seen |= found
        for each in found:
            send(each, SIGKILL)
        time.sleep(PAUSE)
    for each in found:
        send(each, SIGKILL)
        send(each, SIGCONT)
    gone = ((each, role) for each, role in seen.items() if each not in found)
    return Swept({(_machine(), each.pid, each.start): role for each, role in gone}, len(found))


def find(job: str, roots: Mapping[int, Role], spare: Collection[int] = ()) -> Found:
    """Return the living processes of a job on this machine, and what they are to it."""
    table = processes()
    worn = {pid: _worn(pid) for pid in table}
    ours = {pid: mark for pid, mark in worn.items() if mark and mark.job == job}
    for pid, role in roots.items():
        if pid in table and worn[pid] is None and title_of(pid).startswith("ray::"):
            ours[pid] = Mark(job, role, pid, 0)
    untouched = {*spare, *_line_of(os.getpid(), table)}
    foreign = untouched | {pid for pid, mark in worn.items() if mark and mark.job != job}
    _add_descendants(ours, table, foreign)
    return {table[pid]: mark.role for pid, mark in ours.items() if pid not in untouched}


def _frozen(job: str, roots: Mapping[int, Role], spare: Collection[int]) -> Found:
    """Stop all that is found until nothing new is; let go of what is the job's no longer."""
    held: set[Process] = set()
    while True:
        found = find(job, roots, spare)
        fresh = found.keys() - held
        if not fresh:
            break
        for each in fresh:
            send(each, SIGSTOP)
        held |= fresh
    for each in held - found.keys():
        send(each, SIGCONT)
    return found


def _worn(pid: int) -> Mark | None:
    """Return the mark that counts: the process's own, or else the last one that it inherited."""
    marks = marks_of(pid)
    own = [mark for mark in marks if mark.pid == pid]
    if own or marks:
        mark = max(own or marks, key=lambda mark: mark.since)
        return mark if own else mark._replace(role=Role.CHILD)
    job = environment_of(pid)
    return Mark(job, Role.CHILD, pid, 0) if job else None


def _add_descendants(
    ours: dict[int, Mark], table: Mapping[int, Process], foreign: Collection[int]
) -> None:
    """Add to `ours` the children, and theirs; what a worker has started for a job before is not."""
    below: dict[int, list[Process]] = {}
    for each in table.values():
        below.setdefault(each.parent, []).append(each)
    open_ends = list(ours.items())
    while open_ends:
        parent, mark = open_ends.pop()
        for child in below.get(parent, ()):
            early = mark.role is Role.TASK and child.start < mark.since
            if early or child.pid in ours or child.pid in foreign:
                continue
            ours[child.pid] = found = Mark(mark.job, Role.CHILD, child.pid, 0)
            open_ends.append((child.pid, found))


def _machine() -> str:
    """Return what no other machine, and no other container, has."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return boot + str((PROC / "self/ns/pid").readlink())
    except OSError:
        return platform.node()


def _line_of(pid: int, table: Mapping[int, Process]) -> Iterator[int]:
    """Return `pid` and its ancestors."""
    while pid in table:
        yield pid
        pid = table[pid].parent
