"""The panel or its database stands still while jobs run: nothing is lost, nothing comes twice."""

import sqlite3
import time
from pathlib import Path

import pytest

from tests.faults.breakers import pause
from tests.faults.places import SmallDisk, instead_of, spooler
from tests.faults.proof import prove_all
from tests.faults.traffic import Traffic
from tests.live import Live, LoopThread, PanelProcess

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(400)]

ROUNDS = 5


def test_the_panel_is_paused_for_twenty_seconds(traffic: Traffic) -> None:
    traffic.begun(traffic.launch(traffic.plan(tasks=1)))
    with traffic.short_jobs():
        for _ in range(ROUNDS):
            time.sleep(traffic.dice.uniform(0, 2))
            pause(traffic.panel.pid, 20)
    traffic.finish()
    prove_all(traffic)


def test_another_process_locks_the_database_for_ten_seconds(traffic: Traffic) -> None:
    traffic.begun(traffic.launch(traffic.plan(tasks=1)))
    with traffic.short_jobs():
        for _ in range(ROUNDS):
            time.sleep(traffic.dice.uniform(0, 2))
            lock(traffic.panel.database, 10)
    traffic.finish()
    prove_all(traffic)


def lock(database: Path, seconds: float) -> None:
    connection = sqlite3.connect(database, timeout=30, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()


def test_the_disk_is_full_for_a_while(traffic: Traffic, live: Live, tmp_path: Path) -> None:
    disk = SmallDisk(live)
    with instead_of(traffic.panel, disk.panel):
        disk.enter()
        traffic.move(disk.panel)
        traffic.begun(traffic.launch(traffic.plan(tasks=1)))
        with traffic.short_jobs():
            for _ in range(ROUNDS):
                time.sleep(traffic.dice.uniform(0, 2))
                with disk.full():
                    time.sleep(traffic.dice.uniform(1, 5))
        traffic.finish()
        traffic.database = disk.take_out(tmp_path)
        prove_all(traffic)


def test_the_spooler_beside_the_panel_is_killed_again_and_again(
    traffic: Traffic, live: Live, loop_thread: LoopThread, panel_process: PanelProcess
) -> None:
    panel = live.panel(KODO_SPOOLER="0")
    beside = spooler(loop_thread, live, panel.data)
    with instead_of(panel_process, panel):
        beside.start()
        traffic.move(panel)
        traffic.begun(traffic.launch(traffic.plan(tasks=1)))
        with traffic.short_jobs():
            for _ in range(ROUNDS):
                time.sleep(traffic.dice.uniform(0.1, 3))
                beside.kill()
                time.sleep(traffic.dice.uniform(0, 1))
                beside.start()
        traffic.finish()
        prove_all(traffic)
        beside.stop()
