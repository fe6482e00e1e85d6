"""The sweeper does what nobody asks for: it ends lost jobs and removes sessions that are over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from kodosumi.domain.jobs.lost import LostJobs
from kodosumi.domain.outage import OutageError
from kodosumi.domain.people.people import People
from kodosumi.domain.ports import ClusterUnavailableError

log = logging.getLogger(__name__)

LOST_JOBS = 4.0
"""Seconds between two looks for lost jobs."""

SESSIONS = 3600.0
"""Seconds between two looks for sessions that are over."""


class Sweeper:
    """Looks after jobs and sessions until it is cancelled."""

    def __init__(self, lost: LostJobs, people: People) -> None:
        self._lost = lost
        self._people = people

    async def run(self) -> None:
        """Look every now and then, for ever."""
        await asyncio.gather(
            _every(LOST_JOBS, self._lost.look), _every(SESSIONS, self._people.sweep)
        )


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except (ClusterUnavailableError, OutageError):
            continue
        except Exception:
            log.exception("the sweeper failed; it goes on")
