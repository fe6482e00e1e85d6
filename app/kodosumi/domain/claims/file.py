"""A claim among the processes of one machine: a locked file that tells who holds it."""

import fcntl
import os
from pathlib import Path

from kodosumi.domain.claims.holder import Holder


def take(fd: int) -> bool:
    """Lock the file if it is free. The lock ends with the process, however that ends."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sign(fd: int) -> None:
    """Write down that this process holds it."""
    os.ftruncate(fd, 0)
    os.pwrite(fd, Holder.myself().dump().encode(), 0)


def read(fd: int) -> Holder:
    """Return who signed last; nobody in particular in the moment before they have."""
    text = os.pread(fd, 1000, 0).decode(errors="replace")
    return Holder.load(text) or Holder("this machine", 0, 0.0)


def holder(path: Path) -> Holder | None:
    """Return who holds the claim at `path`, None if it is free."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if take(fd) else read(fd)
    finally:
        os.close(fd)
