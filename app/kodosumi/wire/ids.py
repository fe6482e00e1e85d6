"""Ids of jobs."""

import re
import secrets
import time

JOB_ID = re.compile("[0-9a-f]{24}")
"""The shape of a job's id."""


def new_job_id() -> str:
    """Return 24 hex digits that sort by time: 48 bits of milliseconds, 48 bits of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
