"""The spooler moves events from the mailbox to the database, one transaction per drained batch.

It may be stopped or killed at any point: what it had not committed stays in the mailbox, and what
it had committed without saying so is recognised when it comes again.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from kodosumi.domain.jobs.store import EventStore
from kodosumi.domain.ports import Cluster, ClusterUnavailableError, SourceKey
from kodosumi.wire.batches import Batch

log = logging.getLogger(__name__)

WAIT = 10.0
"""Seconds that the mailbox may hold the long poll open."""

PAUSE = 0.3
"""Seconds before asking again a cluster that is away."""

PATIENCE = 5.0
"""Longest time, in seconds, between two tries to write to a database that fails."""


class Spooler:
    """Drains the mailbox until it is cancelled."""

    def __init__(self, cluster: Cluster, store: EventStore) -> None:
        self._cluster = cluster
        self._store = store
        self._reader = secrets.token_hex(8)

    async def run(self) -> None:
        """Move events for ever."""
        stored: Mapping[SourceKey, int] = {}
        while True:
            batches = await self._drain(stored)
            stored = await self._keep(batches) if batches else {}

    async def _drain(self, stored: Mapping[SourceKey, int]) -> Sequence[Batch]:
        try:
            return await self._cluster.drain(self._reader, stored, WAIT)
        except ClusterUnavailableError:
            # What was answered, or told, may be lost on the way: a new reader is given it again.
            self._reader = secrets.token_hex(8)
            await asyncio.sleep(PAUSE)
            return ()

    async def _keep(self, batches: Sequence[Batch]) -> Mapping[SourceKey, int]:
        """Store `batches`, trying until the database takes them."""
        pause, failed = 0.1, False
        while True:
            try:
                stored = await self._store.append(batches)
            except (SQLAlchemyError, OSError) as exc:
                if not failed:
                    log.warning("the database does not take events, which wait: %s", said(exc))
                failed = True
            else:
                if failed:
                    log.warning("the database takes events again")
                return stored
            await asyncio.sleep(pause)
            pause = min(pause * 2, PATIENCE)


def said(exc: Exception) -> str:
    """Return what a database's exception says, in one line."""
    cause = getattr(exc, "orig", None) or exc
    return f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
