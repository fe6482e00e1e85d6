"""Runners that wait, on a real Ray: taken, replaced, done without, and gone with their pool."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import ray

from kodosumi.cluster.ray_calls import runners
from kodosumi.runtime.pool import Pool
from kodosumi.runtime.waiting import RayWaiting
from tests.live import APPS, Live, Visitor, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

MODULE = "tests.services.spoiling"
NAMESPACE = "waiting"


@pytest.fixture(scope="module")
def both(live: Live, admin: Visitor) -> Iterator[Visitor]:
    """Somebody who can launch the service "with" and "without" runners that wait."""
    variables = {"with": {}, "without": {"KODO_STANDBY": "0"}}
    apps = [
        {
            "name": where,
            "route_prefix": f"/{where}",
            "import_path": "tests.services.isolation:fast_app",
            "runtime_env": {"env_vars": {"WHERE": where, **more}},
        }
        for where, more in variables.items()
    ]
    live.deploy(APPS, *apps)
    yield admin
    live.deploy()


def run(visitor: Visitor, summary: str, end: str = "finished") -> list[dict[str, Any]]:
    """Launch a service; return the events of its job, when it has ended so."""
    job = visitor.launch(summary)
    visitor.wait_for(job, end)
    return visitor.events(job)


def runner_of(events: list[dict[str, Any]]) -> str:
    return str(next(event["payload"]["runner"] for event in events if event["kind"] == "meta"))


def run_standby(visitor: Visitor, summary: str, end: str = "finished") -> list[dict[str, Any]]:
    """Launch a service until a runner that waited executes it."""
    return wait_until(
        lambda: runner_of(events := run(visitor, summary, end)).startswith("standby-") and events,
        f"a standby for {summary!r}",
    )


def told(events: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Return what the events of a job tell, without what differs from job to job."""
    return [(e["kind"], e["payload"] if e["kind"] != "meta" else None) for e in events]


def test_nothing_of_a_job_is_seen_by_the_next(both: Visitor) -> None:
    fresh = run(both, "Look around without")
    run_standby(both, "Spoil all with")
    assert told(run_standby(both, "Look around with")) == told(fresh)
    run(both, "Spoil all without")
    again = run(both, "Look around without")
    assert told(again) == told(fresh)
    assert runner_of(fresh).startswith("runner-")
    assert runner_of(again).startswith("runner-")
    texts = [payload for kind, payload in told(fresh) if kind in {"stdout", "stderr"}]
    assert texts[0] == "a print of the import"
    assert texts[-1] == "looking"


def test_what_cannot_be_imported_is_told_as_without_standby(both: Visitor) -> None:
    cold = run(both, "Import what is broken without", "error")
    for _ in range(2):
        assert told(run(both, "Import what is broken with", "error")) == told(cold)


@pytest.fixture
def joined(live: Live) -> Iterator[None]:
    """This process as a part of Ray."""
    ray.init(live.ray.address, namespace=NAMESPACE, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.fixture
def pool(joined: None) -> Iterator[Pool]:
    pool = Pool(lambda module: RayWaiting(NAMESPACE, module), 1, 1000)
    yield pool
    pool.forget()
    pool.tend()
    wait_until(lambda: not runners(NAMESPACE), "the end of all runners")


def taken(pool: Pool, module: str = MODULE) -> RayWaiting:
    """Return a runner that was waiting, when one is ready."""
    pool.expect(module)
    pool.tend()
    found = wait_until(lambda: pool.take(module), "a runner that waits")
    assert isinstance(found, RayWaiting)
    return found


def test_one_is_taken_and_the_next_is_ordered(pool: Pool) -> None:
    first = taken(pool)
    assert first.answers(5)
    second = taken(pool)
    assert first.name != second.name
    assert runners(NAMESPACE) >= {first.name, second.name}
    for each in (first, second):
        each.release()


def test_one_whose_process_was_killed_is_done_without(pool: Pool) -> None:
    pid = taken_pid(pool)
    os.kill(pid, signal.SIGKILL)
    pool.expect(MODULE)
    assert pool.take(MODULE) is None


def taken_pid(pool: Pool) -> int:
    """Return the process of the runner that waits in `pool`."""
    pool.expect(MODULE)
    pool.tend()
    (waiting,) = pool._there
    wait_until(lambda: waiting.prepared, "a runner that waits")
    handle = ray.get_actor(waiting.name, namespace=NAMESPACE)
    return ray.get(handle.__ray_call__.remote(lambda _: os.getpid()))


def test_one_whose_process_hangs_is_done_without_and_ended(pool: Pool) -> None:
    pid = taken_pid(pool)
    os.kill(pid, signal.SIGSTOP)
    assert pool.take(MODULE) is None
    wait_until(lambda: not runners(NAMESPACE), "the end of what hangs")


def test_one_that_has_not_heard_of_its_pool_exits(joined: None) -> None:
    waiting = RayWaiting(NAMESPACE, MODULE, lease=2)
    wait_until(lambda: waiting.prepared, "a runner that waits")
    for _ in range(3):
        assert waiting.answers(1)
    wait_until(lambda: waiting.name not in runners(NAMESPACE), "its end")


def test_one_that_cannot_import_its_module_is_dead(joined: None) -> None:
    waiting = RayWaiting(NAMESPACE, "tests.services.unimportable")
    wait_until(lambda: waiting.dead, "its end")
    assert not waiting.prepared
    assert waiting.name not in runners(NAMESPACE)


def test_after_a_while_without_launches_it_is_let_go(joined: None) -> None:
    pool = Pool(lambda module: RayWaiting(NAMESPACE, module), 1, 2)
    pool.expect(MODULE)
    pool.tend()
    assert runners(NAMESPACE)
    wait_until(lambda: pool.tend() or not runners(NAMESPACE), "its end")
