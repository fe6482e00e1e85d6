"""Where the panel listens, and where browsers find it."""

import socket

from kodosumi.cli.failures import Trouble
from kodosumi.cluster.ports import listener
from kodosumi.settings import Settings

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to compare with


STALL = 120.0
"""Seconds after which a browser that takes nothing of what waits for it is let go; a stream is
resumed when it comes back."""


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens for the panel.

    Raises:
        Trouble: the address cannot be had, in one line.
    """
    try:
        sock = listener(settings.host, settings.port)
    except OSError as error:
        msg = (
            f"The panel cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Stop what uses it, or choose another port with --port."
        )
        raise Trouble(msg) from error
    _let_go_of_the_stalled(sock)
    return sock


def _let_go_of_the_stalled(sock: socket.socket) -> None:
    """Have the system watch the connections that `sock` accepts: it sees the least progress."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux only
    if option is not None:
        sock.setsockopt(socket.IPPROTO_TCP, option, int(STALL * 1000))


def panel_url(settings: Settings) -> str:
    """Return where a browser on this machine finds the panel."""
    local = settings.on_loopback or settings.host in _EVERYWHERE
    return f"http://{'localhost' if local else settings.host}:{settings.port}"
