"""The end of a job waits for its other sources: the Ray tasks and actors that emit for it."""

import time
from typing import Protocol

from kodosumi.runtime.mailbox import Left
from kodosumi.runtime.outbox import RETRY, LinkError, Outbox

SILENT = 3.0
"""Seconds that another source has to hand over what it emitted; its process may be dead."""

ROUND = 5.0
"""Seconds that the mailbox is asked to wait, again and again."""


class SettlingLink(Protocol):
    """The way to `Mailbox.settle`; raises LinkError."""

    def settle(self, job: str, source: str, wait: float) -> Left:
        """See `Mailbox.settle`."""
        ...


def settle(outbox: Outbox, link: SettlingLink) -> None:
    """Wait until all that the other sources of `outbox`'s job emitted is stored.

    The final status may only be sent then: a mailbox that is started anew loses what it holds, and
    what the sources send again could come after the end, where nothing is accepted.
    """
    outbox.sent()
    until = time.monotonic() + SILENT
    while True:
        wait = min(ROUND, max(0.1, until - time.monotonic()))
        try:
            left = link.settle(outbox.job, outbox.source, wait)
        except LinkError:
            time.sleep(RETRY)
            until = time.monotonic() + SILENT
            continue
        if not left.unstored and (not left.silent or time.monotonic() > until):
            return
