"""The sweeper finds jobs whose runner is gone without a final status, and ends them as lost."""

import asyncio
import logging

from kodosumi.domain.jobs.lost import LostJobs
from kodosumi.domain.ports import ClusterUnavailableError

log = logging.getLogger(__name__)

INTERVAL = 4.0
"""Seconds between two looks."""


class Sweeper:
    """Looks after the jobs until it is cancelled."""

    def __init__(self, lost: LostJobs) -> None:
        self._lost = lost

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self._lost.look()
            except ClusterUnavailableError:
                continue
            except Exception:
                log.exception("the sweeper failed; it goes on")
