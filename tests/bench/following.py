"""Jobs that are launched and followed to their end."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from tests.bench.product import Launched, Order, Product
from tests.bench.sse import Watch

AFTERMATH = 0.3
"""Seconds that a stream is still listened to when all was seen: something might come twice."""


@dataclass(frozen=True)
class Followed:
    """A job and the stream that followed it."""

    launched: Launched
    watch: Watch


async def follow(
    product: Product, order: Order, patience: float, *, cold: bool = False
) -> Followed:
    """Launch a job, and watch it until all results were seen, or for `patience` seconds."""
    launched = await product.launch(order, cold=cold)
    watch = await product.watch(launched.job, order.count)
    await seen([watch], patience)
    watch.close()
    return Followed(launched, watch)


async def seen(watches: Iterable[Watch], patience: float) -> bool:
    """Wait until all results were seen, and a little longer; tell whether they were in time."""
    whole = [watch.whole.wait() for watch in watches]
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*whole), patience)
        await asyncio.sleep(AFTERMATH)
        return True
    return False
