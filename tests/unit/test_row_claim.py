"""The claim in PostgreSQL: one holder at a time, whatever becomes of it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import select

from kodosumi.background.claim import WorkClaim
from kodosumi.background.row_claim import RowClaim
from kodosumi.background.spooler import Spooler
from kodosumi.background.spooling import spool
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain.claims.claims import Claims
from kodosumi.domain.claims.holder import ClaimLostError, Holder
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import JobEvent
from kodosumi.domain.jobs.store import EventStore
from kodosumi.wire.events import Kind, dump
from tests.postgres import Server
from tests.unit.panel_kit import empty_database

pytestmark = pytest.mark.postgres

TAKE_OVER = 10.0

HOLDER = """
import asyncio, sys
from contextlib import suppress
from kodosumi.background.row_claim import RowClaim
from kodosumi.domain.claims.holder import ClaimLostError
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.outage import OutageError
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted

async def store(claim, db, sleepy):
    async def fence(session):
        await claim.check(session)
        if sleepy:
            print("inside", flush=True)
            await asyncio.sleep(0.5)
    keep, n = EventStore(db, Hub()).fenced(fence), 0
    while True:
        n += 1
        event = Emitted(1.0, "stdout", f'"{n}"')
        with suppress(OutageError):
            await keep.append([Batch("job", "child", n, [event])])
        if n == 1:
            print("holds", flush=True)

async def hold(url, sleepy):
    db = Database(url)
    try:
        async with RowClaim(Database(url), "work") as claim, asyncio.TaskGroup() as group:
            group.create_task(claim.watch())
            group.create_task(store(claim, db, sleepy))
    except* ClaimLostError:
        print("lost", flush=True)

asyncio.run(hold(sys.argv[1], "sleepy" in sys.argv))
"""


class Wire:
    """A way to PostgreSQL that can be cut: then nothing arrives, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._there = port
        self._open = asyncio.Event()
        self._open.set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def cut(self) -> None:
        self._open.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._there)
        self._writers += [writer, back]
        with suppress(ConnectionError):
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._open.wait()
            writer.write(data)
        writer.close()


@pytest.fixture
async def db(tmp_path: Path, postgres_url: str) -> AsyncIterator[Database]:
    async with empty_database(tmp_path, postgres_url) as database:
        yield database


@pytest.fixture
def other(request: pytest.FixtureRequest, db: Database) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the claim, and stores events of one job without end."""
    words = [sys.executable, "-c", HOLDER, db.url, *getattr(request, "param", ())]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() in {"holds\n", "inside\n"}
        yield child
        child.kill()


async def hold_until(claim: RowClaim, seconds: float) -> None:
    """Take the claim within `seconds`, and store an event as its holder."""
    async with asyncio.timeout(seconds), claim:
        pass


async def checked(claim: RowClaim, db: Database) -> None:
    async with db.transaction() as session:
        await claim.check(session)


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.read().split("\n")[-2]


async def payloads(db: Database) -> list[str]:
    async with db.session() as session:
        query = select(JobEvent.payload).where(JobEvent.job_id == "job").order_by(JobEvent.seq)
        return list(await session.scalars(query))


async def test_one_at_a_time_and_at_once_when_it_is_given_back(db: Database) -> None:
    working: list[str] = []

    async def work(name: str) -> None:
        async with RowClaim(db, "work"):
            working.append(name)
            await asyncio.sleep(0.2)
            assert working == [name]
            working.clear()

    await asyncio.gather(*(work(name) for name in "abc"))
    assert await Claims(db, "work").holder() is None


async def test_who_holds_it_is_known(db: Database, other: subprocess.Popen[str]) -> None:
    holder = await Claims(db, "work").holder()
    assert holder
    assert holder.pid == other.pid
    assert str(other.pid) in str(holder)
    assert await Claims(db, "work").take(Holder.myself()) is None


async def test_it_is_taken_over_from_a_holder_that_is_killed(
    db: Database, other: subprocess.Popen[str]
) -> None:
    other.kill()
    await hold_until(RowClaim(db, "work"), TAKE_OVER)


@pytest.mark.parametrize("other", [[], ["sleepy"]], indirect=True, ids=["idle", "in the middle"])
async def test_it_is_taken_over_from_a_sleeper_that_finds_out_when_it_wakes(
    db: Database, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGSTOP)
    await asyncio.to_thread(os.waitid, os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
    async with asyncio.timeout(TAKE_OVER + 20):
        claim = RowClaim(db, "work")
        async with asyncio.timeout(TAKE_OVER):
            await claim.__aenter__()
        before = await payloads(db)
        other.send_signal(signal.SIGCONT)
        assert await asyncio.to_thread(said, other) == "lost"
        await claim.__aexit__(None, None, None)
    after = await payloads(db)
    assert after == before == [dump(str(n)) for n in range(1, len(after) + 1)]


async def test_a_holder_that_is_cut_off_gives_up_and_is_succeeded(
    db: Database, postgres: Server
) -> None:
    async with Wire(postgres.port) as wire:
        far = Database(db.url.replace(f":{postgres.port}/", f":{wire.port}/"))
        old, new = RowClaim(far, "work"), RowClaim(db, "work")
        await old.__aenter__()
        watching = asyncio.create_task(old.watch())
        wire.cut()
        await hold_until(new, TAKE_OVER)
        with pytest.raises(ClaimLostError):
            async with asyncio.timeout(TAKE_OVER):
                await watching
        await old.__aexit__(None, None, None)
        await far.close()


async def test_nothing_is_committed_by_a_holder_that_was_succeeded(
    db: Database, postgres: Server
) -> None:
    away = "UPDATE claims SET beat = 0"
    async with RowClaim(db, "work") as old:
        await checked(old, db)
        postgres.run(db.url, away)
        async with db.another() as own, RowClaim(own, "work") as new:
            with pytest.raises(ClaimLostError):
                await checked(old, db)
            with pytest.raises(ClaimLostError):
                async with asyncio.timeout(TAKE_OVER):
                    await old.watch()
            await checked(new, db)


async def test_a_spooler_that_lost_the_claim_commits_nothing_and_begins_again(
    db: Database, postgres: Server
) -> None:
    cluster, begun = FakeCluster(), asyncio.Queue[bool]()
    await cluster.begin("job")
    claim: WorkClaim = RowClaim(db, "work")
    store = EventStore(db, Hub()).fenced(claim.check)
    task = asyncio.create_task(spool(claim, lambda: Spooler(cluster, store), begun.put_nowait))
    assert await begun.get()
    postgres.run(db.url, "UPDATE claims SET fence = fence + 1, beat = 0")
    await cluster.emit("job", Kind.STDOUT, dump("late"))
    assert not await begun.get()
    assert await payloads(db) == []
    assert await begun.get()
    async with asyncio.timeout(5):
        while await cluster.pending("job"):  # noqa: ASYNC110 - the mailbox has no event for it
            await asyncio.sleep(0.01)
    assert await payloads(db) == [dump("late")]
    task.cancel()
    await asyncio.wait([task])


async def test_two_readers_of_one_mailbox_store_everything_once(db: Database) -> None:
    cluster = FakeCluster()
    await cluster.begin("job")
    readers = [Spooler(cluster, EventStore(db, Hub())) for _ in range(2)]
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    for n in range(200):
        await cluster.emit("job", Kind.STDOUT, dump(n))
        await asyncio.sleep(0)
    async with asyncio.timeout(20):
        while await cluster.pending("job"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert await payloads(db) == [dump(n) for n in range(200)]
