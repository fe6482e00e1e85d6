"""Puts spooler, claim and follower together: as they are for SQLite, as for PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kodosumi.background.claim import Claim, WorkClaim
from kodosumi.background.follower import Follower
from kodosumi.background.listener import Listener
from kodosumi.background.row_claim import RowClaim
from kodosumi.background.spooler import Spooler
from kodosumi.background.spooling import spool
from kodosumi.domain.claims.spooling import SPOOLING, lock_of
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.ports import Cluster


async def spool_and_hear(db: Database, cluster: Cluster, store: EventStore, hub: Hub) -> None:
    """Spool as soon as nobody else does; tell `hub` what others commit, before and meanwhile."""
    follower = Follower(db, hub)
    async with asyncio.TaskGroup() as group:
        group.create_task(follower.run() if db.is_sqlite else _listen(db, hub))
        group.create_task(_spool(db, cluster, store, follower))


async def hear(db: Database, hub: Hub) -> None:
    """Tell `hub` what other processes commit, until cancelled."""
    await (Follower(db, hub).run() if db.is_sqlite else _listen(db, hub))


async def spool_only(db: Database, cluster: Cluster) -> None:
    """Spool as soon as nobody else does, until cancelled."""
    hub = Hub()
    await _spool(db, cluster, EventStore(db, hub), Follower(db, hub))


async def _spool(db: Database, cluster: Cluster, store: EventStore, follower: Follower) -> None:
    async with _claim(db) as claim:
        fenced = store.fenced(claim.check)
        await spool(claim, lambda: Spooler(cluster, fenced), follower.at_work)


async def _listen(db: Database, hub: Hub) -> None:
    async with db.another() as own:
        await Listener(own, hub).run()


@asynccontextmanager
async def _claim(db: Database) -> AsyncIterator[WorkClaim]:
    if db.is_sqlite:
        yield Claim(lock_of(db))
        return
    async with db.another() as own:
        yield RowClaim(own, SPOOLING)
