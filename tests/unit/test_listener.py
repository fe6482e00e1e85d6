"""Commits that other processes announce: all are heard of, even those announced to nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kodosumi.background.listener import Listener
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.notices import ROOM, announce, heads_in, notices
from kodosumi.domain.jobs.store import EventStore
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, Status, dump
from kodosumi.wire.states import JobStatus
from tests.postgres import Server
from tests.unit.panel_kit import empty_database

DEAF = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND query ~ '^(LISTEN|SELECT 1$)'"
)


def test_notices_are_small_enough_and_tell_all() -> None:
    heads = {f"{n:024x}": n * 1000 for n in range(1, 2000)}
    texts = list(notices(heads))
    assert len(texts) > 1
    assert all(len(text.encode()) <= ROOM for text in texts)
    assert {job: n for text in texts for job, n in heads_in(text).items()} == heads
    assert list(notices({})) == []


@pytest.fixture
async def db(tmp_path: Path, postgres_url: str) -> AsyncIterator[Database]:
    async with empty_database(tmp_path, postgres_url) as database:
        yield database


@asynccontextmanager
async def listening(db: Database) -> AsyncIterator[Hub]:
    """A hub of a panel that does not spool."""
    hub = Hub()
    async with db.another() as own:
        task = asyncio.create_task(Listener(own, hub).run())
        yield hub
        task.cancel()
        await asyncio.wait([task])


async def say(db: Database, n: int, job: str = "job") -> None:
    event = Emitted(1.0, Kind.STDOUT.value, dump(n))
    await EventStore(db, Hub()).append([Batch(job, "src", n, [event])])


async def announce_and_fail(db: Database) -> None:
    async with db.transaction() as session:
        await announce(session, {"job": 99})
        raise ZeroDivisionError


@pytest.mark.postgres
async def test_whoever_commits_all_panels_hear_of_it(db: Database) -> None:
    async with listening(db) as one, listening(db) as two:
        await say(db, 1)
        assert await one.wait("job", 0, 10)
        assert await two.wait("job", 0, 10)
        ended = [Emitted(2.0, Kind.STATUS.value, dump(Status(status=JobStatus.KILLED)))]
        assert await EventStore(db, one).record("job", ended)
        assert await two.wait("job", 1, 10)


@pytest.mark.postgres
async def test_what_is_rolled_back_is_not_announced(db: Database) -> None:
    async with listening(db) as hub:
        await say(db, 1)
        assert await hub.wait("job", 0, 10)
        heads = hub.head("job")
        with pytest.raises(ZeroDivisionError):
            await announce_and_fail(db)
        await say(db, 1, "other")
        assert await hub.wait("other", 0, 10)
        assert hub.head("job") == heads


@pytest.mark.postgres
async def test_nothing_is_missed_while_the_connection_is_away(
    db: Database, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kodosumi.background.listener.PAUSE", 1.0)
    for job in ("waits", "late", "news"):
        await say(db, 1, job)
    async with listening(db) as hub:
        assert await hub.wait("waits", 0, 10)
        waits = asyncio.create_task(hub.wait("waits", 1, 30))
        await asyncio.sleep(0.1)
        assert postgres.run(db.url, DEAF) != "0"
        await asyncio.sleep(0.2)
        for job in ("waits", "late"):
            await say(db, 2, job)
        assert await waits
        # A stream that read event 1 before the gap, and begins to wait only after it.
        assert await hub.wait("late", 1, 10)
        news = asyncio.create_task(hub.wait("news", 1, 30))
        await asyncio.sleep(0.1)
        await say(db, 2, "news")
        assert await news


@pytest.mark.postgres
async def test_a_server_that_restarts_is_heard_again(db: Database, postgres: Server) -> None:
    await say(db, 1)
    async with listening(db) as hub:
        assert await hub.wait("job", 0, 10)
        waits = asyncio.create_task(hub.wait("job", 1, 60))
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        await say(db, 2)
        assert await waits


@pytest.mark.postgres
async def test_an_idle_stream_asks_the_database_nothing(db: Database, postgres: Server) -> None:
    count = "SELECT sum(calls) FROM (SELECT seq_scan + idx_scan AS calls FROM pg_stat_user_tables)"
    await say(db, 1)
    async with listening(db) as hub:
        assert await hub.wait("job", 0, 10)
        waits = asyncio.create_task(hub.wait("job", 1, 60))
        await asyncio.sleep(1.5)
        before = postgres.run(db.url, f"{count} t")
        await asyncio.sleep(2.5)
        assert postgres.run(db.url, f"{count} t") == before
        waits.cancel()
