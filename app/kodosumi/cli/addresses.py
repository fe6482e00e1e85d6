"""Where the panel listens, and where browsers find it."""

import socket

from kodosumi.cli.failures import Trouble
from kodosumi.cluster.ports import listener
from kodosumi.settings import Settings

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to compare with


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens for the panel.

    Raises:
        Trouble: the address cannot be had, in one line.
    """
    try:
        return listener(settings.host, settings.port)
    except OSError as error:
        msg = (
            f"The panel cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Stop what uses it, or choose another port with --port."
        )
        raise Trouble(msg) from error


def panel_url(settings: Settings) -> str:
    """Return where a browser on this machine finds the panel."""
    local = settings.on_loopback or settings.host in _EVERYWHERE
    return f"http://{'localhost' if local else settings.host}:{settings.port}"
