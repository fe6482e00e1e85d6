"""Commits of other processes to one SQLite file: all are found, and nothing is asked in vain."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event

from kodosumi.background import follower as module
from kodosumi.background.follower import Follower
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.store import EventStore
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, dump
from tests.unit.panel_kit import empty_database


@pytest.fixture
async def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(module, "LOOK", 0.01)
    async with empty_database(tmp_path) as database:
        yield database


@pytest.fixture
async def hub(db: Database) -> AsyncIterator[Hub]:
    """The hub of a panel that does not spool."""
    hub = Hub()
    task = asyncio.create_task(Follower(db, hub).run())
    yield hub
    task.cancel()
    await asyncio.wait([task])


async def say(db: Database, n: int, job: str = "job") -> None:
    async with db.another() as theirs:
        line = Emitted(1.0, Kind.STDOUT.value, dump(n))
        await EventStore(theirs, Hub()).append([Batch(job, "src", n, [line])])


async def test_each_commit_is_heard_of(db: Database, hub: Hub) -> None:
    for n in range(1, 20):
        waiting = asyncio.create_task(hub.wait("job", n - 1, 30))
        await say(db, n)
        assert await waiting
    assert hub.watched() == frozenset()


async def test_who_comes_after_the_commit_hears_of_it_too(db: Database, hub: Hub) -> None:
    for job in ("a", "b"):
        await say(db, 1, job)
        await say(db, 2, job)
    first = asyncio.create_task(hub.wait("a", 2, 30))
    await asyncio.sleep(0.05)
    assert await hub.wait("b", 1, 10)
    first.cancel()


async def test_while_nothing_happens_nothing_is_asked(db: Database, hub: Hub) -> None:
    await say(db, 1)
    waiting = asyncio.create_task(hub.wait("job", 1, 30))
    await asyncio.sleep(0.2)
    asked: list[str] = []
    event.listen(
        db.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: asked.append(statement),
    )
    await asyncio.sleep(0.3)
    assert asked == []
    await say(db, 2)
    assert await waiting
