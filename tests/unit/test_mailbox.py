"""The mailbox: what it takes, gives, keeps and forgets."""

import asyncio

from kodosumi.runtime.mailbox import BATCHES, ROOM, Left, Mailbox, Watched
from kodosumi.wire.batches import Batch, Receipt
from kodosumi.wire.events import Emitted

KEY = ("job", "src")


def batch(
    first: int, count: int = 1, source: str = "src", size: int = 1, job: str = "job"
) -> Batch:
    events = [Emitted(0.0, "debug", f'"{n}"'.ljust(size)) for n in range(first, first + count)]
    return Batch(job, source, first, events)


def numbers(batches: list[Batch], source: str = "src") -> list[int]:
    return [n for b in batches if b.source == source for n in range(b.first, b.last + 1)]


async def test_what_arrives_twice_is_kept_once() -> None:
    box = Mailbox()
    assert await box.put(batch(1, 3), 0) == Receipt(received=3, stored=0)
    assert await box.put(batch(2, 4), 0) == Receipt(received=5, stored=0)
    assert numbers(await box.drain("r", {}, 1)) == [1, 2, 3, 4, 5]


async def test_a_gap_is_not_taken_and_the_source_learns_from_where_to_send() -> None:
    box = Mailbox()
    await box.put(batch(1, 2), 0)
    assert await box.put(batch(5), 0) == Receipt(received=2, stored=0)


async def test_after_a_restart_a_source_is_introduced_by_what_it_knows_as_stored() -> None:
    box = Mailbox()
    assert (await box.put(batch(9), 7)).received == 7
    assert (await box.put(batch(8, 2), 7)).received == 9


async def test_a_reader_is_given_each_event_once_and_a_new_reader_all_that_is_not_stored() -> None:
    box = Mailbox()
    await box.put(batch(1, 3), 0)
    assert numbers(await box.drain("a", {}, 1)) == [1, 2, 3]
    await box.put(batch(4), 0)
    assert numbers(await box.drain("a", {KEY: 2}, 1)) == [4]
    assert numbers(await box.drain("b", {}, 1)) == [1, 2, 3, 4]
    assert await box.drain("b", {KEY: 4}, 0.01) == []
    assert await box.pending("job") == 0


async def test_a_waiting_drain_is_answered_as_soon_as_something_arrives() -> None:
    box = Mailbox()
    drain = asyncio.create_task(box.drain("r", {}, 30))
    await asyncio.sleep(0)
    await box.put(batch(1), 0)
    assert numbers(await drain) == [1]


async def test_an_old_reader_gets_nothing_once_another_has_come() -> None:
    box = Mailbox()
    old = asyncio.create_task(box.drain("old", {}, 30))
    await asyncio.sleep(0)
    new = asyncio.create_task(box.drain("new", {}, 30))
    await asyncio.sleep(0)
    await box.put(batch(1), 0)
    assert await old == []
    assert numbers(await new) == [1]


async def test_a_flood_does_not_keep_another_job_waiting() -> None:
    box = Mailbox()
    for n in range(60):
        await box.put(batch(n + 1, size=100_000), 0)
    await box.put(batch(1, source="quiet", job="other"), 0)
    assert numbers(await box.drain("r", {}, 1), "quiet") == [1]


async def test_the_sources_of_a_job_are_given_in_the_order_of_arrival() -> None:
    box = Mailbox()
    await box.put(batch(1), 0)
    await box.put(batch(1, 2, source="task"), 0)
    await box.put(batch(2), 0)
    wanted = [("src", 1), ("task", 1), ("src", 2)]
    for reader in "ab":
        assert [(b.source, b.first) for b in await box.drain(reader, {}, 1)] == wanted


async def test_a_drain_takes_no_more_batches_than_a_database_can() -> None:
    box = Mailbox()
    for n in range(BATCHES + 1):
        await box.put(batch(1, source=f"{n}", job=f"{n}"), 0)
    assert len(await box.drain("r", {}, 1)) == BATCHES
    assert len(await box.drain("r", {}, 1)) == 1


