"""Child processes are stopped with all that they started, and nothing else is."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kodosumi.cli.processes import Child
from kodosumi.cluster.local_ray import LocalRay
from kodosumi.cluster.ports import free_port, is_free

FAMILY = """
import signal, subprocess, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "60"], start_new_session=True)
print("ready", flush=True)
time.sleep(60)
"""


async def started(tmp_path: Path, *words: str) -> Child:
    log = tmp_path / secrets.token_hex(4)
    child = Child([sys.executable, "-c", FAMILY, *words], dict(os.environ), log)
    await child.start()
    async with asyncio.timeout(20):
        while log.read_text() != "ready\n" or len(child.alive()) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return child


@pytest.mark.parametrize("words", [(), ("deaf",)])
async def test_a_child_is_stopped_with_what_left_its_session(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    child = await started(tmp_path, *words)
    foreign = await started(tmp_path)
    await child.stop(0.2)
    assert child.alive() == []
    assert len(foreign.alive()) == 2
    await foreign.stop(5)


async def test_a_child_that_has_ended_leaves_nothing(tmp_path: Path) -> None:
    child = await started(tmp_path)
    os.kill(min(child.alive()), signal.SIGKILL)
    await child.wait()
    assert len(child.alive()) == 1
    await child.stop(5)
    assert child.alive() == []


async def test_killing_needs_no_waiting(tmp_path: Path) -> None:
    child = await started(tmp_path, "deaf")
    child.kill()
    assert await child.wait() == -signal.SIGKILL


async def test_what_was_never_started_can_be_stopped() -> None:
    child = Child(["true"], {})
    child.kill()
    await child.stop(1)


def test_a_port_near_the_usual_one_is_taken_when_that_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        usual = server.getsockname()[1]
        assert not is_free(usual)
        assert free_port(usual) > usual
    assert free_port(usual) == usual
    assert free_port(usual, {usual}) != usual


def test_a_port_is_given_to_one_process_at_a_time() -> None:
    port = free_port(42_000)
    code = f"from kodosumi.cluster.ports import free_port; print(free_port({port}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(done.stdout) > port
    assert free_port(port) == port


def test_a_ray_has_ports_of_its_own_and_short_paths() -> None:
    ray = LocalRay.plan(cpus=8)
    try:
        assert len({ray.port, ray.dashboard_port, ray.client_port}) == 3
        socket_path = f"{ray.temp}/session_2026-01-01_00-00-00_000000_1234567/sockets/plasma_store"
        assert len(socket_path) < 104
    finally:
        ray.remove()
    assert not ray.temp.exists()


def test_a_ray_gets_imports_and_loopback_and_no_address_of_another() -> None:
    ray = LocalRay(1, 2, 3, Path("temp"), 8)
    base = {"PYTHONPATH": "/there", "RAY_ADDRESS": "other:1", "KEY": "value"}
    env = ray.environment(base, imports=Path("/here"))
    assert env["PYTHONPATH"] == "/here:/there"
    assert env["RAY_AUTH_MODE"] == "disabled"
    assert env["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "0"
    assert env["KEY"] == "value"
    assert "RAY_ADDRESS" not in env
    token = ray.environment({"RAY_AUTH_MODE": "token"}, imports=Path("/here"))
    assert token["RAY_AUTH_MODE"] == "token"
