"""What a row measured, how, and under which circumstances."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.bench.product import Product


@dataclass
class Result:
    """One row for one product.

    `figures` maps a name that ends in its unit to a value. `faults` tells what was lost, repeated
    or out of order: a row with faults has failed, whatever its speed. `missing` tells what was not
    measured, and why. `load` is the machine's load average of a minute before the row.
    """

    row: int
    method: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    faults: str = ""
    missing: str = ""
    load: float = 0.0
    at: str = ""
    seconds: float = 0.0

    def blame(self, faults: str, where: str) -> None:
        """Add the faults of a part of the row, if there are any."""
        if faults:
            self.faults = "; ".join(filter(None, (self.faults, f"{where}: {faults}")))

    def lack(self, why: str) -> None:
        """Add what was not measured."""
        self.missing = "; ".join(filter(None, (self.missing, why)))


@dataclass(frozen=True)
class Stage:
    """Where a row is measured. `short` asks for few repetitions."""

    product: Product
    short: bool

    def pick(self, full: int, short: int) -> int:
        """Return one of the two sizes."""
        return short if self.short else full


Measure = Callable[[Stage, dict[int, Result]], Awaitable[None]]
"""Fills the results of its rows, which are given by number."""


@asynccontextmanager
async def circumstances(results: dict[int, Result]) -> AsyncIterator[None]:
    """Note when and under which load some rows were measured, and how long that took."""
    load, at = os.getloadavg()[0], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    start = time.monotonic()
    try:
        yield
    finally:
        for result in results.values():
            result.load, result.at = round(load, 2), at
            result.seconds = round(time.monotonic() - start, 1)
