"""Fixtures of the fault tests: dice whose seed is told, and traffic on the session's panel."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.faults.traffic import Traffic
from tests.live import LoopThread, PanelProcess, Visitor


@pytest.fixture
def dice() -> Random:
    """Chance; FAULT_SEED repeats what a failed test has told."""
    seed = os.environ.get("FAULT_SEED") or secrets.token_hex(4)
    print(f"FAULT_SEED={seed}")  # noqa: T201 - shown when the test fails
    return Random(seed)


@pytest.fixture
def traffic(
    loop_thread: LoopThread,
    panel_process: PanelProcess,
    admin: Visitor,
    tmp_path: Path,
    dice: Random,
) -> Iterator[Traffic]:
    traffic = Traffic(loop_thread, panel_process, admin, tmp_path, dice)
    yield traffic
    traffic.close()
