"""Free ports of this machine."""

import socket
from collections.abc import Container

_BACKLOG = 2048

NEAR = 50
"""How many ports after the usual one are tried before any port is taken."""


def free_port(usual: int, besides: Container[int] = ()) -> int:
    """Return `usual` if nothing listens there, else one near it, else any; none of `besides`."""
    for port in range(usual, min(usual + NEAR, 65536)):
        if port not in besides and is_free(port):
            return port
    while (port := _any_port()) in besides:
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


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])
