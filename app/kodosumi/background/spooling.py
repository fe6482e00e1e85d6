"""Spooling by one process at a time."""

import asyncio
import logging
from collections.abc import Callable

from kodosumi.background.claim import WorkClaim
from kodosumi.background.spooler import Spooler
from kodosumi.domain.claims.holder import ClaimLostError

log = logging.getLogger(__name__)


async def spool(
    claim: WorkClaim,
    make: Callable[[], Spooler],
    tell: Callable[[bool], None] = lambda _: None,
) -> None:
    """Spool whenever the claim is held, until cancelled; `tell` hears when that begins and ends.

    A holder that has lost the claim stops in the middle: what it had not committed stays in the
    mailbox, and what it tries to commit is refused.
    """
    while True:
        try:
            async with claim, asyncio.TaskGroup() as group:
                tell(True)  # noqa: FBT003 - the only argument there is
                group.create_task(claim.watch())
                group.create_task(make().run())
        except* ClaimLostError:
            log.warning("the claim on spooling is lost; waiting for it again")
        finally:
            tell(False)  # noqa: FBT003
