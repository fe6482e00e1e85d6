"""What the panel needs from outside its process. `cluster` implements these ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Ended
from kodosumi.wire.states import JobStatus

SourceKey = tuple[str, str]
"""(job id, source id)"""


class ClusterUnavailableError(Exception):
    """Ray cannot be reached now; the message says since when and why."""


@dataclass(frozen=True)
class ClusterState:
    """Whether the cluster can be reached. `reason` is one line for people, empty when connected."""

    connected: bool
    address: str = ""
    reason: str = ""
    version: str = ""


@dataclass(frozen=True)
class Fate:
    """Why a runner is gone: the status that its job ends with, and the reason, for people.

    The status is `error` where it was the job's own doing, else `lost`.
    """

    status: JobStatus
    reason: str


class Cluster(Protocol):
    """The cluster that runs the jobs.

    Every coroutine but `start` and `stop` raises ClusterUnavailableError when the cluster is away,
    and none of them blocks the event loop.
    """

    @property
    def state(self) -> ClusterState:
        """The state of the connection as last seen; costs nothing."""
        ...

    async def start(self) -> None:
        """Begin to connect, and to reconnect for ever; returns at once."""
        ...

    async def stop(self) -> None:
        """Let go of the cluster. What runs there goes on."""
        ...

    async def drain(
        self, reader: str, stored: Mapping[SourceKey, int], wait: float
    ) -> Sequence[Batch]:
        """Take what has arrived in the mailbox, waiting up to `wait` seconds for the first batch.

        `stored` names the last number that was committed of each source since the last call; the
        mailbox forgets up to there. Batches stay in the mailbox until they are named so: a `reader`
        that it does not know is given everything once more.
        """
        ...

    async def pending(self, job: str) -> int:
        """Return how many events of `job` the mailbox holds that are not stored."""
        ...

    async def runners(self) -> frozenset[str]:
        """Return the names of the living runners, those that wait for a job included."""
        ...

    async def cancel(self, job: str, runner: str, by: str, grace: float) -> bool:
        """Ask a job to stop within `grace` seconds. False if its runner is gone."""
        ...

    async def stopped(self, job: str, runner: str, wait: float) -> bool:
        """Wait until the code of a job has ended, or its runner is gone.

        False if neither is so after `wait` seconds, or the runner does not answer.
        """
        ...

    async def kill(self, job: str, runner: str) -> Ended:
        """End the runner of a job by force, with all that it started; returns what is gone.

        What a runner that is gone already has left behind is ended too.
        """
        ...

    async def fate(self, runner: str) -> Fate | None:
        """Return why a runner is gone; None if it is not, or the cluster does not know."""
        ...


class Clock(Protocol):
    """The time, so that tests can move it."""

    def now(self) -> float:
        """Return seconds since the epoch, UTC."""
        ...
