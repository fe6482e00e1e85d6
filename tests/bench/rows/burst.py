"""Row 3: one job emits results as fast as it can."""

from tests.bench.following import follow
from tests.bench.product import Order
from tests.bench.results import Result, Stage
from tests.bench.tally import Tally, faults, spread

COUNT = 10_000
PATIENCE = 150.0
"""Seconds after which what was not seen counts as lost."""

SLOW = 10.0
"""Seconds after which a burst is not repeated."""

METHOD = (
    f"one job emits {COUNT:,} results; the rate is that of what one viewer had seen, from the "
    f"first emission to the last sight, for at most {PATIENCE:g} s; the median of the repetitions"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Emit with `await` and without."""
    result = results[3]
    result.method = METHOD
    await follow(stage.product, Order("burst"), 60)
    for kind, name in (("burst_sync", "sync"), ("burst", "awaited")):
        tallies = await _repeat(stage, kind, result, name)
        tallies.sort(key=rate)
        middle = tallies[len(tallies) // 2]
        result.figures[f"{name} events/s"] = rate(middle)
        result.figures[f"{name} emitted events/s"] = _emission(middle)
        result.figures |= spread(f"{name} latency", middle.latencies())


async def _repeat(stage: Stage, kind: str, result: Result, name: str) -> list[Tally]:
    """Run until there are enough repetitions, or one has taken too long to repeat."""
    found: list[Tally] = []
    for _ in range(stage.pick(3, 1)):
        job = await follow(stage.product, Order(kind, stage.pick(COUNT, COUNT // 10)), PATIENCE)
        tally = job.watch.tally
        found.append(tally)
        result.blame(faults([tally]), name)
        if took(tally) > SLOW:
            break
    return found


def took(tally: Tally) -> float:
    """Return the seconds from the first emission to the last sight."""
    return tally.seen[-1] - min(tally.emitted) if tally.seen else float("nan")


def rate(tally: Tally) -> float:
    """Return how many results were seen in a second."""
    return len(tally.numbers) / took(tally)


def _emission(tally: Tally) -> float:
    """Return how many results the job emitted in a second."""
    if not tally.emitted:
        return float("nan")
    return len(tally.numbers) / (max(tally.emitted) - min(tally.emitted) or float("nan"))
