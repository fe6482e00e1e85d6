"""Two spoolers beside a panel over one PostgreSQL: if one is gone, the other takes over."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.faults.places import Process, instead_of, spooler
from tests.faults.proof import prove_all
from tests.faults.traffic import Traffic
from tests.live import Live, LoopThread, PanelProcess, Visitor, wait_until
from tests.postgres import Server

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(400)]

ROUNDS = 5

TAKEN_OVER = 30.0
"""Seconds within which a take-over must be seen here; the machine may be busy."""


class PostgresTraffic(Traffic):
    """Traffic whose events end in PostgreSQL."""

    server: Server
    url: str

    def sources(self, job: str) -> dict[str, int]:
        query = f"SELECT source, last FROM sources WHERE job_id = '{job}'"
        rows = [line.split("|") for line in self.server.run(self.url, query).splitlines()]
        return {source: int(last) for source, last in rows}


@pytest.fixture
def panel(
    live: Live, panel_process: PanelProcess, admin: Visitor, postgres_url: str
) -> Iterator[PanelProcess]:
    """A panel that leaves spooling to others."""
    panel = live.panel("postgres", KODO_SPOOLER="0", KODO_DATABASE=postgres_url)
    with instead_of(panel_process, panel):
        yield panel


@pytest.fixture
def spoolers(
    loop_thread: LoopThread, live: Live, panel: PanelProcess, postgres_url: str
) -> Iterator[list[Process]]:
    folders = [live.folder / name for name in ("first", "second")]
    made = [spooler(loop_thread, live, data, KODO_DATABASE=postgres_url) for data in folders]
    for process in made:
        process.start()
    yield made
    for process in made:
        process.stop()


@pytest.fixture
def traffic(
    loop_thread: LoopThread,
    panel: PanelProcess,
    *,
    postgres: Server,
    postgres_url: str,
    tmp_path: Path,
    dice: Random,
) -> Iterator[PostgresTraffic]:
    traffic = PostgresTraffic(loop_thread, panel, panel.sign_in(), tmp_path, dice)
    traffic.server, traffic.url = postgres, postgres_url
    yield traffic
    traffic.close()


def holder(traffic: PostgresTraffic, spoolers: list[Process], besides: int = 0) -> Process:
    """Return the spooler that has the claim, once it is another than process `besides`."""

    def found() -> Process | None:
        query = "SELECT pid FROM claims WHERE name = 'spooler' AND beat > 0"
        pid = int(traffic.server.run(traffic.url, query) or 0)
        return next((each for each in spoolers if pid == each.pid != besides), None)

    process: Process = wait_until(found, "a take-over", TAKEN_OVER)
    return process


def test_spoolers_are_killed_and_paused_in_turn(
    traffic: PostgresTraffic, spoolers: list[Process]
) -> None:
    traffic.begun(traffic.launch(traffic.plan(tasks=1)))
    with traffic.short_jobs():
        for number in range(ROUNDS):
            working = holder(traffic, spoolers)
            pid = working.pid or 0
            time.sleep(traffic.dice.uniform(0.1, 3))
            if number % 2:
                working.kill()
                holder(traffic, spoolers, besides=pid)
                working.start()
            else:
                os.kill(pid, signal.SIGSTOP)
                holder(traffic, spoolers, besides=pid)
                os.kill(pid, signal.SIGCONT)
    traffic.finish()
    prove_all(traffic)
