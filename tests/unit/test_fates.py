"""Why a runner is gone, from Ray's own messages."""

from types import SimpleNamespace
from typing import Any

import pytest
from ray.core.generated import common_pb2, gcs_pb2

from kodosumi.cluster import ray_tables
from kodosumi.cluster.fates import STOPPED, fate_of
from kodosumi.cluster.ray_cluster import RayCluster
from kodosumi.cluster.ray_tables import Actor, Worker

RAY: Any = common_pb2
NODE = "ab" * 28
REASONS = RAY.ActorDiedErrorContext
SUDDEN = (
    "Worker unexpectedly exits with a connection error code 2. End of file. Some common causes "
    "include: (1) the process was killed by the OOM killer due to high memory usage"
)


def row(cause: Any, *, name: str = "runner-a", state: str = "DEAD") -> Actor:
    return Actor(name, "kodosumi", state, 7, NODE, "w1", "w0", detached=True, cause=cause)


def told(said: str = "", **context: Any) -> tuple[str, str]:
    fate = fate_of("runner-a", [row(RAY.ActorDeathCause(**context))], [worker(said)])
    assert fate
    return fate.status, fate.reason


def worker(said: str) -> Worker:
    return Worker("w1", 7, NODE, alive=False, exit=said)


def died(text: str = "", reason: Any = REASONS.WORKER_DIED, **more: Any) -> Any:
    return RAY.ActorDiedErrorContext(error_message=text, reason=reason, **more)


def test_an_environment_that_cannot_be_set_up_is_the_jobs_own_doing() -> None:
    text = "Could not create it.\nTraceback:\n  File x\nModuleNotFoundError: No module named 'b'\n"
    context = RAY.RuntimeEnvFailedContext(error_message=text)
    status, reason = told(runtime_env_failed_context=context)
    assert status == "error"
    assert reason.endswith("could not be set up: ModuleNotFoundError: No module named 'b'")


def test_a_runner_that_cannot_begin_tells_the_last_line() -> None:
    context = RAY.RayException(formatted_exception_string="Traceback\n  x\nValueError: no\n")
    assert told(creation_task_failure_context=context) == (
        "error",
        "Its runner could not begin: ValueError: no",
    )


@pytest.mark.parametrize(
    ("said", "reason", "status", "words"),
    [
        (SUDDEN, REASONS.WORKER_DIED, "lost", "killed from outside"),
        ("Worker exits with an exit code 1. The process receives a SIGTERM.", 1, "lost", "SIGTERM"),
        ("Worker exits with an exit code 3.", 1, "error", "exit code 3"),
        ("Worker exits with an exit code 0. exit_actor() is called.", 1, "lost", "Ray says"),
        ("Actor killed by GCS", REASONS.RAY_KILL, "lost", "ray.kill"),
        ("", REASONS.NODE_DIED, "lost", "Node abababab is gone"),
        ("The task was killed due to the node running low on memory.", 1, "lost", "more memory"),
    ],
)
def test_the_death_of_a_worker_is_put_into_words(
    said: str, reason: Any, status: str, words: str
) -> None:
    told_status, told_reason = told(said, actor_died_error_context=died(said, reason))
    assert told_status == status
    assert words in told_reason


def test_memory_and_nodes_tell_what_to_do_and_what_ray_said() -> None:
    assert "more memory" in told(oom_context=RAY.OomContext(error_message="x"))[1]
    text = "Memory on the node (IP: 127.0.0.1, ID: ab) was 3.28GB used / 23.54GB limit (0.139)"
    assert "(3.28 of 23.54 GB" in told(oom_context=RAY.OomContext(error_message=text))[1]
    info = RAY.NodeDeathInfo(reason_message="health check failed", reason=2)
    _, reason = told(actor_died_error_context=died(node_death_info=info))
    assert "health check failed" in reason


def test_what_ray_does_not_know_was_lost_with_the_ray_before() -> None:
    assert fate_of("runner-a", [row(None, name="mailbox", state="ALIVE")], []) is STOPPED
    assert fate_of("runner-a", [], []) is None
    assert fate_of("runner-a", [row(None, state="ALIVE")], []) is None
    assert fate_of("runner-a", [row(RAY.ActorDeathCause())], []) is None


async def test_an_odd_row_counts_as_unknown_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ray_tables, "actors", lambda: [row("no message")])
    monkeypatch.setattr(ray_tables, "workers", list)
    cluster = RayCluster()
    cluster._mailbox = object()
    assert await cluster.fate("runner-a") is None
    assert "runner-a cannot be read" in caplog.text


def test_a_table_that_cannot_be_decoded_is_empty_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accessor = SimpleNamespace(get_actor_table=lambda *_: [b"\xff\xff"])
    monkeypatch.setattr(ray_tables, "_accessor", lambda: accessor)
    assert ray_tables.actors() == []
    assert "does not tell" in caplog.text


def test_ray_still_has_the_messages_that_are_read() -> None:
    known = set(gcs_pb2.ActorTableData.DESCRIPTOR.fields_by_name)
    assert {"address", "owner_address", "is_detached", "death_cause", "pid", "state"} <= known
