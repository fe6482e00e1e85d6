"""A database that is full or locked: events wait, nothing is lost, and the log says it once."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from kodosumi.background.keeper import Keeper
from kodosumi.background.spooler import Spooler
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain import db as module
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import JobEvent
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.outage import OutageError
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, dump
from tests.postgres import Server
from tests.unit.panel_kit import empty_database

LONG = dump("x" * 20_000)


@pytest.fixture
async def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(module, "BUSY", 1.0)
    async with empty_database(tmp_path) as database:
        yield database


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the write lock as another process would."""
    other = sqlite3.connect(folder / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


class Disk:
    """Lets the file of the database grow, or not."""

    def __init__(self, db: Database) -> None:
        self.full = False
        event.listen(db.engine.sync_engine, "begin", self._limit)

    def _limit(self, connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={1 if self.full else 1_000_000}")


async def stored(db: Database) -> int:
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(JobEvent)) or 0


def batch(first: int, count: int = 1) -> Batch:
    return Batch("job", "src", first, [Emitted(1.0, Kind.STDOUT.value, LONG)] * count)


async def until(found) -> None:
    async with asyncio.timeout(20):
        while not await found():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def test_events_wait_for_room_and_the_log_stays_calm(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cluster, disk = FakeCluster(), Disk(db)
    await cluster.begin("job")
    await EventStore(db, Hub()).append([batch(1)])
    disk.full = True
    spooler = asyncio.create_task(Spooler(cluster, EventStore(db, Hub())).run())
    for _ in range(20):
        await cluster.emit("job", Kind.STDOUT, LONG)

    async def noticed() -> bool:
        return db.outage == "The disk of the database is full."

    await until(noticed)
    await asyncio.sleep(1)
    assert await stored(db) == 1
    assert await cluster.pending("job") == 20
    disk.full = False

    async def delivered() -> bool:
        return not await cluster.pending("job")

    await until(delivered)
    assert await stored(db) == 21
    assert not db.outage
    assert len(caplog.records) <= 4
    assert not [record for record in caplog.records if record.exc_info]
    spooler.cancel()
    await asyncio.wait([spooler])


async def test_while_another_process_has_the_lock_one_writer_waits_and_readers_do_not(
    db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = EventStore(db, Hub())
    await store.append([batch(1)])
    with locked(tmp_path):
        tries = [asyncio.create_task(store.append([batch(2)])) for _ in range(30)]
        await asyncio.sleep(0.05)
        assert db.busy
        assert await stored(db) == 1
        assert not any(each.done() for each in tries)
        failures = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(failure) for failure in failures} == {OutageError}
    assert db.outage == "Another process keeps the database locked."
    assert len(caplog.records) == 1
    await store.append([batch(2)])
    assert not db.outage
    assert await stored(db) == 2


async def test_the_keeper_finds_out_when_it_is_over(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kodosumi.background.keeper.LOOK", 0.05)
    keeper = asyncio.create_task(Keeper(db).run())
    with locked(tmp_path), pytest.raises(OutageError):
        await EventStore(db, Hub()).append([batch(1)])
    assert db.outage

    async def over() -> bool:
        return not db.outage

    await until(over)
    keeper.cancel()
    await asyncio.wait([keeper])


@pytest.mark.postgres
async def test_postgres_that_goes_and_comes_back(
    tmp_path: Path, postgres_url: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = FakeCluster()
    await cluster.begin("job")
    async with empty_database(tmp_path, postgres_url) as db:
        spooler = asyncio.create_task(Spooler(cluster, EventStore(db, Hub())).run())
        await asyncio.to_thread(postgres.stop)
        for n in range(20):
            await cluster.emit("job", Kind.STDOUT, dump(n))

        async def noticed() -> bool:
            return bool(db.outage)

        await until(noticed)
        await asyncio.to_thread(postgres.start)

        async def delivered() -> bool:
            return not await cluster.pending("job")

        await until(delivered)
        assert await stored(db) == 20
        assert not [record for record in caplog.records if record.exc_info]
        spooler.cancel()
        await asyncio.wait([spooler])
