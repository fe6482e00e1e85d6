"""The port `Cluster`: the same behaviour from its twin in memory and from Ray.

A job is played by a stage: on the twin by hand, on Ray by a real runner that waits for its cue.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

import pytest
import ray

from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.cluster.ray_cluster import RayCluster
from kodosumi.domain.ports import Cluster, ClusterUnavailableError, SourceKey
from kodosumi.runtime.runner import Order, start_runner
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Ended, Kind, Meta, Status
from kodosumi.wire.ids import new_job_id, runner_name
from kodosumi.wire.states import JobStatus
from tests.live import Live

WAIT = 60.0
LOOK = 0.1


class Stage(Protocol):
    cluster: Cluster

    async def begin(self, job: str, *, stubborn: bool = False) -> None: ...


class TwinStage:
    def __init__(self) -> None:
        self.cluster = FakeCluster()

    async def begin(self, job: str, *, stubborn: bool = False) -> None:
        await self.cluster.begin(job, stubborn=stubborn)
        for status in (JobStatus.STARTING, JobStatus.RUNNING):
            await self.cluster.emit(job, Kind.STATUS, Status(status=status))


class RayStage:
    def __init__(self, cluster: RayCluster) -> None:
        self.cluster = cluster

    async def begin(self, job: str, *, stubborn: bool = False) -> None:
        def wait(tracer: Tracer) -> None:
            while stubborn or not tracer.cancelled:
                time.sleep(0.05)

        dumps: Callable[[object], bytes] = ray.cloudpickle.dumps
        order = Order(job, "contract", dumps(wait), dumps({}), "{}", Meta())
        await asyncio.to_thread(start_runner, order)


@pytest.fixture(params=["twin", pytest.param("ray", marks=[pytest.mark.ray])])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "twin":
        yield TwinStage()
        return
    live: Live = request.getfixturevalue("live")
    cluster = RayCluster(live.ray.address, "contract")
    await cluster.start()
    try:
        await until(lambda: cluster.state.connected)
        yield RayStage(cluster)
    finally:
        await cluster.stop()


async def until(true: Callable[[], bool]) -> None:
    for _ in range(round(WAIT / LOOK)):
        if true():
            return
        await asyncio.sleep(LOOK)
    pytest.fail("nothing happened")


async def drained(stage: Stage, job: str, status: JobStatus) -> dict[SourceKey, list[Batch]]:
    """Drain until `job` has told `status`; return what came, by source."""
    found: dict[SourceKey, list[Batch]] = {}
    async with asyncio.timeout(WAIT):
        while True:
            for batch in await patient_drain(stage.cluster):
                found.setdefault((batch.job, batch.source), []).append(batch)
                if batch.job == job and any(status in event.payload for event in batch.events):
                    return found


async def patient_drain(cluster: Cluster) -> Sequence[Batch]:
    try:
        return await cluster.drain("contract", {}, 1)
    except ClusterUnavailableError:  # its mailbox is still being started
        return ()


async def release(stage: Stage, found: dict[SourceKey, list[Batch]]) -> None:
    stored = {key: batches[-1].last for key, batches in found.items()}
    await stage.cluster.drain("contract", stored, 0)


async def test_a_job_has_a_runner_and_its_events_arrive_in_order(stage: Stage) -> None:
    job = new_job_id()
    await stage.begin(job)
    found = await drained(stage, job, JobStatus.RUNNING)
    assert runner_name(job) in await stage.cluster.runners()
    (key,) = (key for key in found if key[0] == job)
    numbers = [n for batch in found[key] for n in range(batch.first, batch.last + 1)]
    assert numbers == list(range(1, len(numbers) + 1))
    await stage.cluster.kill(job, runner_name(job))


async def test_what_is_not_reported_as_stored_is_given_to_the_next_reader(stage: Stage) -> None:
    job = new_job_id()
    await stage.begin(job)
    found = await drained(stage, job, JobStatus.RUNNING)
    assert await stage.cluster.pending(job) > 0
    again = await stage.cluster.drain("another", {}, 1)
    assert job in {batch.job for batch in again}
    await stage.cluster.kill(job, runner_name(job))
    await stage.cluster.drain("another", {k: b[-1].last for k, b in found.items()}, 0)
    assert await stage.cluster.pending(job) == 0


async def test_a_cancelled_job_tells_who_asked(stage: Stage) -> None:
    job = new_job_id()
    await stage.begin(job)
    before = await drained(stage, job, JobStatus.RUNNING)
    assert await stage.cluster.cancel(job, runner_name(job), "somebody", 10)
    after = await drained(stage, job, JobStatus.CANCELLED)
    last = [b.events[-1] for key, batches in after.items() if key[0] == job for b in batches][-1]
    assert '"by":"somebody"' in last.payload
    await release(stage, before | after)
    for _ in range(round(WAIT / LOOK)):
        if runner_name(job) not in await stage.cluster.runners():
            return
        await asyncio.sleep(LOOK)
    pytest.fail("the runner has not gone")


async def test_a_killed_job_has_no_runner_when_the_call_returns(stage: Stage) -> None:
    job = new_job_id()
    await stage.begin(job)
    await drained(stage, job, JobStatus.RUNNING)
    assert (await stage.cluster.kill(job, runner_name(job))).runner
    assert runner_name(job) not in await stage.cluster.runners()


async def test_a_job_that_does_not_heed_is_known_and_can_be_ended(stage: Stage) -> None:
    job = new_job_id()
    await stage.begin(job, stubborn=True)
    await drained(stage, job, JobStatus.RUNNING)
    assert await stage.cluster.cancel(job, runner_name(job), "somebody", 1)
    assert not await stage.cluster.stopped(job, runner_name(job), 1)
    assert await stage.cluster.fate(runner_name(job)) is None
    assert await stage.cluster.kill(job, runner_name(job)) == Ended(runner=True)
    assert await stage.cluster.stopped(job, runner_name(job), 1)


async def test_a_job_without_a_runner_is_neither_cancelled_nor_killed(stage: Stage) -> None:
    job = new_job_id()
    assert not await stage.cluster.cancel(job, runner_name(job), "somebody", 1)
    assert await stage.cluster.stopped(job, runner_name(job), 1)
    assert await stage.cluster.kill(job, runner_name(job)) == Ended()
    assert await stage.cluster.pending(job) == 0


async def test_what_cannot_be_reached_says_so() -> None:
    twin = FakeCluster()
    twin.go_away("gone")
    real = RayCluster("127.0.0.1:1")
    await real.start()
    await asyncio.sleep(0.5)
    for cluster in (twin, real):
        assert not cluster.state.connected
        assert cluster.state.reason
        with pytest.raises(ClusterUnavailableError):
            await cluster.runners()
        with pytest.raises(ClusterUnavailableError):
            await cluster.drain("r", {}, 0)
    await real.stop()
