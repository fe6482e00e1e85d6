"""Rows 5, 7 and 8: what jobs and streams cost while nothing happens."""

import asyncio
from statistics import mean

from tests.bench.following import seen
from tests.bench.processes import Meter, pss
from tests.bench.product import Order, Product
from tests.bench.results import Result, Stage
from tests.bench.tally import faults
from tests.faults.figures import title

JOBS = 10
STREAMS = 200
WINDOW = 30.0
"""Seconds of a measurement: two heartbeats."""

START = 90.0
METHOD = (
    f"{JOBS} jobs that sleep, counted for {WINDOW:g} s each: without and with jobs, and with "
    "streams open; the spooler is a process of its own; CPU from /proc, memory as PSS"
)

Processes = dict[int, str]
"""What Ray's workers run, by process."""


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Count CPU and memory of ten idle jobs, then of streams to them."""
    product = stage.product
    for result in results.values():
        result.method = METHOD
    window = WINDOW if not stage.short else 5.0
    await asyncio.sleep(3)
    before = _workers(product)
    panel, spooler = await _shares(product, window / 2)
    results[5].figures["panel without jobs % of a core"] = panel
    results[8].figures["spooler without jobs % of a core"] = spooler
    jobs = await _start(stage, results[8])
    try:
        await asyncio.sleep(5)
        panel, spooler = await _shares(product, window)
        results[5].figures[f"panel with {JOBS} jobs % of a core"] = panel
        results[8].figures[f"spooler with {JOBS} idle jobs % of a core"] = spooler
        _memory(before, _workers(product), results[7])
        await _streams(stage, jobs, panel, window, results[5])
    finally:
        await asyncio.gather(*(product.end(job) for job in jobs))


async def _start(stage: Stage, result: Result) -> list[str]:
    """Launch the jobs, and return when each has told that it runs."""
    product = stage.product
    launched = await asyncio.gather(*(product.launch(Order("idle", 600)) for _ in range(JOBS)))
    watches = await asyncio.gather(*(product.watch(each.job, 1) for each in launched))
    if not await seen(watches, START):
        result.blame(faults(watch.tally for watch in watches), f"within {START:g} s of the launch")
    for watch in watches:
        watch.close()
    return [each.job for each in launched]


async def _shares(product: Product, seconds: float) -> tuple[float, float]:
    """Return what panel and spooler use, in percent of a core."""
    meters = [Meter(product.pids(part)) for part in ("panel", "spooler")]
    await asyncio.sleep(seconds)
    return meters[0].share(), meters[1].share()


async def _streams(
    stage: Stage, jobs: list[str], without: float, window: float, result: Result
) -> None:
    """Open streams, one first: where that takes a whole core, more of them tell nothing."""
    for count in (1, STREAMS):
        watches = [await stage.product.watch(jobs[n % JOBS], 1) for n in range(count)]
        await asyncio.sleep(3)
        share = (await _shares(stage.product, window if count > 1 else window / 2))[0]
        result.figures[f"{count} idle stream{'s'[: count > 1]} % of a core"] = share - without
        result.blame(faults(watch.tally for watch in watches), f"{count} streams")
        for watch in watches:
            watch.close()
        if share - without > 50:
            result.lack(f"{STREAMS} streams: one takes {share - without:.0f} % of a core")
            return


def _workers(product: Product) -> Processes:
    titles = {pid: title(pid).partition("(")[0] for pid in product.pids("ray")}
    busy = {pid: name for pid, name in titles.items() if name.startswith("ray::")}
    return {pid: name for pid, name in busy.items() if not name.startswith("ray::IDLE")}


def _memory(before: Processes, after: Processes, result: Result) -> None:
    """Note what the new workers take: as many as there are jobs, if one is always kept ready."""
    new = {pid: name for pid, name in after.items() if pid not in before}
    sizes = {pid: pss(pid) for pid in new}
    result.figures["MB a job"] = sum(sizes.values()) / JOBS
    result.figures["processes a job"] = len(new) / JOBS
    for name in sorted(set(new.values())):
        result.figures[f"{name} MB"] = mean(size for pid, size in sizes.items() if new[pid] == name)
