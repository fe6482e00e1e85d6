"""Ray, or a node of it, goes while jobs run: what was stored stays, and nobody is forgotten."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.faults.places import Process, node
from tests.faults.proof import prove
from tests.faults.traffic import Traffic
from tests.live import Live, LoopThread, PanelProcess, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(600)]

ROUNDS = 5


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


@pytest.fixture
def nodes(loop_thread: LoopThread, own_ray: Live) -> Iterator[dict[str, Process]]:
    """Nodes by name, one for each round."""
    made = {
        f"node{number}": node(loop_thread, own_ray, f"node{number}") for number in range(ROUNDS)
    }
    for process in made.values():
        process.start()
    yield made
    for process in made.values():
        process.kill()


def test_nodes_die_with_jobs_on_them(
    traffic: Traffic, own_ray: Live, nodes: dict[str, Process]
) -> None:
    ids = wait_until(lambda: node_ids(own_ray, nodes), "the nodes joining")
    jobs = [traffic.launch_soon(traffic.plan()) for _ in range(2 * ROUNDS)]
    places = {job: place_of(traffic, job) for job in jobs}
    for process in nodes.values():
        time.sleep(traffic.dice.uniform(0, 1))
        process.kill()
    hit = [job for job in jobs if places[job] in ids.values()]
    assert hit, places
    for job in hit:
        traffic.wait_for(job)
        prove(traffic, job, "lost", "error")
        assert traffic.visitor.job(job)["reason"]
    traffic.finish()
    for job in set(jobs) - set(hit):
        prove(traffic, job, "finished")


def place_of(traffic: Traffic, job: str) -> str:
    """Return the node of a job's runner, once it runs."""
    traffic.begun(job)
    events = wait_until(lambda: traffic.visitor.events(job), "the job's first events", 30)
    return next(str(e["payload"]["node"]) for e in events if e["kind"] == "meta")


def node_ids(live: Live, names: dict[str, Process]) -> dict[str, str]:
    """Return the ids of the living nodes by the resource that they offer, once all are there."""
    url = f"{live.ray.dashboard_url}/api/v0/nodes"
    answer = httpx.get(url, params={"detail": "1"}, timeout=30).raise_for_status().json()
    found = {}
    for told in answer["data"]["result"]["result"]:
        for name in names.keys() & (told["resources_total"] or {}).keys():
            if told["state"] == "ALIVE":
                found[name] = told["node_id"]
    return found if len(found) == len(names) else {}
