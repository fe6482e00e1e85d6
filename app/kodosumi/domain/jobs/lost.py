"""Jobs whose runner has gone without saying how it ended."""

import logging

from sqlalchemy import select

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.ports import Clock, Cluster
from kodosumi.wire.events import Emitted, Kind, Status, dump
from kodosumi.wire.states import LIVE, JobStatus

log = logging.getLogger(__name__)

REASON = (
    "Its runner is gone without a word: its process or its node died, or it could not be started. "
    "Ray's logs may tell more."
)


class LostJobs:
    """Ends jobs as lost that have no runner in two looks in a row, and nothing left to store."""

    def __init__(self, db: Database, cluster: Cluster, store: EventStore, clock: Clock) -> None:
        self._db = db
        self._cluster = cluster
        self._store = store
        self._clock = clock
        self._suspects: frozenset[str] = frozenset()

    async def look(self) -> list[str]:
        """Look once; return the ids of the jobs that were ended.

        Raises:
            ClusterUnavailableError: the cluster is away, so nothing can be said.
        """
        live = await self._live()
        there = await self._cluster.runners() if live else frozenset()
        missing = frozenset(job for job, actor in live.items() if actor not in there)
        lost = [
            job for job in sorted(missing & self._suspects) if not await self._cluster.pending(job)
        ]
        for job in lost:
            await self._end(job)
        self._suspects = missing - set(lost)
        return lost

    async def _live(self) -> dict[str, str]:
        """Return the names of the actors that run the jobs that have not ended, by job."""
        async with self._db.session() as session:
            jobs = await session.scalars(select(Job).where(Job.status.in_(LIVE)))
            return {job.id: job.actor for job in jobs}

    async def _end(self, job: str) -> None:
        log.warning("job %s is lost: it has no runner", job)
        payload = dump(Status(status=JobStatus.LOST, reason=REASON))
        await self._store.record(job, [Emitted(self._clock.now(), Kind.STATUS, payload)])
