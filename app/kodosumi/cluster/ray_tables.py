"""What Ray's head knows of actors, workers and nodes, dead ones included.

Ray tells this in public through its dashboard only, which need not run. So its private accessor is
asked; where that is not there, has changed, or cannot be read, nothing is known, and nothing else
fails.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import ray

T = TypeVar("T")

log = logging.getLogger(__name__)

DEAD = "DEAD"


@dataclass(frozen=True)
class Actor:
    """A row of Ray's table of actors; ids are hex, and empty where there is none yet."""

    name: str
    namespace: str
    state: str
    pid: int
    node: str
    worker: str
    owner: str
    """The worker that made it."""
    detached: bool
    cause: Any
    """Ray's message ActorDeathCause."""

    @property
    def dead(self) -> bool:
        """True when it is gone for good."""
        return self.state == DEAD


@dataclass(frozen=True)
class Worker:
    """A row of Ray's table of worker processes."""

    id: str
    pid: int
    node: str
    alive: bool
    exit: str
    """Why it has ended, in Ray's words."""


def actors() -> list[Actor]:
    """Return all actors that Ray knows; dead ones for long, but not for ever."""
    return _guarded(_actors)


def workers() -> list[Worker]:
    """Return all worker processes that Ray knows."""
    return _guarded(_workers)


def nodes() -> dict[str, bool]:
    """Return for each node of the cluster whether it is alive."""
    rows = ray.nodes()  # type: ignore[no-untyped-call]
    return {node["NodeID"]: node["Alive"] for node in rows}


def here() -> str:
    """Return the node that this process is on."""
    return str(ray.get_runtime_context().get_node_id())


def _guarded(read: Callable[[], list[T]]) -> list[T]:
    try:
        return read()
    except ray.exceptions.RayError:  # it is away
        raise
    except Exception as exc:  # noqa: BLE001 - what is private may fail in any way
        log.warning("Ray does not tell of its actors and workers: %s", exc)
        return []


def _accessor() -> Any:
    from ray._private.state import state  # noqa: PLC0415 - private: may be missing

    return state._connect_and_get_accessor()  # noqa: SLF001


def _messages() -> Any:
    from ray.core.generated import gcs_pb2  # noqa: PLC0415 - private

    return gcs_pb2


def _actors() -> list[Actor]:
    message = _messages().ActorTableData
    state = message.ActorState.Name
    rows = [message.FromString(row) for row in _accessor().get_actor_table(None, None)]
    return [
        Actor(
            name=row.name,
            namespace=row.ray_namespace,
            state=state(row.state),
            pid=row.pid,
            node=row.address.node_id.hex(),
            worker=row.address.worker_id.hex(),
            owner=row.owner_address.worker_id.hex(),
            detached=row.is_detached,
            cause=row.death_cause,
        )
        for row in rows
    ]


def _workers() -> list[Worker]:
    message = _messages().WorkerTableData
    rows = [message.FromString(row) for row in _accessor().get_worker_table()]
    return [
        Worker(
            id=row.worker_address.worker_id.hex(),
            pid=row.pid,
            node=row.worker_address.node_id.hex(),
            alive=row.is_alive,
            exit=row.exit_detail,
        )
        for row in rows
    ]
