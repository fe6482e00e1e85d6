"""Ending jobs on request: asked first, then by force; one hand at a time for each job."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, NamedTuple

from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.outage import OutageError
from kodosumi.domain.ports import Clock, Cluster, ClusterUnavailableError
from kodosumi.wire.events import Emitted, Ended, Kind, Status, dump
from kodosumi.wire.states import JobStatus

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a person waits for the end; it goes on without them."""

LOOK = 0.02
"""Seconds before the next look whether the last events are stored; it grows to SLOW."""

SLOW = 0.5

AWAY = 15.0
"""Seconds that Ray may be away before what its mailbox held is given up."""

GONE = "Its runner was gone."


class Wish(NamedTuple):
    """How a job is to end, and who wants it so."""

    job: str
    runner: str
    status: JobStatus
    by: str
    reason: str = ""


class Stops:
    """The jobs that are being ended by this process."""

    def __init__(self, cluster: Cluster, store: EventStore, clock: Clock, grace: float) -> None:
        self._cluster = cluster
        self._store = store
        self._clock = clock
        self._grace = grace
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}

    @property
    def ending(self) -> frozenset[str]:
        """The jobs that are being ended by force right now."""
        return frozenset(self._ending)

    async def cancel(self, job: str, runner: str, by: str) -> None:
        """Ask a job to stop; it is ended when it has not done so after the grace period.

        Raises:
            ClusterUnavailableError: it could not be asked.
        """
        if job in self._ending:
            return
        if not await self._cluster.cancel(job, runner, by, self._grace):
            await self._record(Wish(job, runner, JobStatus.CANCELLED, by, GONE))
        elif job not in self._waiting:
            reason = f"It did not stop within {self._grace:g} s."
            wish = Wish(job, runner, JobStatus.CANCELLED, by, reason)
            _keep(self._waiting, job, self._enforce(wish))

    async def kill(self, job: str, runner: str, by: str, reason: str) -> None:
        """End a job with all that it started; returns when that is recorded, or after PATIENCE.

        Raises:
            ClusterUnavailableError: it could not be ended.
        """
        if waiting := self._waiting.get(job):
            waiting.cancel()
        await self._force(Wish(job, runner, JobStatus.KILLED, by, reason))

    async def close(self) -> None:
        """Let go of the jobs: a runner that was asked to stop ends itself, later than here."""
        tasks = [*self._waiting.values(), *self._ending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _enforce(self, wish: Wish) -> None:
        grace, over = self._grace, False
        while not over:
            try:
                over = await self._cluster.stopped(wish.job, wish.runner, grace)
                if not over:
                    await self._force(wish)
                    over = True
            except ClusterUnavailableError:
                grace = 0
                await asyncio.sleep(SLOW)

    async def _force(self, wish: Wish) -> None:
        task = self._ending.get(wish.job)
        if task is None:
            task = _keep(self._ending, wish.job, self._end(wish))
        await asyncio.wait([task], timeout=PATIENCE)
        if task.done():
            task.result()

    async def _end(self, wish: Wish) -> None:
        ended = await self._cluster.kill(wish.job, wish.runner)
        await self._record(wish, ended)

    async def _record(self, wish: Wish, ended: Ended | None = None) -> None:
        """Store the final status, after all that the job had handed over.

        A job that had told its end already keeps that one.
        """
        await self._delivered(wish.job)
        status = Status(status=wish.status, by=wish.by, reason=wish.reason or None, ended=ended)
        event = Emitted(self._clock.now(), Kind.STATUS, dump(status))
        while True:
            try:
                await self._store.record(wish.job, [event])
            except OutageError:
                await asyncio.sleep(SLOW)
            else:
                return

    async def _delivered(self, job: str) -> None:
        """Wait until what the job handed over is stored, however long the database takes."""
        pause, away = LOOK, 0.0
        while away < AWAY:
            try:
                if not await self._cluster.pending(job):
                    return
            except ClusterUnavailableError:
                away += pause
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, SLOW)


def _keep(
    tasks: dict[str, asyncio.Task[None]], job: str, work: Coroutine[Any, Any, None]
) -> asyncio.Task[None]:
    """Run `work` as the job's task among `tasks`, as long as it takes."""
    tasks[job] = task = asyncio.create_task(work, name=f"stop-{job}")

    def forget(done: asyncio.Task[None]) -> None:
        tasks.pop(job, None)
        if not done.cancelled() and (exc := done.exception()):
            log.warning("job %s could not be ended: %s", job, exc)

    task.add_done_callback(forget)
    return task
