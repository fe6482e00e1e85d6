"""What people do with jobs, and what becomes of jobs that nobody ends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.background.follower import Follower
from kodosumi.background.spooler import Spooler
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain.db import Database
from kodosumi.domain.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.jobs import Jobs
from kodosumi.domain.jobs.lost import LostJobs
from kodosumi.domain.jobs.pages import EventPages, Limit
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.jobs.views import JobFilter
from kodosumi.domain.people.models import Role, User
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, Meta, Status, dump
from kodosumi.wire.states import JobStatus
from tests.unit.panel_kit import BOTH, FakeClock, empty_database, url_of

RUNNING = Status(status=JobStatus.RUNNING)
STANDBY = "standby-" + "0" * 24


class Kit:
    """A panel's jobs over the twin of the cluster, with a spooler at work."""

    def __init__(self, db: Database) -> None:
        self.clock = FakeClock()
        self.cluster = FakeCluster()
        self.hub = Hub()
        self.store = EventStore(db, self.hub)
        self.pages = EventPages(db)
        self.jobs = Jobs(db, self.cluster, self.store, self.clock, grace=1)
        self.lost = LostJobs(db, self.cluster, self.store, self.clock)
        self.owner = User(id=1, name="owner", role=Role.MEMBER, active=True)
        self.stranger = User(id=2, name="stranger", role=Role.MEMBER, active=True)
        self.operator = User(id=3, name="operator", role=Role.OPERATOR, active=True)

    async def running(self, job: str) -> None:
        await self.jobs.open(job, self.owner, None, {"limit": 1})
        await self.cluster.begin(job)
        await self.cluster.emit(job, Kind.STATUS, RUNNING)
        await self.hub.wait(job, 0, 5)


@pytest.fixture(params=BOTH)
async def kit(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Kit]:
    async with empty_database(tmp_path, url_of(request)) as db:
        kit = Kit(db)
        async with db.transaction() as session:
            for user in (kit.owner, kit.stranger, kit.operator):
                user.password, user.created_at = "x", 0.0
                session.add(user)
        spooler = asyncio.create_task(Spooler(kit.cluster, kit.store).run())
        yield kit
        spooler.cancel()
        await asyncio.wait([spooler])


async def test_a_job_belongs_to_who_launched_it_even_if_its_events_came_first(kit: Kit) -> None:
    await kit.cluster.begin("a1")
    await kit.cluster.emit("a1", Kind.STATUS, RUNNING)
    await kit.hub.wait("a1", 0, 5)
    await kit.jobs.open("a1", kit.owner, None, {})
    assert (await kit.jobs.row(kit.owner, "a1")).owner_name == "owner"
    assert (await kit.jobs.get(kit.owner, "a1")).status == "running"
    await kit.jobs.open("a1", kit.stranger, None, {})
    assert (await kit.jobs.get(kit.operator, "a1")).owner_id == kit.owner.id


