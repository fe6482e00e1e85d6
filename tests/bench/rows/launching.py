"""Rows 1 and 2: how soon a launch is answered, and how soon its job is heard of."""

import asyncio

from tests.bench.following import Followed, follow
from tests.bench.product import Order
from tests.bench.results import Result, Stage
from tests.bench.tally import faults, spread

PAUSE = 3.0
"""Seconds between two launches that find a runner ready: it takes a while to have the next one."""

METHOD = (
    "launches one after another, each with its stream opened as soon as the form is answered; "
    f"{PAUSE:g} s between those that may find a runner ready, 0.5 s or none between the others"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Launch with a runner ready, at once after another launch, and without one."""
    for result in results.values():
        result.method = METHOD
    await follow(stage.product, Order("burst"), 60)  # the first launch of a Ray is slower
    await follow(stage.product, Order("burst"), 60, cold=True)
    standby = stage.product.standby
    count, pause = (15, PAUSE) if standby else (8, 0.5)
    ready = await _several(stage, stage.pick(count, 3), pause)
    _note(results, "", ready)
    results[2].figures |= spread("form", [_answer(each) for each in ready])
    if standby:
        _note(results, "at once again, ", await _several(stage, stage.pick(5, 2), 0))
        cold = await _several(stage, stage.pick(8, 2), 0.5, cold=True)
        _note(results, "cold, ", cold)
        results[2].figures |= spread("cold, form", [_answer(each) for each in cold])


async def _several(stage: Stage, count: int, pause: float, *, cold: bool = False) -> list[Followed]:
    found = []
    for _ in range(count):
        await asyncio.sleep(pause)
        found.append(await follow(stage.product, Order("burst"), 30, cold=cold))
    return found


def _note(results: dict[int, Result], name: str, jobs: list[Followed]) -> None:
    results[1].blame(faults(job.watch.tally for job in jobs), name or "ready")
    told = [job for job in jobs if job.watch.tally.complete]
    first = [1000 * (job.watch.tally.first - job.launched.asked) for job in told]
    own = [1000 * (job.watch.tally.seen[0] - job.launched.asked) for job in told]
    results[1].figures |= spread(f"{name}first event", first)
    results[1].figures |= spread(f"{name}author's first event", own)


def _answer(job: Followed) -> float:
    return 1000 * (job.launched.answered - job.launched.asked)
