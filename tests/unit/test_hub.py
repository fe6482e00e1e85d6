"""The hub: who waits is woken, and nothing is missed between reading and waiting."""

import asyncio

from kodosumi.domain.jobs import hub as module
from kodosumi.domain.jobs.hub import Hub


async def test_all_who_wait_for_a_job_are_woken_and_nobody_else() -> None:
    hub = Hub()
    first, second = (asyncio.create_task(hub.wait("a", 2, 30)) for _ in range(2))
    other = asyncio.create_task(hub.wait("b", 0, 30))
    await asyncio.sleep(0)
    hub.publish({"a": 2})
    await asyncio.sleep(0)
    assert not first.done()
    hub.publish({"a": 3})
    assert await asyncio.gather(first, second) == [True, True]
    assert not other.done()
    other.cancel()


async def test_what_was_committed_before_the_wait_is_not_missed() -> None:
    hub = Hub()
    hub.publish({"a": 5})
    assert await hub.wait("a", 4, 0)
    assert not await hub.wait("a", 5, 0)


async def test_a_late_notice_does_not_turn_the_head_back() -> None:
    hub = Hub()
    hub.publish({"a": 5})
    hub.publish({"a": 3})
    assert hub.head("a") == 5


async def test_memory_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    hub = Hub()
    for n in range(10):
        hub.publish({str(n): 1})
    assert [n for n in range(10) if hub.head(str(n))] == [7, 8, 9]
