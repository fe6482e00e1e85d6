"""Follows a job in a process of its own: who reads a flood beside it would see all else late.

`python -m tests.faults.apart URL JOB COOKIES` prints pairs of the time when an event was emitted
and the seconds that it took to arrive, as JSON, at the end of the job.
"""

import asyncio
import json
import subprocess
import sys

import httpx

from tests.faults.follower import Follower
from tests.live import ROOT


class Apart:
    """Such a process."""

    def __init__(self, url: str, cookies: httpx.Cookies, job: str) -> None:
        words = [url, job, json.dumps(dict(cookies))]
        command = [sys.executable, "-m", "tests.faults.apart", *words]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def ages(self, begin: float, end: float) -> list[float]:
        """Wait for the end of the job; return the ages of what was emitted between these times."""
        told, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return [age for at, age in json.loads(told) if begin <= at <= end]


def main(url: str, job: str, cookies: str) -> None:
    follower = Follower(url, httpx.Cookies(json.loads(cookies)), job)
    asyncio.run(follower.run())
    emitted = (mark.at for mark in follower.marks if mark and mark.at)
    json.dump(list(zip(emitted, follower.ages, strict=True)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
