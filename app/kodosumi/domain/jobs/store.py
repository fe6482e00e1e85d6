"""The event store: the one door through which events, and so changes of jobs, reach the database.

Numbers are given here: `seq` counts 1, 2, 3 … per job. The last number stored of each source is
written in the same transaction, so that a batch that arrives again changes nothing.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Self, cast

from sqlalchemy import Table, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import DeletedJob, Job, JobEvent, JobSource
from kodosumi.domain.jobs.notices import announce
from kodosumi.domain.jobs.poison import is_refusal, parts
from kodosumi.domain.jobs.projection import project
from kodosumi.domain.jobs.tails import Tails
from kodosumi.domain.ports import SourceKey
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, dump, load

log = logging.getLogger(__name__)

Row = dict[str, Any]

_EVENTS = cast("Table", JobEvent.__table__)  # its rows are many: they are no objects

Fence = Callable[[AsyncSession], Awaitable[None]]


class EventStore:
    """Appends events to jobs, and wakes those who watch them."""

    def __init__(self, db: Database, hub: Hub) -> None:
        self.tails = Tails()
        self._db = db
        self._hub = hub
        self._fence: Fence | None = None

    def fenced(self, fence: Fence) -> Self:
        """Return this store with `append` asking `fence` first, within its transaction.

        It raises when nothing must be committed, and keeps that true to the transaction's end.
        """
        same = copy(self)
        same._fence = fence  # noqa: SLF001 - it is ours
        return same

    async def append(self, batches: Sequence[Batch]) -> dict[SourceKey, int]:
        """Store what is new in `batches`, all in one transaction.

        Returns the last number stored of each source, to be acknowledged. Jobs that are not known
        yet are created; what comes late of a deleted one is acknowledged and dropped. An event that
        the database refuses is replaced by a line that tells so.
        """
        try:
            return await self._append(batches)
        except Exception as exc:
            if not is_refusal(exc):
                raise
            log.warning("events were refused by the database: %s", type(exc).__name__)
            smaller = parts(batches, exc)
        if len(smaller) == 1:
            return await self._append(smaller[0])
        stored: dict[SourceKey, int] = {}
        for part in smaller:
            stored |= await self.append(part)
        return stored

    async def _append(self, batches: Sequence[Batch]) -> dict[SourceKey, int]:
        async with self._db.transaction() as session:
            if self._fence:
                await self._fence(session)
            jobs = await _lock_jobs(session, batches)
            wanted = [batch for batch in batches if batch.job in jobs]
            marks = await _load_marks(session, wanted)
            rows = [row for batch in wanted for row in _accept(jobs[batch.job], marks, batch)]
            await _insert(session, rows)
            heads = {job.id: job.last_seq for job in jobs.values()}
            await announce(session, heads)
        self._tell(rows, heads)
        dropped = {(b.job, b.source): b.last for b in batches if b.job not in jobs}
        return dropped | {key: mark.last for key, mark in marks.items()}

    async def record(self, job_id: str, events: Iterable[Emitted]) -> bool:
        """Store events that the panel itself makes; False if any was refused (see `project`)."""
        async with self._db.transaction() as session:
            job = await session.get(Job, job_id, with_for_update=True)
            if job is None:
                return False
            made = list(events)
            rows = _numbered(job, made)
            await _insert(session, rows)
            head = job.last_seq
            await announce(session, {job_id: head})
        self._tell(rows, {job_id: head})
        return len(rows) == len(made)

    def _tell(self, rows: Sequence[Row], heads: Mapping[str, int]) -> None:
        self.tails.add(rows)
        self._hub.publish(heads)


async def _lock_jobs(session: AsyncSession, batches: Sequence[Batch]) -> dict[str, Job]:
    """Return the rows of all jobs in `batches` but deleted ones, made where there is none yet."""
    firsts = {batch.job: batch for batch in reversed(batches)}
    found = await session.scalars(select(Job).where(Job.id.in_(firsts)).with_for_update())
    jobs = {job.id: job for job in found}
    unknown = firsts.keys() - jobs.keys()
    if unknown:
        deleted = await session.scalars(select(DeletedJob.id).where(DeletedJob.id.in_(unknown)))
        made = {job: _unknown_job(firsts[job]) for job in unknown - set(deleted)}
        session.add_all(made.values())
        await session.flush()
        jobs |= made
    return jobs


def _unknown_job(batch: Batch) -> Job:
    """Return the row of a job whose launch did not come through this panel, or not yet."""
    return Job(
        id=batch.job,
        status="starting",
        last_seq=0,
        created_at=batch.events[0].at,
        meta={},
        inputs={},
        summary="",
    )


async def _load_marks(
    session: AsyncSession, batches: Sequence[Batch]
) -> dict[SourceKey, JobSource]:
    keys = {(batch.job, batch.source) for batch in batches}
    known = await session.scalars(
        select(JobSource).where(tuple_(JobSource.job_id, JobSource.source).in_(keys))
    )
    marks = {(mark.job_id, mark.source): mark for mark in known}
    for job, source in keys - marks.keys():
        marks[job, source] = mark = JobSource(job_id=job, source=source, last=0)
        session.add(mark)
    return marks


def _accept(job: Job, marks: Mapping[SourceKey, JobSource], batch: Batch) -> list[Row]:
    """Return the rows of what is new in `batch`, and note how far its source is."""
    mark = marks[batch.job, batch.source]
    fresh = batch.after(mark.last)
    if not fresh.events:
        return []
    if fresh.first != mark.last + 1:
        log.error("job %s: events %d to %d are missing", job.id, mark.last + 1, fresh.first - 1)
    mark.last = fresh.last
    return _numbered(job, fresh.events)


def _numbered(job: Job, events: Iterable[Emitted]) -> list[Row]:
    rows: list[Row] = []
    for at, kind, payload in events:
        if not project(job, at, kind, payload):
            log.warning("job %s: a %s event was refused in state %s", job.id, kind, job.status)
            continue
        job.last_seq += 1
        text = payload
        if kind == Kind.STATUS and job.ended_at is not None:
            text = _counted(payload, job.last_seq)
        rows.append(
            {"job_id": job.id, "seq": job.last_seq, "at": at, "kind": kind, "payload": text}
        )
    return rows


def _counted(payload: str, count: int) -> str:
    """Return a final status with the number of all events of its job, itself included."""
    return dump(load(Kind.STATUS, payload).model_copy(update={"count": count}))


async def _insert(session: AsyncSession, rows: list[Row]) -> None:
    if rows:
        await session.execute(insert(_EVENTS), rows)
