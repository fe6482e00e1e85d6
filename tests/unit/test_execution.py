"""What the code leaves running when it returns: it is waited for, but not for ever."""

import asyncio
import contextlib
import threading
import time

import pytest

from kodosumi.runtime.execution import Execution

Outcome = list[str]


async def to_thread_for_long(over: threading.Event) -> str:
    asyncio.get_running_loop().run_in_executor(None, over.wait)
    await asyncio.sleep(0)
    return "done"


async def task_that_heeds_nobody(over: threading.Event) -> str:
    async def stay() -> None:
        while not over.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    asyncio.get_running_loop().stay = asyncio.create_task(stay())  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    return "done"


async def task_that_blocks_the_loop(over: threading.Event) -> str:
    asyncio.get_running_loop().call_soon(over.wait)
    return "done"


@pytest.mark.parametrize(
    "code", [to_thread_for_long, task_that_heeds_nobody, task_that_blocks_the_loop]
)
def test_what_does_not_end_is_left_and_told(code, capsys: pytest.CaptureFixture[str]):
    over = threading.Event()
    execution = Execution(lambda: code(over), left=0.2)
    try:
        assert execution.run() == "done"
        assert "left running did not end" in capsys.readouterr().err
    finally:
        over.set()
        join("job")


def test_what_ends_soon_is_waited_for(capsys: pytest.CaptureFixture[str]):
    said: Outcome = []

    async def code() -> str:
        def later() -> None:
            time.sleep(0.1)
            said.append("later")

        asyncio.get_running_loop().run_in_executor(None, later)
        return "done"

    assert Execution(code).run() == "done"
    assert said == ["later"]
    assert capsys.readouterr().err == ""


def join(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(10)
