"""The follower tells the hub what other processes commit, while this one does not spool.

It asks the database for the jobs that somebody waits for, and for nothing when nobody does: one
small question for all streams together.
"""

import asyncio
import logging

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import Job

log = logging.getLogger(__name__)

LOOK = 0.1
"""Seconds between two looks."""


class Follower:
    """Follows the commits of another spooler until it is cancelled."""

    def __init__(self, db: Database, hub: Hub) -> None:
        self._db = db
        self._hub = hub

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except (SQLAlchemyError, OSError):
                log.exception("the database cannot be followed; trying again")

    async def look(self) -> None:
        """Look once."""
        if watched := self._hub.watched():
            query = select(Job.id, Job.last_seq).where(Job.id.in_(watched))
            async with self._db.session() as session:
                heads = (await session.execute(query)).all()
            self._hub.publish({row.id: row.last_seq for row in heads})
