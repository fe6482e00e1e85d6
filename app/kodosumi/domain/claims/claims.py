"""A claim in PostgreSQL: a row with a heartbeat, and a number that fences off earlier holders."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.claims.holder import ClaimLostError, Holder
from kodosumi.domain.claims.models import ClaimRow
from kodosumi.domain.db import Database

STALE = 5.0
"""Seconds without a heartbeat after which a claim may be taken over."""


class Claims:
    """The claim `name` as it is in the database; only PostgreSQL's clock counts."""

    def __init__(self, db: Database, name: str) -> None:
        self._db = db
        self._name = name

    async def holder(self) -> Holder | None:
        """Return who holds the claim, None if nobody has been heard of lately."""
        query = select(ClaimRow).where(self._mine(), ClaimRow.beat >= _now() - STALE)
        async with self._db.session() as session:
            row = await session.scalar(query)
        return Holder(row.host, row.pid, row.since) if row else None

    async def take(self, who: Holder) -> int | None:
        """Take the claim if it is free, and return the number of this holder.

        A transaction that the holder before has open is waited for; the database ends it when that
        process sleeps.
        """
        empty = {"fence": 0, "host": "", "pid": 0, "since": 0.0, "beat": 0.0}
        free = select(ClaimRow).where(self._mine(), ClaimRow.beat < _now() - STALE)
        async with self._db.transaction() as session:
            row = insert(ClaimRow).values(name=self._name, **empty).on_conflict_do_nothing()
            await session.execute(row)
            found = await session.scalar(free.with_for_update())
            if found is None:
                return None
            found.fence += 1
            found.host, found.pid = who.host[:255], who.pid
            now = await session.scalar(select(_now()))
            found.since = found.beat = float(now or 0)
            return found.fence

    async def beat(self, fence: int) -> None:
        """Tell that the holder is alive.

        Raises:
            ClaimLostError: there has been another one since.
        """
        if not await self._change(fence, update(ClaimRow).values(beat=_now())):
            raise ClaimLostError

    async def give_back(self, fence: int) -> None:
        """Let the next one take the claim at once."""
        await self._change(fence, update(ClaimRow).values(beat=0.0))

    async def check(self, session: AsyncSession, fence: int) -> None:
        """Make sure that nobody takes over before this transaction has ended.

        Heartbeats go on meanwhile: they do not conflict with a key share.

        Raises:
            ClaimLostError: there has been another holder since.
        """
        query = select(ClaimRow.name).where(self._mine(), ClaimRow.fence == fence)
        if await session.scalar(query.with_for_update(read=True, key_share=True)) is None:
            raise ClaimLostError

    async def _change(self, fence: int, change: Update) -> bool:
        async with self._db.transaction() as session:
            done = await session.execute(change.where(self._mine(), ClaimRow.fence == fence))
        return bool(cast("CursorResult[Any]", done).rowcount)

    def _mine(self) -> ColumnElement[bool]:
        return ClaimRow.name == self._name


def _now() -> ColumnElement[float]:
    """The time of the database, which goes on within a transaction."""
    return func.extract("epoch", func.clock_timestamp()).cast(ClaimRow.beat.type)
