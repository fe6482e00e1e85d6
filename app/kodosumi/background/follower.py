"""The follower tells the hub what other processes commit to SQLite, which announces nothing.

It looks whether the file has changed, and only then asks for the jobs that somebody waits for: one
small question for all streams together, and none while nothing happens.
"""

import asyncio
import logging

from sqlalchemy import select, text
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
        self._version = 0
        self._known: frozenset[str] = frozenset()

    def at_work(self, spooling: bool) -> None:  # noqa: FBT001 - the only argument there is
        """Hear whether this process spools now."""
        self._pause = RARE_LOOK if spooling else LOOK

    async def run(self) -> None:
        """Look for ever."""
        async with self._db.another() as own:
            while True:
                await asyncio.sleep(self._pause)
                try:
                    await self._look(own)
                except (SQLAlchemyError, OSError) as error:
                    if self._well:
                        log.warning("the database cannot be followed: %s", error)
                    self._well = False
                else:
                    self._well = True

    async def _look(self, own: Database) -> None:
        """Ask if there may be news: a commit, or somebody who waits for a job not asked for yet."""
        watched = self._hub.watched()
        if not watched:
            return
        version = await _version_of(own)
        if version != self._version or not watched <= self._known:
            await self._ask(watched)
            self._version, self._known = version, watched

    async def _ask(self, watched: frozenset[str]) -> None:
        query = select(Job.id, Job.last_seq).where(Job.id.in_(watched))
        async with self._db.session() as session:
            heads = (await session.execute(query)).all()
        self._hub.publish({row.id: row.last_seq for row in heads})


async def _version_of(own: Database) -> int:
    """Return a number that another one's commit changes, as long as `own` has one connection."""
    async with own.session() as session:
        return int(await session.scalar(text("PRAGMA data_version")) or 0)
