"""What jobs write on a real Ray, in whatever process, is in their log, and in no other."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live import Visitor

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]

Events = list[dict[str, Any]]


def noise(admin: Visitor, kind: str, **values: str) -> tuple[Events, Any]:
    """Return the events of a job, and what it returned."""
    job = admin.launch("Make noise", kind=kind, **{"count": "10", **values})
    told = admin.wait_for(job, "finished", "error")
    events = admin.events(job)
    assert told["status"] == "finished", events[-3:]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["kind"] == "status"
    final = next(event["payload"] for event in events if event["kind"] == "final")
    return events, next(iter(final.values()))


def lines(events: Events, *kinds: str) -> list[str]:
    return [e["payload"] for e in events if e["kind"] in (kinds or ("stdout", "stderr"))]


def assert_shouted(events: Events, who: str) -> None:
    """All ways of writing that `noise.shout` knows are there, once, of their kind, in order."""
    out = [line for line in lines(events, "stdout") if line.startswith(f"{who} ")]
    assert out == [
        f"{who} prints",
        f"{who} in C",
        f"{who} by a process",
        f"{who} \\xff bytes",
        f"{who} 9999",
        f"{who} in a thread",
    ]
    err = lines(events, "stderr")
    assert err.count(f"{who} logs") == 1
    assert sum(line.endswith(f"UserWarning: {who} warns") for line in err) == 1


def test_the_runner_writes_in_all_ways(admin: Visitor) -> None:
    events, _ = noise(admin, "ways")
    assert_shouted(events, "runner")
    assert any("most recent call first" in line for line in lines(events, "stderr"))
    long = next(line for line in lines(events) if line.startswith("xxx"))
    assert long.endswith("(9,900,000 more characters cut)")
    flood = [line for line in lines(events) if line.startswith("flood")]
    assert flood == [f"flood {n}" for n in range(50_000)]


def test_forked_children_write_and_trace(admin: Visitor) -> None:
    events, _ = noise(admin, "fork")
    told = lines(events, "stdout", "debug")
    assert told[:2] == ["child prints", "child traces"]
    for number in range(4):
        mine = [line for line in told if line.startswith(f"pool {number} ")]
        assert mine == [f"pool {number} {n}" for n in range(100) for _ in "td"]
    assert lines(events, "stderr") == []


def test_tasks_write_and_behave_as_ever(admin: Visitor) -> None:
    events, result = noise(admin, "tasks")
    for who in ("task", "task's nested", "other nested"):
        assert_shouted(events, who)
    told = Counter(lines(events, "stdout"))
    for line in ("generator 0", "generator 2", "pair", "before it breaks", "fails once"):
        assert told[line] == 1, line
    assert told["then works"] == told["slow begins"] == 1
    assert result.pop("RayTaskError(ValueError)").endswith("ValueError: odd")
    assert result == {
        "task": "task's was here",
        "halves": [0, 1, 2],
        "pair": [3, 5],
        "options": "other was here",
        "TypeError": "too many positional arguments",
        "flaky": "worked",
        "made": 11,
        "slow": "cancelled",
    }


def test_actors_write_and_behave_as_ever(admin: Visitor) -> None:
    events, result = noise(admin, "actors")
    assert_shouted(events, "actor")
    assert_shouted(events, "sync nested")
    told = Counter(lines(events, "stdout"))
    for line in (
        "sync is made",
        "sync greets all",
        "sync greets two",
        "classmethod",
        "sync counts 1",
        "as is made",
        "as greets async",
        "async counts 1",
        "as greets at last",
    ):
        assert told[line] == 1, line
    assert told["static"] == 2
    assert result == {
        "greet": "Sync",
        "two": ["Sync", "static"],
        "make": ["Sync", "static"],
        "count": [0, 1],
        "call": "sync was here",
        "agreet": "Async",
        "acount": [0, 1],
    }


def test_jobs_at_once_keep_apart(admin: Visitor) -> None:
    def one(_: int) -> str:
        events, _ = noise(admin, "apart", count="50")
        job = lines(events)[0].split()[0]
        wanted = [f"{job} {n}" for n in range(50) for _ in range(6)] + [f"{job} hands on"] * 3
        assert Counter(lines(events)) == Counter(wanted)
        return job

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(one, range(3)))) == 3
