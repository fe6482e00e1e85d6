"""The follower tells the hub what other processes commit to SQLite, which announces nothing.

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

RARE_LOOK = 1.0
"""The same in the process that spools: others commit only what people do, such as a kill."""


class Follower:
    """Follows the commits of other processes until it is cancelled."""

    def __init__(self, db: Database, hub: Hub) -> None:
        self._db = db
        self._hub = hub
        self._pause = LOOK
        self._well = True

    def at_work(self, spooling: bool) -> None:  # noqa: FBT001 - the only argument there is
        """Hear whether this process spools now."""
        self._pause = RARE_LOOK if spooling else LOOK

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                if self._well:
                    log.warning("the database cannot be followed: %s", error)
                self._well = False
            else:
                self._well = True

    async def look(self) -> None:
        """Look once."""
        if watched := self._hub.watched():
            query = select(Job.id, Job.last_seq).where(Job.id.in_(watched))
            async with self._db.session() as session:
                heads = (await session.execute(query)).all()
            self._hub.publish({row.id: row.last_seq for row in heads})
