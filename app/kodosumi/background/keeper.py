"""The keeper finds out when a database that took no changes does again."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from kodosumi.domain.claims.holder import Holder
from kodosumi.domain.claims.models import ClaimRow
from kodosumi.domain.db import Database
from kodosumi.domain.outage import OutageError

LOOK = 2.0
"""Seconds between two looks."""

ROOM = 8_000_000
"""Bytes that must be free before a full disk is tried again: what spoolers write is larger."""


class Keeper:
    """Tries a small change now and then while there is an outage, and nothing otherwise."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK)
            if self._db.outage and self._has_room():
                with suppress(OutageError):
                    await self._try()

    async def _try(self) -> None:
        me = Holder.myself()
        row = ClaimRow(name="trial", fence=0, host=me.host[:255], pid=me.pid, since=0, beat=0)
        async with self._db.transaction() as session:
            row = await session.merge(row)
            row.beat = me.since

    def _has_room(self) -> bool:
        file = make_url(self._db.url).database if self._db.is_sqlite else None
        try:
            return file is None or shutil.disk_usage(Path(file).parent).free > ROOM
        except OSError:
            return False
