"""Ways to break parts of a running panel and Ray."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx

from tests.live import Live, wait_until

MAILBOX = "mailbox"


def actors(live: Live, **wanted: str) -> list[dict[str, Any]]:
    """Return Ray's living actors with these fields, as its dashboard tells them."""
    answer = httpx.get(
        f"{live.ray.dashboard_url}/api/v0/actors",
        params={"detail": "1", "limit": "10000"},
        timeout=30,
    )
    found = answer.raise_for_status().json()["data"]["result"]["result"]
    return [
        actor for actor in found if actor["state"] == "ALIVE" and wanted.items() <= actor.items()
    ]


def mailbox_pid(live: Live, besides: int = 0) -> int:
    """Return the process of the mailbox, once it has one other than `besides`."""

    def found() -> int | None:
        pids = [actor["pid"] for actor in actors(live, name=MAILBOX)]
        return next((pid for pid in pids if pid and pid != besides), None)

    pid: int = wait_until(found, "the mailbox having a process", 60)
    return pid


def kill(pid: int) -> None:
    """End a process by SIGKILL, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: gone(pid), f"process {pid} to be gone", 20)


def gone(pid: int) -> bool:
    """Tell whether there is no such process, or only what is left until its parent looks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def pause(pid: int, seconds: float) -> None:
    """Stop a process for a while, as a debugger or a stalled machine does."""
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