async def test_a_source_learns_at_once_that_a_new_mailbox_does_not_know_it() -> None:
    box = Mailbox()
    assert await box.watch(*KEY, 3, 30) == Watched(3, flush=False, forgot=True)
    assert await box.watch(*KEY, 3, 0.01) == Watched(3, flush=False)


async def test_a_source_that_begins_to_watch_after_the_call_to_stop_hears_of_it_once() -> None:
    box = Mailbox()
    await box.hello(*KEY)
    await box.cancel("job")
    async with asyncio.timeout(5):
        assert (await box.watch(*KEY, 0, 30)).cancelled
    late = asyncio.create_task(box.watch(*KEY, 0, 30))
    await asyncio.sleep(0.01)
    assert not late.done()
    late.cancel()


async def test_a_watch_is_answered_when_more_is_stored() -> None:
    box = Mailbox()
    await box.put(batch(1, 3), 0)
    watch = asyncio.create_task(box.watch(*KEY, 0, 30))
    await box.drain("r", {}, 1)
    drain = asyncio.create_task(box.drain("r", {KEY: 2}, 30))
    assert (await watch).stored == 2
    drain.cancel()


async def test_settle_waits_until_the_other_sources_have_flushed_and_all_is_stored() -> None:
    box = Mailbox(gather=0)
    await box.hello("job", "task")
    settle = asyncio.create_task(box.settle("job", "src", 30))
    assert (await box.watch("job", "task", 0, 30)).flush
    await box.put(batch(1, 2, source="task"), 0)
    await box.flushed("job", "task")
    await box.drain("r", {}, 1)
    await asyncio.sleep(0.01)
    assert not settle.done()
    await box.drain("r", {("job", "task"): 2}, 0)
    assert await settle == Left(silent=0, unstored=0)


async def test_settle_does_not_wait_for_ever_for_a_source_that_died() -> None:
    box = Mailbox(gather=0)
    await box.hello("job", "dead")
    await box.put(batch(1, source="dead"), 0)
    assert await box.settle("job", "src", 0.02) == Left(silent=1, unstored=1)


async def test_settle_in_a_new_mailbox_waits_for_the_sources_that_knew_its_predecessor() -> None:
    box = Mailbox(gather=0.05)
    settle = asyncio.create_task(box.settle("job", "src", 0.01))
    await asyncio.sleep(0.01)
    await box.put(batch(3, 2, source="task"), 2)
    assert await settle == Left(silent=1, unstored=2)


async def test_sources_of_a_job_that_is_over_need_not_watch_once_all_is_stored() -> None:
    box = Mailbox()
    await box.put(batch(1, source="task"), 0)
    watch = asyncio.create_task(box.watch("job", "task", 0, 30))
    await asyncio.sleep(0)
    await box.over("job")
    await box.drain("r", {}, 1)
    assert not (await watch).over
    watch = asyncio.create_task(box.watch("job", "task", 0, 30))
    await box.drain("r", {("job", "task"): 1}, 0)
    assert (await watch).over


async def test_a_full_mailbox_still_takes_a_little_of_a_quiet_job() -> None:
    box = Mailbox()
    box._weigh("flood", ROOM + 1)
    flood = asyncio.create_task(box.put(batch(1, job="flood"), 0))
    assert (await box.put(batch(1, job="quiet"), 0)).received == 1
    assert not flood.done()
    flood.cancel()


async def test_cancelling_reaches_the_sources_that_watch() -> None:
    box = Mailbox()
    await box.hello("job", "task")
    watch = asyncio.create_task(box.watch("job", "task", 0, 30))
    await asyncio.sleep(0)
    await box.cancel("job")
    assert (await watch).cancelled


async def test_a_source_that_comes_after_all_others_were_forgotten_is_told_to_stop() -> None:
    box = Mailbox()
    await box.cancel("job")
    await box.drain("r", {}, 0)
    assert (await box.watch("job", "late", 0, 30)).cancelled
