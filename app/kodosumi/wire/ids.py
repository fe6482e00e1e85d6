"""Ids of jobs, and names of the actors that run them."""

import re
import secrets
import time

JOB_ID = re.compile("[0-9a-f]{24}")
"""The shape of a job's id."""

RUNNER = re.compile("(runner|standby)-[0-9a-f]{24}")
"""The shape of the name of a runner's actor: one made for a job, or one that was waiting for it."""


def new_job_id() -> str:
    """Return 24 hex digits that sort by time: 48 bits of milliseconds, 48 bits of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"


def runner_name(job: str) -> str:
    """Return the name of the actor that was made for `job`."""
    return f"runner-{job}"


def new_standby_name() -> str:
    """Return a name for a runner that is started before its job is known."""
    return f"standby-{new_job_id()}"
