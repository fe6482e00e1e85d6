"""Free ports of this machine.

Between the choice of a port and the moment when somebody listens there, seconds go by. So that two
processes that start at the same time do not choose the same one, the choice is kept in a locked
file until the process ends.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Container
from pathlib import Path

_BACKLOG = 2048

NEAR = 50
"""How many ports after the usual one are tried before any port is taken."""


_chosen: dict[int, int] = {}
"""The ports that this process has chosen, and the descriptors of their locked files."""


def free_port(usual: int, besides: Container[int] = ()) -> int:
    """Return `usual` if nothing listens there, else one near it, else any; none of `besides`.

    No other process is given it as long as this one lives.
    """
    for port in range(usual, min(usual + NEAR, 65536)):
        if port not in besides and is_free(port) and _choose(port):
            return port
    while (port := _any_port()) in besides or not _choose(port):
        pass
    return port


def is_free(port: int, host: str = "") -> bool:
    """Tell whether a server could listen on `port` now; on all addresses without `host`."""
    try:
        listener(host, port).close()
    except OSError:
        return False
    return True


def listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`.

    Raises:
        OSError: the address is taken, unknown, or not allowed.
    """
    info = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = next((i for i in info if i[0] == socket.AF_INET), info[0])
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _choose(port: int) -> bool:
    """Tell whether the port is ours, or could be made so."""
    if port in _chosen:
        return True
    folder = Path(tempfile.gettempdir(), f"koco-ports-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _chosen[port] = lock
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])
