"""Processes are killed while jobs run: nothing is lost, nothing comes twice."""

import time

import pytest

from tests.faults.breakers import kill, mailbox_pid
from tests.faults.proof import prove, prove_all
from tests.faults.traffic import Traffic
from tests.live import Live

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS = 5


def test_the_panel_is_killed_again_and_again(traffic: Traffic) -> None:
    traffic.begun(traffic.launch(traffic.plan(tasks=2)))
    with traffic.short_jobs():
        for _ in range(ROUNDS):
            time.sleep(traffic.dice.uniform(0.1, 3))
            traffic.panel.kill()
            time.sleep(traffic.dice.uniform(0, 1))
            traffic.panel.start()
    traffic.finish()
    prove_all(traffic)


def test_the_mailbox_is_killed_again_and_again(traffic: Traffic, live: Live) -> None:
    traffic.begun(traffic.launch(traffic.plan(tasks=2)))
    pid = 0
    with traffic.short_jobs():
        for _ in range(ROUNDS):
            pid = mailbox_pid(live, besides=pid)
            time.sleep(traffic.dice.uniform(0.1, 3))
            kill(pid)
    traffic.finish()
    prove_all(traffic)


def test_runners_are_killed(traffic: Traffic) -> None:
    jobs = [traffic.launch(traffic.plan()) for _ in range(ROUNDS)]
    bystander = traffic.launch(traffic.plan(tasks=1))
    for job in jobs:
        pid = traffic.begun(job, number=traffic.dice.randrange(1, 200)).pid
        time.sleep(traffic.dice.uniform(0, 0.3))
        kill(pid)
    for job in jobs:
        traffic.wait_for(job)
        prove(traffic, job, "lost", "error")
        assert traffic.visitor.job(job)["reason"]
    traffic.finish()
    prove(traffic, bystander, "finished")


def test_tasks_of_a_job_are_killed(traffic: Traffic) -> None:
    job = traffic.launch(traffic.plan(tasks=ROUNDS))
    for number in range(ROUNDS):
        pid = traffic.begun(job, f"task{number}", traffic.dice.randrange(1, 200)).pid
        time.sleep(traffic.dice.uniform(0, 0.3))
        kill(pid)
    traffic.finish()
    assert traffic.visitor.job(job)["final"] == {"int": ROUNDS}
    prove(traffic, job, "finished")
