"""Several panels over one database: one of them spools, or none, and all show what is stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from listening import Listener, listen
from panel import Panel, panel_in

from kodosumi.cli.spooling import spool_only
from kodosumi.cli.wiring import follower, spooler
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain.claims.spooling import who_spools
from kodosumi.web.deps import Daemon
from kodosumi.wire.events import Kind, Status, dump
from kodosumi.wire.states import JobStatus
from tests.unit.panel_kit import BOTH, url_of

JOB = "0" * 23 + "1"


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(request) or f"sqlite+aiosqlite:///{tmp_path}/shared.db"


@asynccontextmanager
async def panels(
    folder: Path, url: str, cluster: FakeCluster, *daemons: Daemon
) -> AsyncIterator[list[Panel]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(panel_in(folder, url, cluster, [daemon]))
            for daemon in daemons
        ]


@asynccontextmanager
async def spool_process(panel: Panel) -> AsyncIterator[None]:
    """Spool as `koco spool` does: with a database and a hub of its own."""
    async with panel.domain.db.another() as own:
        task = asyncio.create_task(spool_only(own, panel.cluster))
        yield
        task.cancel()
        await asyncio.wait([task])


async def launch(panel: Panel) -> None:
    await panel.domain.jobs.open(JOB, panel.users["owner"], None, {})
    await panel.cluster.begin(JOB)
    await panel.cluster.emit(JOB, Kind.STATUS, Status(status=JobStatus.RUNNING))


async def shown(listener: Listener) -> list[int]:
    """Return the numbers of the rows of a stream, up to its end."""
    messages = await listener.until("end")
    logs = [message.json for message in messages if message.event == "log"]
    return [n for log in logs for n in range(log["from"], log["to"] + 1)]


async def test_each_panel_streams_what_a_spooler_elsewhere_stores(tmp_path: Path, url: str) -> None:
    cluster = FakeCluster()
    async with (
        panels(tmp_path, url, cluster, follower, follower) as (one, two),
        AsyncExitStack() as s,
    ):
        await s.enter_async_context(spool_process(one))
        await launch(one)
        path = f"/jobs/{JOB}/stream?tab=log"
        streams = [
            await s.enter_async_context(listen(panel.app, path, await panel.cookie("owner")))
            for panel in (one, two, two)
        ]
        for n in range(100):
            await cluster.emit(JOB, Kind.STDOUT, dump(n))
            await asyncio.sleep(0.005)
        await cluster.end(JOB)
        for stream in streams:
            assert await shown(stream) == list(range(1, 103))


async def test_what_a_person_does_at_one_panel_is_seen_at_the_one_that_spools(
    tmp_path: Path, url: str
) -> None:
    cluster = FakeCluster()
    async with (
        panels(tmp_path, url, cluster, spooler, follower) as (one, two),
        AsyncExitStack() as s,
    ):
        await launch(two)
        path = f"/jobs/{JOB}/stream?tab=log"
        stream = await s.enter_async_context(listen(one.app, path, await one.cookie("owner")))
        await stream.until("log")
        await two.domain.jobs.kill(two.users["owner"], JOB, "enough")
        assert (await stream.until("end"))[-1].json["status"] == "killed"


async def test_another_panel_takes_over_from_the_one_that_spooled(tmp_path: Path, url: str) -> None:
    cluster = FakeCluster()
    async with panels(tmp_path, url, cluster, follower) as (one,):
        boss = await one.visitor("boss")
        assert (await boss.get("/health")).json()["spooler"] == "down"
        async with spool_process(one):
            await launch(one)
            assert await one.domain.hub.wait(JOB, 0, 20)
            assert await who_spools(one.domain.db)
            assert (await boss.get("/health")).json()["spooler"] == "elsewhere"
        assert await who_spools(one.domain.db) is None
        async with panels(tmp_path, url, cluster, spooler) as (two,):
            await cluster.emit(JOB, Kind.STDOUT, dump("later"))
            assert await one.domain.hub.wait(JOB, 1, 20)
            assert await who_spools(two.domain.db)
