"""Finished jobs for the house's lists and logs, written straight into its database."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.db import Base, Database
from kodosumi.domain.jobs.models import Job, JobEvent
from kodosumi.domain.people.models import User, fold
from kodosumi.wire.events import Kind
from kodosumi.wire.ids import new_job_id
from kodosumi.wire.states import JobStatus

BATCH = 5000
YEAR = 365 * 86400.0
SUMMARY = "Monthly report"


class Stock:
    """Adds jobs to a database that a panel uses meanwhile."""

    def __init__(self, url: str) -> None:
        self._db = Database(url)

    async def close(self) -> None:
        """Close the database."""
        await self._db.close()

    async def add_jobs(self, count: int) -> None:
        """Add finished jobs of the first user, spread over the half of a year."""
        async with self._db.session() as session:
            owner = await session.scalar(select(User.id).order_by(User.id).limit(1))
        start = time.time() - YEAR
        for first in range(0, count, BATCH):
            jobs = [
                _job(owner, start + n * YEAR / (2 * count), f"{SUMMARY} {n}")
                for n in range(first, min(count, first + BATCH))
            ]
            await self._add(Job, jobs)
            await self._add(JobEvent, [event for job in jobs for event in _events(job)])

    async def add_oldest(self, summary: str) -> None:
        """Add one job that is older than all others."""
        job = _job(None, time.time() - 2 * YEAR, summary)
        await self._add(Job, [job])
        await self._add(JobEvent, list(_events(job)))

    async def add_log(self, lines: int) -> str:
        """Add a finished job with a log of so many lines; return its id."""
        job = _job(None, time.time() - lines / 1000, f"{lines} lines")
        job["last_seq"] = lines
        await self._add(Job, [job])
        for first in range(1, lines + 1, BATCH):
            numbers = range(first, min(lines, first + BATCH - 1) + 1)
            await self._add(JobEvent, [_line(job, n, lines) for n in numbers])
        return str(job["id"])

    async def _add(self, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        async with self._db.transaction() as session:
            await _insert(session, table, rows)


async def _insert(session: AsyncSession, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(insert(table), rows)


def _job(owner: int | None, at: float, summary: str) -> dict[str, Any]:
    return {
        "id": new_job_id(),
        "status": JobStatus.FINISHED.value,
        "owner_id": owner,
        "summary": summary,
        "folded": fold(summary),
        "meta": {"entry_point": "bench_work:burst", "summary": summary},
        "inputs": {"kind": "burst", "count": "1", "rate": "0"},
        "created_at": at,
        "started_at": at + 0.1,
        "ended_at": at + 9.0,
        "last_seq": 4,
        "final": '{"str":"done"}',
    }


def _events(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told = (
        (Kind.STATUS, '{"status":"running"}'),
        (Kind.RESULT, '{"str":"a result"}'),
        (Kind.FINAL, job["final"]),
        (Kind.STATUS, '{"status":"finished"}'),
    )
    for seq, (kind, payload) in enumerate(told, 1):
        yield _event(job, seq, kind, payload)


def _line(job: dict[str, Any], seq: int, last: int) -> dict[str, Any]:
    if seq == last:
        return _event(job, seq, Kind.STATUS, '{"status":"finished"}')
    text = f"line {seq}: the quick brown fox jumps over the lazy dog, again and again and again"
    return _event(job, seq, Kind.STDOUT, json.dumps(text))


def _event(job: dict[str, Any], seq: int, kind: Kind, payload: str) -> dict[str, Any]:
    at = job["created_at"] + seq / 1000
    return {"job_id": job["id"], "seq": seq, "at": at, "kind": kind.value, "payload": payload}
