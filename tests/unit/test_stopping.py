"""Ending the processes of a job on this machine: all of them, and none of anybody else."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kodosumi.runtime import stopping
from kodosumi.runtime.marks import Role, marks_of, wear
from kodosumi.runtime.processes import Process, process, send
from kodosumi.runtime.stopping import Swept, find, sweep

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux only")
SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]

ROOT = """
import os, subprocess, sys, time
from kodosumi.runtime import marks
marks.adopt_orphans()
marks.wear({job!r}, marks.Role.RUNNER)
{body}
print("up", flush=True)
time.sleep(60)
"""

DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()
"""
BARE = "subprocess.Popen(['setsid', 'sh', '-c', 'sleep 60 & sleep 60; true'], env={'PATH': '/bin'})"
"""Its children have no mark of their own, and one of them loses its parent."""


@pytest.fixture
def job() -> str:
    return secrets.token_hex(12)


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    begun: list[subprocess.Popen[str]] = []

    def start(command: list[str], **options: object) -> subprocess.Popen[str]:
        made = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload]
        begun.append(made)
        assert made.stdout.readline() == "up\n"
        return made

    yield start
    for each in begun:
        each.kill()
        each.communicate()


def ended(swept: Swept) -> Counter[Role]:
    return Counter(swept.ended.values())


def root(job: str, body: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        ROOT.format(job=job, body=body),
    ]


def test_all_that_a_runner_started_ends_with_it_whatever_became_of_its_parent(job, start) -> None:
    runner = start(root(job, f"{DAEMON}\n{BARE}\nsubprocess.Popen(['sleep', '60'])"))
    until = time.monotonic() + 10
    while len(find(job, {})) < 6 and time.monotonic() < until:  # sh needs a moment to start others
        time.sleep(0.02)
    before = find(job, {})
    swept = sweep(job, {})
    assert ended(swept) == {Role.RUNNER: 1, Role.CHILD: 5}, before
    assert swept.workers == [runner.pid]
    assert swept.left == 0
    assert not any(process(each.pid) for each in before)


def test_what_a_dead_runner_left_behind_is_found_by_its_marks(job, start) -> None:
    runner = start(root(job, f"{DAEMON}\nsubprocess.Popen(['setsid', 'sleep', '60'])"))
    runner.kill()
    runner.wait()
    assert ended(sweep(job, {})) == {Role.CHILD: 2}
    assert not find(job, {})


def test_processes_of_others_live_on_however_similar_they_look(job, start) -> None:
    other = job[:-1] + ("0" if job[-1] != "0" else "1")
    plain = start(SLEEP)
    similar = start(SLEEP, env={**os.environ, "KODO_JOB": other, "KODO_JOB_": job})
    named = start([*SLEEP, f"KODO_JOB={job}", f"kodo:{job}:runner:1:1"])
    runner = start(root(other, "pass"))
    mine = start(SLEEP, env={**os.environ, "KODO_JOB": job})
    assert ended(sweep(job, {})) == {Role.CHILD: 1}
    assert mine.wait(10) == -signal.SIGKILL
    assert [each.poll() for each in (plain, similar, named, runner)] == [None] * 4


def test_a_worker_that_serves_another_job_now_is_let_go_with_what_that_has_started(
    job, start
) -> None:
    body = f"""
marks.wear({job!r}, marks.Role.TASK)()
left = subprocess.Popen(["sleep", "60"], env={{**os.environ, "KODO_JOB": {job!r}}})
"""
    other = secrets.token_hex(12)
    worker = start(root(other, body))
    assert ended(sweep(job, {})) == {Role.CHILD: 1}
    assert worker.poll() is None


def test_what_a_worker_started_before_the_job_is_not_the_jobs(job, start) -> None:
    body = (
        f"subprocess.Popen(['sleep', '60'])\ntime.sleep(0.05)\nmarks.wear({job!r}, marks.Role.TASK)"
    )
    early = ROOT.format(job="x", body=body).replace("marks.wear('x', marks.Role.RUNNER)", "")
    worker = start([sys.executable, "-c", early])
    (found,) = find(job, {})
    assert found.pid == worker.pid
    (left,) = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    sweep(job, {})
    assert worker.wait(10) == -signal.SIGKILL
    assert process(int(left))
    os.kill(int(left), signal.SIGKILL)


def test_a_stopped_process_is_ended_too(job, start) -> None:
    runner = start(root(job, "pass"))
    os.kill(runner.pid, signal.SIGSTOP)
    assert ended(sweep(job, {})) == {Role.RUNNER: 1}
    assert runner.wait(10) == -signal.SIGKILL


def test_what_is_left_when_time_is_over_does_not_stay_frozen(job, start, monkeypatch) -> None:
    monkeypatch.setattr(stopping, "WAIT", 0)
    runner = start(root(job, "pass"))
    assert sweep(job, {}) == Swept({}, 1)
    assert runner.wait(10) == -signal.SIGKILL


def test_what_ray_names_must_be_a_worker_and_what_is_spared_lives(job, start) -> None:
    plain = start(SLEEP)
    spared = start(SLEEP, env={**os.environ, "KODO_JOB": job})
    assert ended(sweep(job, {plain.pid: Role.ACTOR}, [spared.pid])) == Counter()
    assert plain.poll() is spared.poll() is None


def test_a_signal_never_reaches_who_got_the_number_later(start) -> None:
    plain = start(SLEEP)
    now = process(plain.pid)
    assert now
    assert not send(Process(now.pid, now.start - 1, now.parent), signal.SIGKILL)
    assert plain.poll() is None


def test_a_mark_is_taken_off_again(job) -> None:
    before, environment = marks_of(os.getpid()), dict(os.environ)
    take_off = wear(job, Role.TASK)
    (mark,) = [mark for mark in marks_of(os.getpid()) if mark not in before]
    assert (mark.job, mark.role, mark.pid) == (job, Role.TASK, os.getpid())
    assert os.environ["KODO_JOB"] == job
    take_off()
    assert marks_of(os.getpid()) == before
    assert dict(os.environ) == environment
