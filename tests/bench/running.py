"""Runs families of rows on a product, one after another."""

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from signal import SIGINT, SIGTERM

import uvloop

from tests.bench import report
from tests.bench.product import Product
from tests.bench.results import Result, Stage, circumstances
from tests.bench.rows import Family


def run(product: Product, families: Sequence[Family], *, short: bool) -> None:
    """Start the product, measure, tell what was found, and end it again."""
    keep = False
    try:
        start = time.monotonic()
        product.start()
        report.say(f"{product.name} started in {time.monotonic() - start:.0f} s")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_measure(Stage(product, short=short), families))
    except Exception:
        keep = True
        report.say(f"the logs of {product.name} are in {product.folder}")
        raise
    finally:
        with _undisturbed():
            product.stop(keep=keep)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C leave processes behind."""
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (SIGINT, SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


async def _measure(stage: Stage, families: Sequence[Family]) -> None:
    await stage.product.enter()
    async with stage.product.http:
        for family in families:
            results = await _family(stage, family)
            for result in results:
                report.say(report.show(stage.product.name, result))
            versions = stage.product.versions()
            path = report.today(short=stage.short)
            report.merge(path, stage.product.name, versions, results)


async def _family(stage: Stage, family: Family) -> list[Result]:
    results = {row: Result(row) for row in family.rows}
    async with circumstances(results):
        try:
            await asyncio.wait_for(family.measure(stage, results), family.bound)
        except TimeoutError:
            _lack(results, f"it took longer than {family.bound:g} s")
        except Exception as error:  # noqa: BLE001 - the other rows can still be measured
            _lack(results, f"{type(error).__name__}: {error}")
    return list(results.values())


def _lack(results: dict[int, Result], why: str) -> None:
    for result in results.values():
        result.lack(why)