async def test_a_job_may_be_made_by_its_events_while_it_is_opened(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kit.cluster.begin("a1")
    await kit.cluster.emit("a1", Kind.STATUS, RUNNING)
    await kit.hub.wait("a1", 0, 5)
    get, asked = AsyncSession.get, []

    async def late(session: AsyncSession, table: Any, key: Any, **options: Any) -> Any:
        asked.append(key)
        return await get(session, table, key, **options) if len(asked) > 1 else None

    monkeypatch.setattr(AsyncSession, "get", late)
    await kit.jobs.open("a1", kit.owner, None, {})
    assert (await kit.jobs.get(kit.owner, "a1")).owner_id == kit.owner.id


async def test_a_stranger_finds_nothing_and_changes_nothing(kit: Kit) -> None:
    await kit.running("a1")
    for verb in (kit.jobs.get, kit.jobs.cancel, kit.jobs.kill, kit.jobs.delete):
        with pytest.raises(NotFoundError):
            await verb(kit.stranger, "a1")
    assert not (await kit.jobs.list(kit.stranger, JobFilter())).items


async def test_kill_keeps_what_was_emitted_and_tells_who(kit: Kit) -> None:
    await kit.running("a1")
    for n in range(50):
        await kit.cluster.emit("a1", Kind.STDOUT, dump(f"line {n}"))
    await kit.jobs.kill(kit.operator, "a1", "out of patience")
    job = await kit.jobs.get(kit.owner, "a1")
    assert (job.status, job.ended_by, job.reason) == ("killed", "operator", "out of patience")
    events = await kit.pages.after("a1", 0, Limit(rows=100, size=9_999))
    assert [event.seq for event in events] == list(range(1, 53))
    assert events[-1].kind == "status"
    with pytest.raises(ConflictError):
        await kit.jobs.kill(kit.operator, "a1")


async def test_cancel_ends_a_job_whose_runner_is_gone(kit: Kit) -> None:
    await kit.running("a1")
    kit.cluster.vanish("a1")
    await kit.jobs.cancel(kit.owner, "a1")
    assert (await kit.jobs.get(kit.owner, "a1")).status == "cancelled"


@pytest.mark.parametrize("told_by", ["the launch", "its events"])
async def test_a_job_is_found_by_the_name_of_its_runner(kit: Kit, told_by: str) -> None:
    await kit.jobs.open("a1", kit.owner, None, {}, STANDBY if told_by == "the launch" else None)
    assert await kit.lost.look() == []
    await kit.cluster.begin("a1", STANDBY)
    if told_by == "its events":
        await kit.cluster.emit("a1", Kind.META, Meta(runner=STANDBY))
        await kit.hub.wait("a1", 0, 5)
    assert await kit.lost.look() == await kit.lost.look() == []
    await kit.jobs.kill(kit.owner, "a1")
    assert await kit.cluster.runners() == frozenset()


async def test_without_ray_nothing_is_pretended(kit: Kit) -> None:
    await kit.running("a1")
    kit.cluster.go_away("gone")
    for verb in (kit.jobs.cancel, kit.jobs.kill):
        with pytest.raises(UnavailableError):
            await verb(kit.owner, "a1")
    assert (await kit.jobs.get(kit.owner, "a1")).status == "running"


async def test_only_ended_jobs_are_deleted(kit: Kit) -> None:
    await kit.running("a1")
    with pytest.raises(ConflictError):
        await kit.jobs.delete(kit.owner, "a1")
    await kit.jobs.kill(kit.owner, "a1")
    await kit.jobs.delete(kit.owner, "a1")
    with pytest.raises(NotFoundError):
        await kit.jobs.get(kit.owner, "a1")


async def test_a_job_without_a_runner_is_lost_at_the_second_look(kit: Kit) -> None:
    await kit.running("a1")
    await kit.running("a2")
    kit.cluster.vanish("a1")
    assert await kit.lost.look() == []
    assert await kit.lost.look() == ["a1"]
    lost = await kit.jobs.get(kit.owner, "a1")
    assert lost.status == "lost"
    assert "runner is gone" in (lost.reason or "")
    assert (await kit.jobs.get(kit.owner, "a2")).status == "running"


async def test_a_list_is_paged_without_gap_or_repeat(kit: Kit) -> None:
    for n in range(25):
        kit.clock.at += n % 3  # several jobs share a moment
        await kit.jobs.open(f"{n:024x}", kit.owner, None, {})
    seen: list[str] = []
    cursor = None
    while True:
        page = await kit.jobs.list(kit.owner, JobFilter(), limit=10, before=cursor)
        seen += [row.job.id for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 25
    with pytest.raises(InvalidError):
        await kit.jobs.list(kit.owner, JobFilter(), before="yesterday")


async def test_a_list_is_filtered(kit: Kit) -> None:
    await kit.running("a1")
    await kit.jobs.open("a2", kit.stranger, None, {})

    async def found(**wanted: object) -> list[str]:
        page = await kit.jobs.list(kit.operator, JobFilter(**wanted))  # type: ignore[arg-type]
        return [row.job.id for row in page.items]

    assert await found(status=("running",)) == ["a1"]
    assert sorted(await found()) == ["a1", "a2"]
    assert await found(mine=True) == []
    assert await found(q="A2") == ["a2"]
    assert await found(q="%") == []


async def test_a_panel_that_does_not_spool_hears_of_what_another_process_commits(
    tmp_path: Path,
) -> None:
    async with empty_database(tmp_path) as db:
        theirs, ours = Hub(), Hub()
        following = asyncio.create_task(Follower(db, ours).run())
        waiting = asyncio.create_task(ours.wait("a1", 0, 30))
        event = Emitted(1.0, Kind.STDOUT, dump("hello"))
        await EventStore(db, theirs).append([Batch("a1", "src", 1, [event])])
        assert await waiting
        assert ours.watched() == frozenset()
        following.cancel()
        await asyncio.wait([following])
