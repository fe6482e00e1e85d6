"""Blocking calls to Ray. Run them in a thread, never on the event loop."""

import logging
import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import ray
from ray.util import list_named_actors

from kodosumi.runtime.link import open_mailbox
from kodosumi.wire.ids import RUNNER

ANSWER = 2.0
"""Seconds that a runner may take to answer; it may be stuck."""


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
    """Connect this process to Ray; return the handle of the mailbox.

    Raises:
        ConnectionError: it is connected to another Ray.
    """
    _never_connect_by_chance()
    ray.init(
        address=address,
        namespace=namespace,
        log_to_driver=False,
        logging_level=logging.ERROR,
        ignore_reinit_error=True,
    )
    joined = str(ray.get_runtime_context().gcs_address)
    if joined.rpartition(":")[2] != address.rpartition(":")[2]:
        ray.shutdown()
        msg = f"Ray at {joined} was joined instead of {address}."
        raise ConnectionError(msg)
    return open_mailbox(namespace)


def _never_connect_by_chance() -> None:
    """Have calls to a Ray that has gone fail, instead of joining, or starting, any other.

    RAY_ENABLE_AUTO_CONNECT does the same, but is read when Ray is imported.
    """
    with suppress(ImportError):
        hook: Any = import_module("ray._private.auto_init_hook")
        hook.enable_auto_connect = False


def leave() -> None:
    """Disconnect this process from Ray. When the head is gone, this takes some 15 s."""
    ray.shutdown()


def version() -> str:
    """Return Ray's version."""
    return str(ray.__version__)


def runners(namespace: str) -> frozenset[str]:
    """Return the names of the living runners."""
    found = list_named_actors(all_namespaces=True)
    names = (actor["name"] for actor in found if actor["namespace"] == namespace)
    return frozenset(name for name in names if RUNNER.fullmatch(name))


def cancel(namespace: str, runner: str, by: str, grace: float) -> bool:
    """Ask the job of the actor named `runner` to stop; False if there is no such actor.

    A runner whose process is still being made is asked as soon as it is there.
    """
    actor = _actor(namespace, runner)
    if actor is None:
        return False
    asked = actor.cancel.remote(by, grace)
    try:
        return bool(ray.get(asked, timeout=ANSWER))
    except ray.exceptions.GetTimeoutError:
        return True


def stopped(namespace: str, runner: str, wait: float) -> bool:
    """Wait until the code of the actor named `runner` has ended, or it is gone; False if neither.

    One that does not answer, a little after `wait` seconds, has not ended.
    """
    actor = _actor(namespace, runner)
    if actor is None:
        return True
    try:
        return bool(ray.get(actor.stopped.remote(wait), timeout=wait + ANSWER))
    except ray.exceptions.GetTimeoutError:
        return False
    except ray.exceptions.RayActorError:
        return _actor(namespace, runner) is None


def _current_cluster() -> Path:
    """Return where `ray start` writes the address of the cluster that it started last."""
    temp = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - Ray's
    return Path(temp, "ray", "ray_current_cluster")


def _actor(namespace: str, name: str) -> Any | None:
    try:
        return ray.get_actor(name, namespace=namespace)
    except ValueError:
        return None
