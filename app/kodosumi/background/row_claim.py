"""The claim of panels over one PostgreSQL: taken over when its holder has not been heard of."""

import asyncio
import logging
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.claims.claims import STALE, Claims
from kodosumi.domain.claims.holder import ClaimLostError, Holder
from kodosumi.domain.db import Database

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between two heartbeats, and between two looks whether the claim is free."""

FAREWELL = 2.0
"""Seconds that giving back may take; who does not is found out by its silence."""

AWAY = (SQLAlchemyError, OSError, TimeoutError)


class RowClaim:
    """A claim by a row of the database; see WorkClaim.

    `db` is used for nothing else, so that a busy panel never waits for a connection to say that it
    is alive.
    """

    def __init__(self, db: Database, name: str) -> None:
        self._name = name
        self._claims = Claims(db, name)
        self._fence = 0
        self._said: object = None

    async def __aenter__(self) -> Self:
        while not await self._try():  # noqa: ASYNC110 - others are in other processes
            await asyncio.sleep(BEAT)
        log.info("%s: claimed as holder number %d", self._name, self._fence)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        fence, self._fence, self._said = self._fence, 0, None
        with suppress(*AWAY):
            async with asyncio.timeout(FAREWELL):
                await self._claims.give_back(fence)

    async def watch(self) -> None:
        """Beat until the claim is lost, or cannot be known to be held any more."""
        heard = time.monotonic()
        while True:
            await asyncio.sleep(BEAT)
            try:
                async with asyncio.timeout(STALE - BEAT):
                    await self._claims.beat(self._fence)
                heard = time.monotonic()
            except AWAY as error:
                if time.monotonic() - heard > STALE:
                    raise ClaimLostError from error

    async def check(self, session: AsyncSession) -> None:
        """See Claims.check."""
        await self._claims.check(session, self._fence)

    async def _try(self) -> bool:
        try:
            holder = await self._claims.holder()
            if holder is None:
                self._fence = await self._claims.take(Holder.myself()) or 0
        except AWAY as error:
            self._say("cannot be looked up: %s", type(error).__name__)
            return False
        if holder:
            self._say("held by %s; waiting for it", holder)
        return self._fence > 0

    def _say(self, text: str, what: object) -> None:
        """Log it once, until it is another one."""
        if what != self._said:
            log.info(f"%s: {text}", self._name, what)  # noqa: G004 - the text is ours
        self._said = what
