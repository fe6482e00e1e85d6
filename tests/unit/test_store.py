"""The event store: numbers without gaps, nothing twice, the end is the end."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.models import DeletedJob, Job, JobEvent
from kodosumi.domain.jobs.store import EventStore
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, Status, dump
from kodosumi.wire.states import JobStatus
from tests.unit.panel_kit import BOTH, empty_database, url_of


@pytest.fixture(params=BOTH)
async def db(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(tmp_path, url_of(request)) as database:
        yield database


@pytest.fixture
def store(db: Database) -> EventStore:
    return EventStore(db, Hub())


def lines(first: int, count: int, job: str = "job", source: str = "src") -> Batch:
    events = [Emitted(1.0, Kind.STDOUT, dump(f"{source} {n}")) for n in range(first, first + count)]
    return Batch(job, source, first, events)


def status(first: int, status: JobStatus, source: str = "src") -> Batch:
    return Batch("job", source, first, [Emitted(2.0, Kind.STATUS, dump(Status(status=status)))])


async def stored(db: Database, job: str = "job") -> list[JobEvent]:
    async with db.session() as session:
        query = select(JobEvent).where(JobEvent.job_id == job).order_by(JobEvent.seq)
        return list(await session.scalars(query))


async def job_row(db: Database) -> Job:
    async with db.session() as session:
        return (await session.scalars(select(Job).where(Job.id == "job"))).one()


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_is_repeated_is_stored_once_and_in_the_order_of_its_source(
    db: Database, store: EventStore, seed: int
) -> None:
    rng = random.Random(seed)
    sent = {source: [lines(n, 7, source=source) for n in range(1, 70, 7)] for source in "abc"}
    for _ in range(60):
        await store.append(
            [b for s in "abc" for b in sent[s][: rng.randint(0, 9)]] or sent["a"][:1]
        )
    marks = await store.append([b for batches in sent.values() for b in batches])
    events = await stored(db)
    assert marks == {("job", source): 70 for source in "abc"}
    assert [event.seq for event in events] == list(range(1, 211))
    for source in "abc":
        texts = [event.payload for event in events if event.payload.startswith(f'"{source}')]
        assert texts == [dump(f"{source} {n}") for n in range(1, 71)]


async def test_no_event_is_accepted_after_the_final_status(db: Database, store: EventStore) -> None:
    await store.append([lines(1, 2), status(3, JobStatus.RUNNING)])
    await store.append([status(4, JobStatus.FINISHED), lines(5, 1), lines(1, 3, source="late")])
    marks = await store.append([lines(4, 1, source="late"), status(6, JobStatus.ERROR)])
    job = await job_row(db)
    assert (job.status, job.last_seq, job.ended_at) == ("finished", 4, 2.0)
    assert [event.kind for event in await stored(db)][-1] == "status"
    assert marks == {("job", "late"): 4, ("job", "src"): 6}


async def test_the_row_is_a_projection_of_its_events(db: Database, store: EventStore) -> None:
    failure = '{"type":"ValueError","message":"no","public":false}'
    events = [
        Emitted(1.0, Kind.META, '{"summary":"Sum","entry_point":"a:b"}'),
        Emitted(1.0, Kind.INPUTS, '{"limit":3}'),
        Emitted(2.0, Kind.STATUS, '{"status":"running"}'),
        Emitted(3.0, Kind.PROGRESS, '{"done":1,"total":4}'),
        Emitted(4.0, Kind.ERROR, failure),
        Emitted(5.0, Kind.STATUS, '{"status":"error"}'),
    ]
    await store.append([Batch("job", "src", 1, events)])
    job = await job_row(db)
    assert (job.summary, job.inputs, job.status) == ("Sum", {"limit": 3}, "error")
    assert (job.started_at, job.ended_at, job.progress["done"]) == (2.0, 5.0, 1)
    assert job.error["type"] == "ValueError"


async def test_payloads_of_the_wrong_shape_and_illegal_moves_are_refused(
    db: Database, store: EventStore
) -> None:
    wrong = [Emitted(1.0, Kind.STATUS, '{"status":"dancing"}'), Emitted(1.0, Kind.META, "[]")]
    await store.append([Batch("job", "src", 1, wrong), status(3, JobStatus.AWAITING)])
    assert await stored(db) == []
    assert not await store.record("unknown", [])


async def test_the_hub_hears_of_what_is_committed(db: Database) -> None:
    hub = Hub()
    await EventStore(db, hub).append([lines(1, 5)])
    assert hub.head("job") == 5
    assert await hub.wait("job", 4, 1)
    assert not await hub.wait("job", 5, 0.01)


async def test_what_does_not_fit_its_column_is_cut(db: Database, store: EventStore) -> None:
    events = [
        Emitted(1.0, Kind.META, dump({"summary": "a\0b" * 500})),
        Emitted(1.0, Kind.STATUS, dump({"status": "killed", "by": "x" * 999, "reason": "y" * 999})),
    ]
    await store.append([Batch("job", "src", 1, events)])
    job = await job_row(db)
    assert (len(job.summary), len(job.ended_by or ""), len(job.reason or "")) == (500, 120, 500)
    assert "\0" not in job.summary


async def test_what_comes_late_of_a_deleted_job_is_acknowledged_and_dropped(
    db: Database, store: EventStore
) -> None:
    async with db.transaction() as session:
        session.add(DeletedJob(id="job", at=0.0))
    stored_to = await store.append([lines(1, 2), lines(1, 3, job="other")])
    assert stored_to == {("job", "src"): 2, ("other", "src"): 3}
    assert not await stored(db)
    assert len(await stored(db, "other")) == 3
