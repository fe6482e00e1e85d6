"""Events of a job in pages that are limited by rows and by size: 200 rows may hold 2 GB."""

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.models import JobEvent

_COLUMNS = (JobEvent.seq, JobEvent.at, JobEvent.kind, JobEvent.payload)


class Stored(NamedTuple):
    """An event as it is stored: `at` in epoch seconds, `payload` as JSON text."""

    seq: int
    at: float
    kind: str
    payload: str


class Limit(NamedTuple):
    """How much a page holds: `rows` at most, and `size` characters of payload, or one row."""

    rows: int
    size: int

    def fitting(self, sizes: Iterable[int]) -> int:
        """Return how many of the first events fit, by their sizes."""
        found = list(accumulate(sizes))[: self.rows]
        return max(sum(total <= self.size for total in found), min(1, len(found)))


class EventPages:
    """Reads pages. Who asks must have been let in to the job before; a deleted job has none."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def after(
        self, job_id: str, seq: int, limit: Limit, kinds: Collection[str] | None = None
    ) -> list[Stored]:
        """Return the first events after number `seq`, in order."""
        return await self._page([*_of(job_id, kinds), JobEvent.seq > seq], limit)

    async def until(
        self, job_id: str, seq: int | None, limit: Limit, kinds: Collection[str] | None = None
    ) -> list[Stored]:
        """Return the last events up to number `seq`, or of all, in order."""
        wanted = _of(job_id, kinds)
        if seq is not None:
            wanted.append(JobEvent.seq <= seq)
        return (await self._page(wanted, limit, newest=True))[::-1]

    async def _page(
        self, wanted: list[ColumnElement[bool]], limit: Limit, *, newest: bool = False
    ) -> list[Stored]:
        order = JobEvent.seq.desc() if newest else JobEvent.seq.asc()
        async with self._db.engine.connect() as connection:
            count = await _fitting(connection, wanted, order, limit)
            query = select(*_COLUMNS).where(*wanted).order_by(order).limit(count)
            rows: Sequence[Sequence[object]] = (await connection.execute(query)).all()
        return [Stored(*row) for row in rows]  # type: ignore[arg-type]


async def _fitting(
    connection: AsyncConnection,
    wanted: list[ColumnElement[bool]],
    order: ColumnElement[int],
    limit: Limit,
) -> int:
    sizes = select(func.length(JobEvent.payload)).where(*wanted).order_by(order).limit(limit.rows)
    return limit.fitting((await connection.execute(sizes)).scalars())


def _of(job_id: str, kinds: Collection[str] | None) -> list[ColumnElement[bool]]:
    of_job = [JobEvent.job_id == job_id]
    return [*of_job, JobEvent.kind.in_(kinds)] if kinds is not None else of_job
