"""A claim on work that one process at a time may do, such as spooling: a locked file."""

import asyncio
import logging
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from kodosumi.domain.claims import file

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

log = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two tries to get the lock."""


class WorkClaim(Protocol):
    """Waits in `async with` until the claim is free, and holds it within the block."""

    async def __aenter__(self) -> Self:
        """Wait for the claim, and take it."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        ...

    async def watch(self) -> None:
        """Return never, but raise ClaimLostError when another process may have the claim."""
        ...

    async def check(self, session: "AsyncSession") -> None:
        """Raise ClaimLostError unless what `session` commits is committed by the holder."""
        ...


class Claim:
    """A claim among the processes of one machine; see WorkClaim.

    It cannot be lost, and is free at once when its holder ends. The file stays behind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    async def __aenter__(self) -> Self:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not file.take(fd):
                log.info("%s: held by %s; waiting for it", self._path.name, file.read(fd))
                while not file.take(fd):  # noqa: ASYNC110 - the kernel has no event for it
                    await asyncio.sleep(LOOK)
            file.sign(fd)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    async def watch(self) -> None:
        """Wait for ever: a lock is not lost."""
        await asyncio.Event().wait()

    async def check(self, session: "AsyncSession") -> None:
        """Do nothing: while this process lives, no other one can hold the lock."""
