"""Jobs whose runner has gone without saying how it ended."""

import asyncio
import logging
from collections.abc import Callable, Collection

from sqlalchemy import select

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.outage import OutageError
from kodosumi.domain.ports import Clock, Cluster, ClusterUnavailableError, Fate
from kodosumi.wire.events import Emitted, Ended, Kind, Status, dump
from kodosumi.wire.states import LIVE, JobStatus

log = logging.getLogger(__name__)

UNKNOWN = Fate(
    JobStatus.LOST,
    "Its runner is gone without a word: its process or its node died, or it could not be started. "
    "Ray's logs may tell more.",
)

FEW = 3
"""Jobs lost at once whose remains are ended before they are told as lost."""

TIDY = 4.0
"""Seconds that this may take; it goes on, but is not told of then."""


class LostJobs:
    """Ends jobs that have no runner in two looks in a row, and nothing left to store.

    Each look asks the cluster anew, and one that it does not answer is none: the next two count.
    Jobs in `busy` are just being ended by somebody, who will tell how.
    """

    def __init__(
        self,
        db: Database,
        cluster: Cluster,
        store: EventStore,
        clock: Clock,
        busy: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._busy = busy
        self._db = db
        self._cluster = cluster
        self._store = store
        self._clock = clock
        self._suspects: frozenset[str] = frozenset()

    async def look(self) -> list[str]:
        """Look once; return the ids of the jobs that were ended.

        A job that cannot be ended keeps no other from it, and is tried again with the next look.

        Raises:
            ClusterUnavailableError: the cluster is away, so nothing can be said.
            OutageError: the database is.
        """
        suspects, self._suspects = self._suspects, frozenset()
        live = await self._live()
        there = await self._cluster.runners() if live else frozenset()
        busy = self._busy()
        missing = {job for job, actor in live.items() if actor not in there and job not in busy}
        lost = [job for job in sorted(missing & suspects) if not await self._cluster.pending(job)]
        tidy = len(lost) <= FEW
        ended = [job for job in lost if await self._is_ended(job, live[job], tidy=tidy)]
        self._suspects = frozenset(missing.difference(ended))
        return ended

    async def _live(self) -> dict[str, str]:
        """Return the names of the actors that run the jobs that have not ended, by job."""
        async with self._db.session() as session:
            live = select(Job).where(Job.ended_at.is_(None), Job.status.in_(LIVE))
            jobs = await session.scalars(live)
            return {job.id: job.actor for job in jobs}

    async def _is_ended(self, job: str, runner: str, *, tidy: bool) -> bool:
        """End a job; False if that went wrong for a reason of its own."""
        try:
            await self._end(job, runner, tidy=tidy)
        except (ClusterUnavailableError, OutageError):
            raise
        except Exception:
            log.exception("job %s has no runner, and could not be ended", job)
            return False
        return True

    async def _end(self, job: str, runner: str, *, tidy: bool) -> None:
        fate = await self._cluster.fate(runner) or UNKNOWN
        log.warning("job %s has no runner: %s", job, fate.reason)
        ended = await self._tidy(job, runner) if tidy else None
        status = Status(status=fate.status, reason=fate.reason, ended=ended)
        await self._store.record(job, [Emitted(self._clock.now(), Kind.STATUS, dump(status))])

    async def _tidy(self, job: str, runner: str) -> Ended | None:
        """End what the runner left behind; None if there was nothing."""
        try:
            async with asyncio.timeout(TIDY):
                ended = await self._cluster.kill(job, runner)
        except (ClusterUnavailableError, TimeoutError):
            return None
        return None if ended == Ended() else ended
