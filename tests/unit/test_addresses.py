"""Where the panel listens: who takes nothing of what it is sent is let go."""

import errno
import socket
from pathlib import Path

import pytest

from kodosumi.cli import addresses
from kodosumi.cluster.ports import free_port
from kodosumi.settings import Settings


def test_a_browser_that_stops_reading_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "STALL", 0.5)
    settings = Settings(data=tmp_path, port=free_port(20_000), _env_file=None)
    with (
        addresses.listen(settings) as sock,
        socket.create_connection(sock.getsockname()) as browser,
        sock.accept()[0] as connection,
    ):
        connection.settimeout(60)
        with pytest.raises(OSError, match="timed out") as dropped:
            connection.sendall(b"x" * 50_000_000)
        assert dropped.value.errno == errno.ETIMEDOUT  # the system's word, not of this patience
        assert browser.fileno() > 0
