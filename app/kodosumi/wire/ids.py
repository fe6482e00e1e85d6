"""Ids of jobs."""

import secrets
import time


def new_job_id() -> str:
    """Return 24 hex digits that sort by time: 48 bits of milliseconds, 48 bits of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
