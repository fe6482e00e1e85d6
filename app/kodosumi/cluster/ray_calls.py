"""Blocking calls to Ray. Run them in a thread, never on the event loop."""

import logging
import os
import time
from pathlib import Path
from typing import Any

import ray
from ray.util import list_named_actors

from kodosumi.runtime.link import open_mailbox
from kodosumi.runtime.names import job_of, runner_name

GONE = 10.0
"""Seconds that a killed actor may take to be gone."""


def find_head(wanted: str) -> str:
    """Return the address (host:port) of the head that `wanted` names; "auto" looks for one.

    Raises:
        ConnectionError: no Ray has been started here.
    """
    if wanted != "auto":
        return wanted
    address = os.environ.get("RAY_ADDRESS", "")
    if not address and (noted := _current_cluster()).exists():
        address = noted.read_text().strip()
    if not address:
        msg = "No Ray is running here. Start it with `koco start` or `ray start --head`."
        raise ConnectionError(msg)
    return address


def join(address: str, namespace: str) -> Any:
    """Connect this process to Ray; return the handle of the mailbox."""
    ray.init(
        address=address,
        namespace=namespace,
        log_to_driver=False,
        logging_level=logging.ERROR,
        ignore_reinit_error=True,
    )
    return open_mailbox(namespace)


def leave() -> None:
    """Disconnect this process from Ray. When the head is gone, this takes some 15 s."""
    ray.shutdown()


def version() -> str:
    """Return Ray's version."""
    return str(ray.__version__)


def runners(namespace: str) -> frozenset[str]:
    """Return the ids of the jobs that have a living runner."""
    found = list_named_actors(all_namespaces=True)
    jobs = (job_of(actor["name"]) for actor in found if actor["namespace"] == namespace)
    return frozenset(job for job in jobs if job)


def cancel(namespace: str, job: str, by: str, grace: float) -> bool:
    """Ask the runner of `job` to stop; False if it has none.

    A runner whose process is still being made is asked as soon as it is there.
    """
    runner = _runner(namespace, job)
    if runner is None:
        return False
    asked = runner.cancel.remote(by, grace)
    try:
        return bool(ray.get(asked, timeout=GONE))
    except ray.exceptions.GetTimeoutError:
        return True


def kill(namespace: str, job: str) -> bool:
    """Kill the runner of `job` and wait until it is gone; False if it has none.

    Raises:
        TimeoutError: Ray does not report it as gone.
    """
    runner = _runner(namespace, job)
    if runner is None:
        return False
    ray.kill(runner, no_restart=True)
    until = time.monotonic() + GONE
    while job in runners(namespace):
        if time.monotonic() > until:
            msg = "Ray does not report the job's runner as gone."
            raise TimeoutError(msg)
        time.sleep(0.05)
    return True


def _current_cluster() -> Path:
    """Return where `ray start` writes the address of the cluster that it started last."""
    temp = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - Ray's
    return Path(temp, "ray", "ray_current_cluster")


def _runner(namespace: str, job: str) -> Any | None:
    try:
        return ray.get_actor(runner_name(job), namespace=namespace)
    except ValueError:
        return None
