"""The claim on work that one process at a time may do."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kodosumi.background.claim import Claim
from kodosumi.domain.claims.file import holder

HOLD = """
import asyncio, sys
from pathlib import Path
from kodosumi.background.claim import Claim

async def hold():
    async with Claim(Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(hold())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "spooler.lock"


async def test_a_claim_waits_for_the_one_before_it(path: Path) -> None:
    order: list[str] = []

    async def work(name: str) -> None:
        async with Claim(path):
            order.append(f"{name} in")
            await asyncio.sleep(0.05)
            order.append(f"{name} out")

    await asyncio.gather(work("a"), work("b"))
    assert order in (
        ["a in", "a out", "b in", "b out"],
        ["b in", "b out", "a in", "a out"],
    )
    assert holder(path) is None


async def test_waiting_can_be_cancelled(path: Path) -> None:
    async with Claim(path):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), Claim(path):
                pass
    async with asyncio.timeout(1), Claim(path):
        pass


def pid_at(path: Path) -> int:
    found = holder(path)
    assert found
    return found.pid


@pytest.fixture
def other(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the claim."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"held\n"
        yield child
        child.kill()


async def test_a_claim_is_free_when_its_holder_is_killed(
    path: Path, other: subprocess.Popen[bytes]
) -> None:
    async def take() -> int:
        async with Claim(path):
            return pid_at(path)

    assert pid_at(path) == other.pid
    waiting = asyncio.create_task(take())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    other.kill()
    async with asyncio.timeout(10):
        assert await waiting == os.getpid()
