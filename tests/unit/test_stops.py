"""Ending jobs on request: one final status, whoever asks for what, and when."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kodosumi.background.spooler import Spooler
from kodosumi.cluster.fake_cluster import FakeCluster
from kodosumi.domain.db import Database
from kodosumi.domain.jobs.gone import gone
from kodosumi.domain.jobs.hub import Hub
from kodosumi.domain.jobs.lost import LostJobs
from kodosumi.domain.jobs.models import Job, JobEvent
from kodosumi.domain.jobs.stops import Stops
from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.ports import ClusterUnavailableError, Fate
from kodosumi.wire.events import Ended, Kind, Status, dump, load
from kodosumi.wire.ids import runner_name
from kodosumi.wire.states import JobStatus
from tests.unit.panel_kit import FakeClock, empty_database

RUNNER = runner_name("a1")


class Kit:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.cluster = FakeCluster()
        self.hub = Hub()
        self.store = EventStore(db, self.hub)
        self.spooler = Spooler(self.cluster, self.store)
        self.stops = Stops(self.cluster, self.store, FakeClock(), grace=0.1)
        self.lost = LostJobs(db, self.cluster, self.store, FakeClock(), lambda: self.stops.ending)

    async def begin(self, *, stubborn: bool = True) -> None:
        await self.cluster.begin("a1", stubborn=stubborn)
        await self.cluster.emit("a1", Kind.STATUS, Status(status=JobStatus.RUNNING))
        await self.hub.wait("a1", 0, 5)

    async def ended(self) -> Status:
        """Return the final status, which is the last event and the only one of its kind."""
        for _ in range(200):
            async with self.db.session() as session:
                job = await session.get_one(Job, "a1")
                if job.ended_at is not None:
                    last = await session.get_one(JobEvent, ("a1", job.last_seq))
                    status: Status = load(last.kind, last.payload)
                    assert (status.status, status.by) == (job.status, job.ended_by)
                    assert status.count == job.last_seq
                    return status
            await asyncio.sleep(0.02)
        pytest.fail("the job has not ended")


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with empty_database(tmp_path) as db:
        kit = Kit(db)
        spooler = asyncio.create_task(kit.spooler.run())
        yield kit
        spooler.cancel()
        await asyncio.wait([spooler])


async def test_a_job_that_does_not_heed_is_ended_after_the_grace_period(kit: Kit) -> None:
    await kit.begin()
    await kit.stops.cancel("a1", RUNNER, "ann")
    await kit.stops.cancel("a1", RUNNER, "ben")
    status = await kit.ended()
    assert (status.status, status.by) == ("cancelled", "ann")
    assert "0.1 s" in (status.reason or "")
    assert status.ended == Ended(runner=True)


async def test_a_job_that_heeds_is_not_touched_again(kit: Kit) -> None:
    await kit.begin(stubborn=False)
    await kit.stops.cancel("a1", RUNNER, "ann")
    status = await kit.ended()
    assert (status.status, status.by, status.ended) == ("cancelled", "ann", None)


async def test_a_kill_within_the_grace_period_is_what_counts(kit: Kit) -> None:
    await kit.begin()
    await kit.stops.cancel("a1", RUNNER, "ann")
    await kit.stops.kill("a1", RUNNER, "ben", "too slow")
    status = await kit.ended()
    assert (status.status, status.by, status.reason) == ("killed", "ben", "too slow")


async def test_two_who_kill_at_once_and_one_who_cancels_make_one_end(kit: Kit) -> None:
    await kit.begin()
    kills = (kit.stops.kill("a1", RUNNER, name, "") for name in ("ann", "ben"))
    await asyncio.gather(*kills, kit.stops.cancel("a1", RUNNER, "cid"))
    assert (await kit.ended()).by == "ann"


async def test_an_end_that_the_job_had_told_itself_stays(kit: Kit) -> None:
    await kit.begin()
    await kit.cluster.emit("a1", Kind.STATUS, Status(status=JobStatus.FINISHED))
    await kit.stops.kill("a1", RUNNER, "ann", "")
    assert (await kit.ended()).status == "finished"


async def test_the_last_events_come_before_the_end_however_slow_the_database_is(kit: Kit) -> None:
    await kit.begin()
    gate = asyncio.Event()
    append = kit.store.append

    async def slow(batches):
        await gate.wait()
        return await append(batches)

    kit.store.append = slow  # type: ignore[method-assign]
    for n in range(20):
        await kit.cluster.emit("a1", Kind.STDOUT, dump(f"line {n}"))
    killing = asyncio.create_task(kit.stops.kill("a1", RUNNER, "ann", ""))
    await asyncio.sleep(0.2)
    assert not killing.done()
    gate.set()
    await killing
    assert (await kit.ended()).count == 22


async def test_a_deadline_that_passes_while_ray_is_away_is_kept_when_it_is_back(kit: Kit) -> None:
    await kit.begin()
    await kit.stops.cancel("a1", RUNNER, "ann")
    kit.cluster.go_away("gone")
    await asyncio.sleep(0.3)
    kit.cluster.come_back()
    assert (await kit.ended()).status == "cancelled"


async def test_a_panel_that_stops_lets_go_of_the_jobs(kit: Kit) -> None:
    await kit.begin()
    await kit.stops.cancel("a1", RUNNER, "ann")
    await kit.stops.close()
    await asyncio.sleep(0.2)
    assert await kit.cluster.runners() == {RUNNER}


async def test_what_cannot_be_reached_is_not_ended(kit: Kit) -> None:
    await kit.begin()
    kit.cluster.go_away("gone")
    with pytest.raises(ClusterUnavailableError):
        await kit.stops.kill("a1", RUNNER, "ann", "")
    with pytest.raises(ClusterUnavailableError):
        await kit.stops.cancel("a1", RUNNER, "ann")
    kit.cluster.come_back()
    await kit.stops.kill("a1", RUNNER, "ann", "")
    assert (await kit.ended()).status == "killed"


async def test_a_job_that_is_being_ended_is_not_lost_meanwhile(kit: Kit) -> None:
    await kit.begin()
    gate = asyncio.Event()
    kill = kit.cluster.kill

    async def slow(job, runner):
        ended = await kill(job, runner)
        await gate.wait()
        return ended

    kit.cluster.kill = slow  # type: ignore[method-assign]
    killing = asyncio.create_task(kit.stops.kill("a1", RUNNER, "ann", ""))
    await asyncio.sleep(0.05)
    assert [await kit.lost.look() for _ in range(3)] == [[], [], []]
    gate.set()
    await killing
    assert (await kit.ended()).status == "killed"


async def test_a_lost_job_tells_what_the_cluster_knows_of_its_runner(kit: Kit) -> None:
    await kit.begin()
    kit.cluster.vanish("a1", Fate(JobStatus.ERROR, "Its process ended with exit code 3."))
    assert [await kit.lost.look(), await kit.lost.look()] == [[], ["a1"]]
    status = await kit.ended()
    assert (status.status, status.reason) == ("error", "Its process ended with exit code 3.")


async def test_a_look_that_nobody_answers_does_not_count(kit: Kit) -> None:
    await kit.begin()
    kit.cluster.vanish("a1")
    await kit.lost.look()
    kit.cluster.go_away("gone")
    with pytest.raises(ClusterUnavailableError):
        await kit.lost.look()
    kit.cluster.come_back()
    assert [await kit.lost.look(), await kit.lost.look()] == [[], ["a1"]]


async def test_a_job_that_cannot_be_ended_keeps_no_other_from_being_told_as_lost(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    for job in ("a0", "a1"):
        await kit.cluster.begin(job)
        await kit.cluster.emit(job, Kind.STATUS, Status(status=JobStatus.RUNNING))
        await kit.hub.wait(job, 0, 5)
        kit.cluster.vanish(job)
    fate = kit.cluster.fate

    async def odd(runner: str) -> Fate | None:
        if runner == runner_name("a0"):
            raise TypeError(runner)
        return await fate(runner)

    kit.cluster.fate = odd  # type: ignore[method-assign]
    assert [await kit.lost.look(), await kit.lost.look()] == [[], ["a1"]]
    assert "a0 has no runner" in caplog.text
    kit.cluster.fate = fate  # type: ignore[method-assign]
    assert await kit.lost.look() == ["a0"]


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Ended(), "Nothing of it was running any more."),
        (
            Ended(runner=True, tasks=2, actors=1, processes=3),
            "Ended: the runner, 2 Ray tasks, 1 actor, 3 child processes.",
        ),
        (
            Ended(runner=True, processes=1, kept=["x"], unsure=["y"]),
            "Ended: the runner, 1 child process. Detached actors live on: x. Not confirmed: y.",
        ),
    ],
)
def test_what_is_gone_is_told_in_words(ended: Ended, words: str) -> None:
    assert gone(ended) == words
