"""The spooler: nothing is lost or held for ever, whatever the cluster and the events are like."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from kodosumi.background.spooler import Spooler
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import JobEvent
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.ports import ClusterUnavailableError, SourceKey
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Kind, dump
from tests.unit.panel_kit import BOTH, empty_database, url_of

LOST = "lost on the way"


class Forgetful(FakeCluster):
    """Loses the first answers that hold something, after the mailbox has given them."""

    losses = 0

    async def drain(
        self, reader: str, stored: Mapping[SourceKey, int], wait: float
    ) -> Sequence[Batch]:
        batches = await super().drain(reader, stored, wait)
        if batches and self.losses:
            self.losses -= 1
            raise ClusterUnavailableError(LOST)
        return batches


class Mute(FakeCluster):
    """Does not hear what was stored, the first time it is told."""

    deaf = True

    async def drain(
        self, reader: str, stored: Mapping[SourceKey, int], wait: float
    ) -> Sequence[Batch]:
        if stored and self.deaf:
            self.deaf = False
            raise ClusterUnavailableError(LOST)
        return await super().drain(reader, stored, wait)


@pytest.fixture(params=BOTH)
async def db(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(tmp_path, url_of(request)) as database:
        yield database


@asynccontextmanager
async def spooling(cluster: FakeCluster, store: EventStore) -> AsyncIterator[None]:
    spooler = asyncio.create_task(Spooler(cluster, store).run())
    yield
    spooler.cancel()
    await asyncio.wait([spooler])


async def payloads(db: Database, job: str = "job") -> list[str]:
    async with db.session() as session:
        query = select(JobEvent.payload).where(JobEvent.job_id == job).order_by(JobEvent.seq)
        return list(await session.scalars(query))


async def delivered(cluster: FakeCluster) -> None:
    async with asyncio.timeout(5):
        while await cluster.pending("job"):  # noqa: ASYNC110 - the mailbox has no event for it
            await asyncio.sleep(0.01)


async def test_an_answer_that_is_lost_on_the_way_is_given_again(db: Database) -> None:
    cluster = Forgetful()
    cluster.losses = 2
    await cluster.begin("job")
    async with spooling(cluster, EventStore(db, Hub())):
        await cluster.emit("job", Kind.STDOUT, dump("one"))
        await delivered(cluster)
    assert await payloads(db) == [dump("one")]


async def test_a_report_of_what_is_stored_that_is_lost_on_the_way_is_given_again(
    db: Database,
) -> None:
    cluster = Mute()
    await cluster.begin("job")
    async with spooling(cluster, EventStore(db, Hub())):
        await cluster.emit("job", Kind.STDOUT, dump("one"))
        await delivered(cluster)
    assert await payloads(db) == [dump("one")]


async def test_events_that_the_database_refuses_do_not_hold_up_the_others(db: Database) -> None:
    cluster = FakeCluster()
    await cluster.begin("job")
    await cluster.begin("other")
    for n in range(5):
        await cluster.emit("job", Kind.STDOUT, dump(n) if n != 3 else dump("\ud800"))
        await cluster.emit("other", Kind.STDOUT, dump(n))
    async with spooling(cluster, EventStore(db, Hub())):
        await delivered(cluster)
    kept = await payloads(db)
    assert [*kept[:3], kept[4]] == [dump(n) for n in (0, 1, 2, 4)]
    assert "is missing" in kept[3]
    assert await payloads(db, "other") == [dump(n) for n in range(5)]
