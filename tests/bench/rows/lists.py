"""Row 9: lists of many finished jobs."""

import asyncio
import time
from contextlib import suppress
from urllib.parse import quote

import httpx

from tests.bench.product import Product, Seek
from tests.bench.results import Result, Stage
from tests.bench.tally import percentile, spread

SIZES = (100, 1_000, 10_000, 100_000)
TIMES = 20
PATIENCE = 6.0
"""Seconds after which a request is not repeated again."""

MEANWHILE = 2.0
"""Seconds of searches while others sign in."""

SLOW = 5_000.0
"""Milliseconds of a search at which a list ten times as long is not tried."""

NEEDLE = "the needle in the hay"
METHOD = (
    f"finished jobs made by copying; each request {TIMES} times, or for {PATIENCE:g} s; the search "
    "is for the oldest job; the sign-in page is asked for every 20 ms while five search at once, "
    "or one if it takes more than a second"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Ask for the first page, the oldest job and the changes, of lists that grow."""
    result = results[9]
    result.method = METHOD
    seeks = stage.product.seeks(quote(NEEDLE))
    async with stage.product.stock() as stock:
        await stock.add_oldest(NEEDLE)
        there = 0
        for size in SIZES if not stage.short else SIZES[:2]:
            await stock.add_jobs(size - there)
            there = size
            await asyncio.sleep(1)
            await _size(stage.product, seeks, size, result)
            if (slowest := result.figures[f"{size:,} jobs: search p50 ms"]) > SLOW:
                result.lack(f"more than {size:,} jobs: a search takes {slowest / 1000:.1f} s")
                break


async def _size(product: Product, seeks: dict[str, Seek], size: int, result: Result) -> None:
    for name, seek in seeks.items():
        spent = await _ask(product.http, seek)
        result.figures |= {
            f"{size:,} jobs: {name} p50 ms": percentile(spent, 0.5),
            f"{size:,} jobs: {name} p95 ms": percentile(spent, 0.95),
        }
    slow = result.figures[f"{size:,} jobs: search p50 ms"] > 1000
    told = await _meanwhile(product, seeks["search"], 1 if slow else 5)
    figures = spread(f"{size:,} jobs: sign-in page meanwhile", told)
    result.figures |= {name: value for name, value in figures.items() if "p50" not in name}


async def _ask(http: httpx.AsyncClient, seek: Seek) -> list[float]:
    """Return how many milliseconds each of several requests took."""
    spent: list[float] = []
    until = time.monotonic() + PATIENCE
    while len(spent) < TIMES and (not spent or time.monotonic() < until):
        spent.append(await _once(http, seek))
    return spent


async def _once(http: httpx.AsyncClient, seek: Seek) -> float:
    start = time.perf_counter()
    answer = await http.get(seek.path, headers=seek.headers)
    spent = 1000 * (time.perf_counter() - start)
    assert answer.is_success, f"{seek.path}: {answer.status_code}"
    assert seek.finds in answer.text, f"{seek.path}: {seek.finds!r} is not in the answer"
    return spent


async def _meanwhile(product: Product, search: Seek, count: int) -> list[float]:
    """Return the milliseconds that others wait for the sign-in page while people search."""
    searches = asyncio.create_task(_search(product, search, count))
    spent: list[float] = []
    async with httpx.AsyncClient(base_url=product.http.base_url, timeout=120) as stranger:
        while not searches.done() or not spent:
            spent.append(await _once(stranger, product.sign_in_page))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(searches), 0.02)
    await searches
    return spent


async def _search(product: Product, search: Seek, count: int) -> None:
    """Search with `count` requests at a time, for a while."""
    until = time.monotonic() + MEANWHILE
    while time.monotonic() < until:
        await asyncio.gather(*(_once(product.http, search) for _ in range(count)))
