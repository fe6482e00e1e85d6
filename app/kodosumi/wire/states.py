"""The states of a job and the legal moves between them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class JobStatus(StrEnum):
    """Where a job stands. The values are stored, sent and shown in 1.x routes as they are."""

    STARTING = "starting"
    RUNNING = "running"
    AWAITING = "awaiting"
    FINISHED = "finished"
    ERROR = "error"
    CANCELLED = "cancelled"
    KILLED = "killed"
    LOST = "lost"

    @property
    def ended(self) -> bool:
        """True when no event may follow."""
        return self in ENDED


ENDED = frozenset(
    {
        JobStatus.FINISHED,
        JobStatus.ERROR,
        JobStatus.CANCELLED,
        JobStatus.KILLED,
        JobStatus.LOST,
    }
)
LIVE = frozenset(JobStatus) - ENDED

LEGAL_MOVES: Mapping[JobStatus, frozenset[JobStatus]] = MappingProxyType(
    {
        JobStatus.STARTING: frozenset({JobStatus.RUNNING}) | ENDED,
        JobStatus.RUNNING: frozenset({JobStatus.AWAITING}) | ENDED,
        JobStatus.AWAITING: frozenset({JobStatus.RUNNING}) | ENDED,
        **{status: frozenset[JobStatus]() for status in ENDED},
    }
)


def may_move(old: JobStatus, new: JobStatus) -> bool:
    """Tell whether a job in state `old` may become `new`."""
    return new in LEGAL_MOVES[old]
