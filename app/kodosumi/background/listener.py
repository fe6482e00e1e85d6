"""The listener tells the hub what other processes commit to PostgreSQL, as they announce it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.jobs.notices import CHANNEL, heads_in

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds before a lost connection is made again."""

PING = 3.0
"""Seconds between two looks whether the connection is alive, and that an answer may take."""

AWAY = (SQLAlchemyError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Listener:
    """Listens until it is cancelled, by a connection of its own: `db` is used for nothing else.

    What was announced while there was no connection is not missed: the hub is told to doubt what
    it knows, and each job that somebody waits for is looked up once.
    """

    def __init__(self, db: Database, hub: Hub) -> None:
        self._db = db
        self._hub = hub
        self._well = True

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            try:
                async with self._connection() as connection, asyncio.TaskGroup() as group:
                    group.create_task(_keep_alive(connection))
                    group.create_task(self._look_up())
            except* AWAY as errors:
                self._say(well=False, why=errors.exceptions[0])
            await asyncio.sleep(PAUSE)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """Open a connection that hears notices; asyncpg's own, since SQLAlchemy knows none."""
        async with self._db.engine.connect() as outer:
            inner: Any = (await outer.get_raw_connection()).driver_connection
            await inner.add_listener(CHANNEL, self._hear)
            self._hub.doubt()
            self._say(well=True)
            try:
                yield inner
            finally:
                await outer.invalidate()

    def _hear(self, _connection: object, _pid: int, _channel: str, notice: str) -> None:
        self._hub.publish(heads_in(notice))

    async def _look_up(self) -> None:
        while True:
            jobs = await self._hub.doubtful()
            query = select(Job.id, Job.last_seq).where(Job.id.in_(jobs))
            async with self._db.session() as session:
                heads = (await session.execute(query)).all()
            self._hub.publish({row.id: row.last_seq for row in heads})
            self._hub.assure(jobs)

    def _say(self, *, well: bool, why: object = None) -> None:
        """Log a change once."""
        if well and not self._well:
            log.info("commits of other processes are heard again")
        elif self._well and not well:
            log.warning("commits of other processes are not heard now: %r", why)
        self._well = well


async def _keep_alive(connection: Any) -> None:
    """Raise when the connection does not answer."""
    while True:
        async with asyncio.timeout(PING):
            await connection.execute("SELECT 1")
        await asyncio.sleep(PING)
