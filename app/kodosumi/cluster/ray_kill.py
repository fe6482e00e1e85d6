"""Ending a job on Ray: its runner and all that it started, on every node.

Ray itself ends what a dead worker owned, but a task that waits for another one holds out for 5 s,
and what left the worker's process group is never ended. So the processes are ended on their
machines, and Ray is asked afterwards whether it agrees.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from kodosumi.cluster import ray_tables
from kodosumi.cluster.ray_tables import Actor
from kodosumi.runtime.marks import Role
from kodosumi.runtime.processes import processes, title_of
from kodosumi.runtime.stopping import Swept, sweep
from kodosumi.wire.events import Ended

LAST_WORDS = 1.0
"""Seconds that the runner has to hand over what it has emitted; it may be stuck."""

SWEEP = 15.0
"""Seconds that another node may take; a worker may have to be started there."""

GONE = 10.0
"""Seconds that Ray may take to report what was ended as dead."""

LOOK = 0.05
"""Seconds between two looks whether it does."""

UNCONFIRMED = "Ray has not confirmed it yet"


def kill(namespace: str, job: str, runner: str) -> Ended:
    """End the actor named `runner` and all that the job has started; return what is gone.

    Raises:
        TimeoutError: the runner's process was not found, and Ray does not report it as dead.
    """
    rows = ray_tables.actors()
    roots = [row for row in rows if (row.name, row.namespace) == (runner, namespace)]
    handle = _handle(namespace, runner)
    if handle is not None:
        _hear_last_words(handle)
    sweeps, silent = _sweep(job, roots, *_family(rows, _workers(roots)))
    if handle is not None:
        with suppress(ray.exceptions.RayError):  # what came of it is asked below
            ray.kill(handle, no_restart=True)
    counts = _counts(sweeps)
    makers = _workers(roots) | _worker_ids(sweeps)
    doubts = _await_death(namespace, runner, makers, gone=counts[Role.RUNNER] > 0)
    owned, kept = _family(rows, makers)
    return Ended(
        runner=handle is not None or counts[Role.RUNNER] > 0,
        tasks=counts[Role.TASK],
        actors=max(len(owned), counts[Role.ACTOR]),
        processes=counts[Role.CHILD],
        kept=[row.name or "one without a name" for row in kept],
        unsure=[
            *_left(sweeps),
            *(f"what ran on node {node[:8]}, which is away" for node in silent),
            *doubts,
        ],
    )


def _handle(namespace: str, name: str) -> Any | None:
    try:
        return ray.get_actor(name, namespace=namespace)
    except ValueError:
        return None


def _hear_last_words(runner: Any) -> None:
    """Have the runner hand over what its code has emitted, if it can still be talked to."""
    ray.wait([runner.last_words.remote(LAST_WORDS)], timeout=LAST_WORDS)


def _workers(rows: Iterable[Actor]) -> set[str]:
    return {row.worker for row in rows} - {""}


def _family(rows: Iterable[Actor], makers: Iterable[str]) -> tuple[list[Actor], list[Actor]]:
    """Return the living actors that these workers made, and theirs; and the detached among them."""
    alive = [row for row in rows if not row.dead]
    known = set(makers)
    found: list[Actor] = []
    while fresh := [row for row in alive if row.owner in known and row not in found]:
        found += fresh
        known |= _workers(row for row in fresh if not row.detached)
    return [row for row in found if not row.detached], [row for row in found if row.detached]


def _sweep(
    job: str, roots: Sequence[Actor], owned: Sequence[Actor], kept: Sequence[Actor]
) -> tuple[dict[str, Swept], list[str]]:
    """End the job's processes on all nodes; return what was done, and the nodes that are silent."""
    named = [(row, Role.RUNNER) for row in roots if not row.dead]
    named += [(row, Role.ACTOR) for row in owned]
    nodes = ray_tables.nodes()
    asked: dict[Any, str] = {}
    done: dict[str, Swept] = {}
    for node in (node for node, alive in nodes.items() if alive):
        pids = {row.pid: role for row, role in named if row.node == node and row.pid}
        spare = [row.pid for row in kept if row.node == node]
        if _is_at_hand(node):
            done[node] = sweep(job, pids, spare)
        else:
            asked[_on(node).remote(job, pids, spare)] = node
    done |= _answers(asked)
    away = {row.node for row, _ in named if not nodes.get(row.node, not row.node)}
    return done, sorted(away | (set(asked.values()) - done.keys()))


def _is_at_hand(node: str) -> bool:
    """Tell whether this process sees, and may end, the processes of `node`."""
    if node != ray_tables.here():
        return False
    table = processes()
    pids = [row.pid for row in ray_tables.actors() if row.node == node and row.state == "ALIVE"]
    return bool(pids) and all(pid in table and title_of(pid).startswith("ray::") for pid in pids)


def _on(node: str) -> Any:
    strategy = NodeAffinitySchedulingStrategy(node, soft=False)
    options = {"num_cpus": 0, "max_retries": 0, "enable_task_events": False}
    return ray.remote(sweep).options(scheduling_strategy=strategy, **options)


def _answers(asked: dict[Any, str]) -> dict[str, Swept]:
    if not asked:
        return {}
    ready, late = ray.wait(list(asked), num_returns=len(asked), timeout=SWEEP)
    for ref in late:
        ray.cancel(ref, force=True)
    found: dict[str, Swept] = {}
    for ref in ready:
        try:
            found[asked[ref]] = ray.get(ref)
        except ray.exceptions.RayError:  # its node has just gone
            continue
    return found


def _worker_ids(sweeps: dict[str, Swept]) -> set[str]:
    """Return the ids of the workers that were ended: they may have made actors."""
    pids = {(node, pid) for node, swept in sweeps.items() for pid in swept.workers}
    return {row.id for row in ray_tables.workers() if (row.node, row.pid) in pids}


def _await_death(namespace: str, runner: str, makers: set[str], *, gone: bool) -> list[str]:
    """Wait until Ray reports the runner, and the actors that these workers made, as dead.

    Return what is in doubt when it has not done so in time: that will do where the runner's process
    is known to be `gone`, for then the job has ended, and who ended it must be recorded.
    """
    until = time.monotonic() + GONE
    while (listed := _is_listed(namespace, runner)) or _family(ray_tables.actors(), makers)[0]:
        if time.monotonic() > until:
            if listed and not gone:
                msg = "Ray does not report the runner as gone."
                raise TimeoutError(msg)
            return [UNCONFIRMED]
        time.sleep(LOOK)
    return []


def _is_listed(namespace: str, runner: str) -> bool:
    """Tell whether Ray has the runner; a Ray that is too slow to say may."""
    try:
        return _handle(namespace, runner) is not None
    except ray.exceptions.RayError:
        return True


def _counts(sweeps: dict[str, Swept]) -> Counter[str]:
    """Count what was ended by role; two nodes on one machine find the same processes."""
    once = {key: role for swept in sweeps.values() for key, role in swept.ended.items()}
    return Counter(once.values())


def _left(sweeps: dict[str, Swept]) -> list[str]:
    left = sum(swept.left for swept in sweeps.values())
    return [f"{left} processes that do not go"] if left else []
