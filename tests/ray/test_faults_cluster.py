"""Ray, or a node of it, goes while jobs run: what was stored stays, and nobody is forgotten."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.faults.breakers import gone
from tests.faults.places import node
from tests.faults.proof import prove
from tests.faults.traffic import Traffic
from tests.live import Live, LoopThread, PanelProcess, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(600)]

ROUNDS = 5

TRIES = 12
"""Jobs that are launched at most until one is on a certain node."""


@pytest.fixture(scope="module")
def own_ray(loop_thread: LoopThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A Ray that may be broken."""
    live = Live(loop_thread, tmp_path_factory.mktemp("own"))
    live.start()
    live.deploy(["counting"])
    yield live
    live.stop()


@pytest.fixture(scope="module")
def own_panel(own_ray: Live) -> Iterator[PanelProcess]:
    panel = own_ray.panel()
    panel.start()
    yield panel
    panel.stop()


@pytest.fixture
def traffic(
    loop_thread: LoopThread, own_panel: PanelProcess, tmp_path: Path, dice: Random
) -> Iterator[Traffic]:
    traffic = Traffic(loop_thread, own_panel, own_panel.sign_in(), tmp_path, dice)
    yield traffic
    traffic.close()


def ray_is(panel: PanelProcess, state: str) -> bool:
    return bool(httpx.get(f"{panel.url}/health").json()["ray"] == state)


def test_ray_stops_and_starts_again(traffic: Traffic, own_ray: Live) -> None:
    for _ in range(ROUNDS):
        jobs = [traffic.launch_soon(traffic.plan(tasks=tasks)) for tasks in (0, 1)]
        for job in jobs:
            traffic.begun(job)
        time.sleep(traffic.dice.uniform(0, 2))
        own_ray.kill()
        wait_until(lambda: ray_is(traffic.panel, "down"), "noticing that Ray is gone")
        own_ray.start()
        own_ray.deploy(["counting"])
        for job in jobs:
            traffic.wait_for(job)
            prove(traffic, job, "lost", "error")
    last = traffic.launch_soon(traffic.plan(seconds=1, tasks=1))
    traffic.wait_for(last)
    prove(traffic, last, "finished")


def test_nodes_die_with_jobs_on_them(
    traffic: Traffic, own_ray: Live, loop_thread: LoopThread
) -> None:
    hit: set[str] = set()
    for number in range(ROUNDS):
        with joined(loop_thread, own_ray, f"node{number}") as there:
            hit.add(launch_at(traffic, there))
            time.sleep(traffic.dice.uniform(0, 2))
            others = traffic.followers.keys() - hit
            hit |= {job for job in others if place_of(traffic, job) == there}
    for job in hit:
        traffic.wait_for(job)
        prove(traffic, job, "lost", "error")
        assert traffic.visitor.job(job)["reason"]
    traffic.finish()
    for job in traffic.followers.keys() - hit:
        prove(traffic, job, "finished")


@contextmanager
def joined(loop: LoopThread, live: Live, name: str) -> Iterator[str]:
    """Have one more node within the block, and give its id; it ends by SIGKILL.

    Returns when Ray has noticed: until then it would start runners there, which would be lost too.
    """
    process = node(loop, live, name)
    process.start()

    def there() -> str:
        if gone(process.pid or 0):  # Ray gives up when the machine is busy
            process.start()
        return node_id(live, name)

    try:
        yield str(wait_until(there, f"{name} joining", 120))
    finally:
        process.kill()
        wait_until(lambda: not node_id(live, name), f"Ray noticing that {name} is gone", 120)


def launch_at(traffic: Traffic, place: str) -> str:
    """Launch jobs until Ray puts one on a node; return that one."""
    for _ in range(TRIES):
        job = traffic.launch_soon(traffic.plan())
        if place_of(traffic, job) == place:
            return job
    msg = f"{TRIES} jobs, and none on node {place}"
    raise AssertionError(msg)


def place_of(traffic: Traffic, job: str) -> str:
    """Return the node of a job's runner, once it runs."""
    traffic.begun(job)

    def found() -> str:
        events = traffic.visitor.events(job)
        return next((str(e["payload"]["node"]) for e in events if e["kind"] == "meta"), "")

    return str(wait_until(found, "the job's first events", 60))


def node_id(live: Live, name: str) -> str:
    """Return the id of the living node that offers the resource `name`, "" while there is none."""
    url = f"{live.ray.dashboard_url}/api/v0/nodes"
    answer = httpx.get(url, params={"detail": "1"}, timeout=30).raise_for_status().json()
    told = answer["data"]["result"]["result"]
    nodes = (each for each in told if name in (each["resources_total"] or {}))
    return next((each["node_id"] for each in nodes if each["state"] == "ALIVE"), "")
