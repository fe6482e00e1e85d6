"""Whom an actor belongs to."""

from typing import Any

import ray


def is_owned() -> bool:
    """Tell whether this actor ends with who made it; False for detached ones, and if in doubt.

    An actor that was made detached is the root of its own family; Ray does not tell in public.
    """
    try:
        worker: Any = ray._private.worker.global_worker  # noqa: SLF001
        root = worker.core_worker.get_current_root_detached_actor_id()
        return bool(root.hex() != ray.get_runtime_context().get_actor_id())
    except (AttributeError, RuntimeError, AssertionError):
        return False
