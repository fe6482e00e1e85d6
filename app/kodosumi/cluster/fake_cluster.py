"""The cluster's twin in memory: a real mailbox, and jobs that a test or a demo plays itself."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence

from kodosumi.domain.ports import ClusterState, ClusterUnavailableError, Fate, SourceKey
from kodosumi.runtime.mailbox import Mailbox
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Ended, Kind, Payload, Status, dump
from kodosumi.wire.ids import runner_name
from kodosumi.wire.states import JobStatus


class FakeCluster:
    """Implements the port `Cluster` without Ray."""

    def __init__(self) -> None:
        self._mailbox = Mailbox()
        self._jobs: dict[str, _Source] = {}
        self._fates: dict[str, Fate] = {}
        self._state = ClusterState(connected=True, address="memory", version="none")

    @property
    def state(self) -> ClusterState:
        """The state of the connection; see `go_away`."""
        return self._state

    def go_away(self, reason: str) -> None:
        """Act as if the cluster could not be reached any more."""
        self._state = ClusterState(connected=False, reason=reason)

    def come_back(self) -> None:
        """Act as if the cluster could be reached again."""
        self._state = ClusterState(connected=True, address="memory", version="none")

    async def start(self) -> None:
        """Nothing is to be connected."""

    async def stop(self) -> None:
        """Nothing is to be let go."""

    async def begin(self, job: str, runner: str | None = None, *, stubborn: bool = False) -> None:
        """Give `job` a runner; the name of one that was waiting for it may be told."""
        self._jobs[job] = _Source(job, runner or runner_name(job), stubborn=stubborn)

    async def emit(self, job: str, kind: Kind, payload: Payload | str) -> None:
        """Emit an event of `job`; a string is JSON text."""
        text = payload if isinstance(payload, str) else dump(payload)
        await self._mailbox.put(self._jobs[job].batch(kind, text), 0)

    async def end(self, job: str, status: JobStatus = JobStatus.FINISHED) -> None:
        """Emit the final status of `job` and take its runner away."""
        await self.emit(job, Kind.STATUS, Status(status=status))
        del self._jobs[job]

    def vanish(self, job: str, fate: Fate | None = None) -> None:
        """Take the runner of `job` away without a word; the cluster may know of its fate."""
        runner = self._jobs.pop(job).runner
        if fate:
            self._fates[runner] = fate

    async def drain(
        self, reader: str, stored: Mapping[SourceKey, int], wait: float
    ) -> Sequence[Batch]:
        """See the port."""
        self._reach()
        return await self._mailbox.drain(reader, stored, wait)

    async def pending(self, job: str) -> int:
        """See the port."""
        self._reach()
        return await self._mailbox.pending(job)

    async def runners(self) -> frozenset[str]:
        """See the port."""
        self._reach()
        return frozenset(source.runner for source in self._jobs.values())

    async def cancel(self, job: str, runner: str, by: str, grace: float) -> bool:  # noqa: ARG002 - the port's
        """See the port. A job here stops at once, but a stubborn one."""
        self._reach()
        if not self._runs(job, runner):
            return False
        if self._jobs[job].stubborn:
            return True
        await self.emit(job, Kind.STATUS, Status(status=JobStatus.CANCELLED, by=by))
        del self._jobs[job]
        return True

    async def stopped(self, job: str, runner: str, wait: float) -> bool:
        """See the port."""
        self._reach()
        if self._runs(job, runner):
            await asyncio.sleep(wait)
        return not self._runs(job, runner)

    async def kill(self, job: str, runner: str) -> Ended:
        """See the port."""
        self._reach()
        if not self._runs(job, runner):
            return Ended()
        del self._jobs[job]
        return Ended(runner=True)

    async def fate(self, runner: str) -> Fate | None:
        """See the port; `vanish` tells it."""
        self._reach()
        return self._fates.get(runner)

    def _runs(self, job: str, runner: str) -> bool:
        return job in self._jobs and self._jobs[job].runner == runner

    def _reach(self) -> None:
        if not self._state.connected:
            raise ClusterUnavailableError(self._state.reason)


class _Source:
    def __init__(self, job: str, runner: str, *, stubborn: bool) -> None:
        self.runner = runner
        self.stubborn = stubborn
        self._job = job
        self._id = secrets.token_hex(4)
        self._count = 0

    def batch(self, kind: Kind, payload: str) -> Batch:
        self._count += 1
        return Batch(self._job, self._id, self._count, [Emitted(time.time(), kind.value, payload)])
