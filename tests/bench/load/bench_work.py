"""What jobs do under load: they emit numbered results that carry the time of their emission.

Runs on Ray under any kodosumi, and imports nothing of it.
"""

import asyncio
import time


def stamped(number):
    """Return result `number` as text, with the seconds since the epoch."""
    return f"@{number}@{time.time():.6f}@"


async def burst(inputs, tracer):
    """Emit `count` results as fast as awaiting allows."""
    for number in range(1, int(inputs["count"]) + 1):
        await tracer.result(stamped(number))
    return "done"


def burst_sync(inputs, tracer):
    """Emit `count` results as fast as possible."""
    for number in range(1, int(inputs["count"]) + 1):
        tracer.result_sync(stamped(number))
    return "done"


async def paced(inputs, tracer):
    """Emit `count` results, `rate` a second."""
    start, rate = time.monotonic(), float(inputs["rate"])
    for number in range(1, int(inputs["count"]) + 1):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        await tracer.result(stamped(number))
    return "done"


async def idle(inputs, tracer):
    """Emit one result, then sleep for `count` seconds."""
    await tracer.result(stamped(1))
    await asyncio.sleep(float(inputs["count"]))
    return "done"
