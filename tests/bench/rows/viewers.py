"""Row 11: many viewers of one busy job."""

import asyncio
import os
import time
from contextlib import suppress

from tests.bench.following import seen
from tests.bench.processes import Meter
from tests.bench.product import Order
from tests.bench.results import Result, Stage
from tests.bench.sse import Watch
from tests.bench.tally import faults, spread

RATE = 20
SECONDS = 20
RAMP = 8
"""Seconds in which the viewers come."""

METHOD = (
    f"one job, {RATE} results a second for {RAMP + SECONDS} s, all viewers come soon after "
    "the launch; "
    "latency of what is emitted once all are there; the client's own CPU is told beside"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Open 100 streams of one job, then 500 of another."""
    result = results[11]
    result.method = METHOD
    for count in (100, 500) if not stage.short else (20,):
        await _viewers(stage, count, result)


async def _viewers(stage: Stage, count: int, result: Result) -> None:
    seconds = RAMP + stage.pick(SECONDS, 3)
    launched = await stage.product.launch(Order("paced", RATE * seconds, RATE))
    watches = await _open(stage, launched.job, RATE * seconds, count)
    panel, client = Meter(stage.product.pids("panel")), Meter([os.getpid()])
    begun, late_ones = time.time(), sum(not watch.begun.is_set() for watch in watches)
    if late_ones:
        result.lack(f"{late_ones} of {count} viewers were not let in within {RAMP} s")
    await seen(watches, seconds + 15)
    panel_share, client_share = panel.share(), client.share()
    late = [late for watch in watches for late in watch.tally.latencies(since=begun)]
    result.blame(faults(watch.tally for watch in watches), f"{count} viewers")
    result.figures |= spread(f"{count} viewers: latency", late)
    result.figures[f"{count} viewers: panel % of a core"] = panel_share
    result.figures[f"{count} viewers: client % of a core"] = client_share
    for watch in watches:
        watch.close()
    if any(not watch.tally.complete for watch in watches):
        await stage.product.end(launched.job)


async def _open(stage: Stage, job: str, expected: int, count: int) -> list[Watch]:
    """Open the streams, fifty at a time, and give them RAMP seconds in all to be answered."""
    watches: list[Watch] = []
    until = time.monotonic() + RAMP
    while len(watches) < count:
        several = range(min(50, count - len(watches)))
        new = await asyncio.gather(*(stage.product.watch(job, expected) for _ in several))
        with suppress(TimeoutError):
            begun = asyncio.gather(*(each.begun.wait() for each in new))
            await asyncio.wait_for(begun, max(0.0, until - time.monotonic()))
        watches += new
    return watches
