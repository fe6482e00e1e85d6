"""Cancel and kill on a real Ray: all that a job started ends, and nothing of anybody else."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import Visitor, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

SUMMARY = "Start all sorts of things"
FAMILY = 8
"""Results that tell of all that a family has started."""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def told(admin: Visitor, job: str) -> dict[str, list[int]]:
    """Return the pids that a job has told, by what they are."""
    found: dict[str, list[int]] = {}
    for event in admin.events(job):
        if event["kind"] == "meta":
            found["runner"] = [event["payload"]["pid"]]
        if event["kind"] == "result":
            for what, pid in event["payload"]["dict"].items():
                found.setdefault(what, []).append(pid)
    return found


def started(admin: Visitor, kind: str, results: int) -> tuple[str, dict[str, list[int]]]:
    """Launch a job; return its id and pids when it has told `results` times."""
    job = admin.launch(SUMMARY, kind=kind)

    def all_told() -> bool:
        return sum(event["kind"] == "result" for event in admin.events(job)) >= results

    wait_until(all_told, f"{results} results", 120)
    return job, told(admin, job)


def kill(admin: Visitor, job: str) -> dict[str, Any]:
    admin.submit(f"/jobs/{job}", f"/jobs/{job}/termination", reason="enough")
    return admin.wait_for(job, "killed")


def cancel(admin: Visitor, job: str) -> dict[str, Any]:
    admin.submit(f"/jobs/{job}", f"/jobs/{job}/cancellation")
    return admin.wait_for(job, "cancelled")


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like those of the jobs."""
    other = {**os.environ, "KODO_JOB": "0" * 24}
    process = subprocess.Popen(["sleep", "600"], env=other)
    yield process
    process.kill()
    process.wait()


def check_family(told: dict[str, Any], pids: dict[str, list[int]]) -> None:
    """All of a family is gone but the detached actor, and the panel says so."""
    kept = [*pids.pop("detached"), *pids.pop("detached child")]
    try:
        left = {what: [p for p in some if alive(p)] for what, some in pids.items()}
        assert not any(left.values()), left
        assert all(map(alive, kept))
    finally:
        for pid in kept:
            os.kill(pid, signal.SIGKILL)
    ended = told["ended"]
    assert (ended["runner"], ended["tasks"], ended["actors"]) == (True, 3, 2)
    assert ended["processes"] >= 6
    assert ended["kept"] == [f"kept-{told['id']}"]
    assert not ended["unsure"]


def test_kill_ends_tasks_actors_and_processes_and_says_so(admin: Visitor, bystander) -> None:
    other, others = started(admin, "awaiting", 1)
    job, pids = started(admin, "family", FAMILY)
    result = kill(admin, job)
    check_family(result, pids)
    assert bystander.poll() is None
    assert all(alive(pid) for some in others.values() for pid in some)
    page = admin.http.get(f"/jobs/{job}").text
    assert "Ended: the runner, 3 Ray tasks, 2 actors" in page
    assert "Ended: the runner, 3 Ray tasks, 2 actors" in admin.http.get(f"/jobs/{job}?tab=log").text
    last = admin.events(job)[-1]
    assert last["payload"]["count"] == last["seq"] == result["last_seq"]
    cancel(admin, other)


def test_cancel_ends_what_does_not_heed_with_all_it_started(admin: Visitor) -> None:
    job, pids = started(admin, "family", FAMILY)
    result = cancel(admin, job)
    check_family(result, pids)
    assert result["ended_by"] == "admin"
    assert "did not stop within" in result["reason"]


@pytest.mark.parametrize("end", [kill, cancel])
@pytest.mark.parametrize(("kind", "results"), [("stuck", 1), ("stopped", 0)])
def test_a_runner_that_cannot_answer_is_ended_too(
    admin: Visitor, end: Any, kind: str, results: int
) -> None:
    job, pids = started(admin, kind, results)
    admin.wait_for(job, "running")
    time.sleep(0.5)  # it gets stuck now
    result = end(admin, job)
    assert not any(alive(pid) for some in pids.values() for pid in some)
    assert result["ended"]["runner"]
    assert result["ended"]["processes"] == results


def test_cancel_reaches_code_that_awaits_a_task_and_the_task(admin: Visitor) -> None:
    job, _ = started(admin, "awaiting", 1)
    assert cancel(admin, job)["ended"] is None
    log = str(admin.events(job))
    assert "the coroutine was told" in log
    assert "the task was told" in log


def test_cancel_reaches_code_that_awaits_a_thread(admin: Visitor) -> None:
    job = admin.launch(SUMMARY, kind="threaded")
    admin.wait_for(job, "running")
    assert cancel(admin, job)["ended"] is None
    assert "the coroutine was told" in str(admin.events(job))


def test_code_that_ends_its_process_has_failed(admin: Visitor) -> None:
    job = admin.launch(SUMMARY, kind="quits")
    assert "exit code 3" in admin.wait_for(job, "error")["reason"]
    assert "last words" in str(admin.events(job))


def test_a_runner_that_is_killed_is_lost_soon_and_what_it_left_is_ended(admin: Visitor) -> None:
    job = admin.launch(SUMMARY, kind="killed")
    (pid,) = wait_until(lambda: told(admin, job).get("runner"), "the runner's pid")
    wait_until(lambda: not alive(pid), "the runner's death")
    result = admin.wait_for(job, "lost")
    assert "SIGKILL" in result["reason"]
    assert result["ended"]["processes"] == 1
    assert "last words" in str(admin.events(job))
