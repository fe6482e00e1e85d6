"""Row 4: how soon a result is seen, at a steady pace."""

from tests.bench.following import follow
from tests.bench.processes import Meter
from tests.bench.product import Order
from tests.bench.results import Result, Stage
from tests.bench.tally import faults, spread

SECONDS = 15
METHOD = (
    f"one job with one viewer, {SECONDS} s at each pace; latency from emission to sight; "
    "CPU of the panel from launch to end, of which most is the stream and the spooler"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Emit at 20 and at 200 a second."""
    result = results[4]
    result.method = METHOD
    await follow(stage.product, Order("burst"), 60)
    seconds = stage.pick(SECONDS, 3)
    for rate in (20, 200):
        meter = Meter(stage.product.pids("panel"))
        job = await follow(stage.product, Order("paced", rate * seconds, rate), 2 * seconds + 20)
        tally = job.watch.tally
        result.blame(faults([tally]), f"{rate}/s")
        result.figures |= spread(f"{rate}/s latency", tally.latencies())
        result.figures[f"{rate}/s panel % of a core"] = meter.share()
