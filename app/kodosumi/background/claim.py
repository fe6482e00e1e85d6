"""A claim on work that one process at a time may do, such as spooling: a locked file."""

import asyncio
import fcntl
import logging
import os
from pathlib import Path
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two tries to get the lock."""


class Claim:
    """Waits in `async with` until the claim is free, and holds it within the block.

    The lock belongs to the process: it is free at once when its holder ends, however it ends. The
    file tells the holder's process id; it stays when the claim is given back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    async def __aenter__(self) -> Self:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _take(fd):
                log.info("process %s holds %s; waiting for it", _read(fd), self._path.name)
                while not _take(fd):  # noqa: ASYNC110 - the kernel has no event for it
                    await asyncio.sleep(LOOK)
        except BaseException:
            os.close(fd)
            raise
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
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


def holder(path: Path) -> int | None:
    """Return the process id of who holds the claim at `path`, None if it is free."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _take(fd) else int(_read(fd) or 0)
    finally:
        os.close(fd)


def _take(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(fd: int) -> str:
    return os.pread(fd, 32, 0).decode(errors="replace").strip()
