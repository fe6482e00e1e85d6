"""Row 12: the log of a job with a million lines."""

import asyncio
import math
import time

from tests.bench import browser
from tests.bench.following import seen
from tests.bench.product import LogPage
from tests.bench.results import Result, Stage
from tests.bench.tally import spread

LINES = 1_000_000
TIMES = 10
PATIENCE = 30.0
METHOD = (
    f"a finished job with {LINES:,} lines, written straight to where the product keeps them; its "
    f"log is asked for {TIMES} times, then opened in a browser {TIMES // 2} times"
)


async def measure(stage: Stage, results: dict[int, Result]) -> None:
    """Ask for the log's page, and open it in a browser."""
    result = results[12]
    result.method = METHOD
    lines = stage.pick(LINES, LINES // 100)
    async with stage.product.stock() as stock:
        job = await stock.add_log(lines)
    page = stage.product.log_page(job, lines)
    spent = []
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = (await stage.product.http.get(page.path)).raise_for_status()
        spent.append(1000 * (time.perf_counter() - start))
    result.figures |= spread("page", spent)
    result.figures["page kB"] = len(answer.content) / 1000
    if page.stream:
        await _stream(stage, job, page, lines, result)
    else:
        await _look(stage, page, result)


async def _look(stage: Stage, page: LogPage, result: Result) -> None:
    """Open the page in a browser."""
    base, cookies = str(stage.product.http.base_url), dict(stage.product.http.cookies)
    try:
        looked = await asyncio.to_thread(browser.paint, base, page, cookies, TIMES // 2)
    except browser.NotThereError as error:
        result.lack(str(error))
        return
    firsts = [each.first for each in looked if each.first is not None]
    result.figures |= spread("first paint", firsts)
    rows = [each.row for each in looked if each.row is not None]
    result.figures |= spread("last row in place", rows)
    if len(rows) < len(looked):
        result.lack(f"no last row of the log within {browser.PATIENCE:g} s")


async def _stream(stage: Stage, job: str, page: LogPage, lines: int, result: Result) -> None:
    """Read the stream that fills the page, for a while."""
    start = time.time()
    watch = await stage.product.watch(job, lines, page.stream)
    whole = await seen([watch], PATIENCE)
    watch.close()
    tally = watch.tally
    spent = (tally.seen[-1] if whole else time.time()) - start
    result.figures["first line ms"] = 1000 * (tally.seen[0] - start) if tally.seen else math.nan
    result.figures["lines/s"] = len(tally.numbers) / spent
    if not whole:
        result.lack(f"{len(tally.numbers):,} of {lines:,} lines within {PATIENCE:g} s")
