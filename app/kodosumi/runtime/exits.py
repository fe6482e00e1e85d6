"""Code that ends its own process: Ray would only know that it is gone, so the runner tells it."""

import os
from collections.abc import Callable
from typing import NoReturn

from kodosumi.runtime.outbox import Outbox
from kodosumi.wire.events import Kind, Status, dump
from kodosumi.wire.states import JobStatus

DELIVERY = 3.0
"""Seconds that the end may take to be handed over."""

_exit = os._exit


def tell_of_exit(outbox: Outbox, finish: Callable[[], None]) -> None:
    """Have `os._exit` tell the end of the job first, after `finish`; not so in forked children."""
    before = os._exit
    mine = os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != mine:
            before(status)
        finish()
        reason = f"Its code ended the process with exit code {status}, and so without a result."
        outbox.emit_last(Kind.STATUS, dump(Status(status=JobStatus.ERROR, reason=reason)))
        outbox.drained(DELIVERY)
        _exit(status)

    os._exit = leave
