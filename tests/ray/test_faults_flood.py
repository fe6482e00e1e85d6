"""A job that emits as fast as it can takes neither the others' time nor the machine's memory."""

import pytest

from tests.faults.flood import EVENTS, flood
from tests.faults.traffic import Traffic
from tests.live import Live

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(300)]

ROOM = {"panel": 250_000_000, "mailbox": 250_000_000}
"""Bytes that memory may grow by: both hold a few batches, and not the flood."""


def test_a_flood_beside_a_quiet_job(traffic: Traffic, live: Live) -> None:
    outcome = flood(traffic, live)
    print(outcome.told(EVENTS))  # noqa: T201 - latency is measured here, and asserted by the tool
    for name, room in ROOM.items():
        assert outcome.most[name] - outcome.before[name] < room, outcome.told(EVENTS)
