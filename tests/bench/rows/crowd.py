"""Row 6: many jobs are launched at once."""

import asyncio

from tests.bench.following import Followed, follow
from tests.bench.product import Order
from tests.bench.results import Result, Stage
from tests.bench.tally import faults, spread

RATE = 5
SECONDS = 20
PATIENCE = {10: 75.0, 25: 100.0}
METHOD = (
    f"jobs launched at the same moment, {RATE} results a second each for {SECONDS} s, one viewer "
    "each; what has not come after 75 s (10 jobs) and 100 s (25 jobs) counts as lost"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Launch 10, then 25."""
    result = results[6]
    result.method = METHOD
    for count in (10, 25) if not stage.short else (4,):
        found = await crowd(stage, count, PATIENCE.get(count, 60.0))
        _note(result, count, found)
        await asyncio.gather(
            *(
                stage.product.end(each.launched.job)
                for each in found
                if not each.watch.tally.complete
            )
        )
        await asyncio.sleep(3)


async def crowd(stage: Stage, count: int, patience: float) -> list[Followed]:
    """Launch and follow `count` jobs at once."""
    seconds = stage.pick(SECONDS, 3)
    order = Order("paced", RATE * seconds, RATE)
    return await asyncio.gather(*(follow(stage.product, order, patience) for _ in range(count)))


def _note(result: Result, count: int, found: list[Followed]) -> None:
    told = [job for job in found if job.watch.tally.numbers]
    whole = [job for job in found if job.watch.tally.complete]
    first = [job.watch.tally.seen[0] - job.launched.asked for job in told]
    late = [late for job in told for late in job.watch.tally.latencies()]
    result.blame(faults(job.watch.tally for job in found), f"{count} jobs")
    result.figures[f"{count} jobs: delivered whole"] = len(whole)
    result.figures |= spread(f"{count} jobs: author's first event", first, "s")
    result.figures |= spread(f"{count} jobs: latency", late)
