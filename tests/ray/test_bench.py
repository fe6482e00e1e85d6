"""Rows 3 and 6 of the benchmarks in short: nothing is lost, repeated or out of order."""

from collections.abc import Iterator

import pytest

from tests.bench.following import follow
from tests.bench.house import House
from tests.bench.product import Order
from tests.bench.results import Stage
from tests.bench.rows.crowd import crowd
from tests.bench.tally import faults

pytestmark = [pytest.mark.ray, pytest.mark.timeout(400)]

PATIENCE = 120.0


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    try:
        house.start()
        yield house
    finally:
        house.stop()


async def test_a_burst_and_a_crowd_are_seen_whole_once_and_in_order(house: House) -> None:
    await house.enter()
    async with house.http:
        for kind in ("burst", "burst_sync"):
            job = await follow(house, Order(kind, 5_000), PATIENCE)
            assert faults([job.watch.tally]) == ""
        jobs = await crowd(Stage(house, short=True), 5, PATIENCE)
        assert faults(job.watch.tally for job in jobs) == ""
