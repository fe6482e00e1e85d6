"""The part of `koco start` that is the panel: a process of its own, started again when it ends."""

import asyncio
import socket
import sys
from collections.abc import Mapping

import httpx

from kodosumi.cli.failures import Trouble
from kodosumi.cli.processes import Child
from kodosumi.cli.supervisor import say

PATIENCE = 12.0
"""Seconds that the panel may take to stop."""

LOOK = 0.3
"""Seconds between two looks whether it is up."""


class Panel:
    """`koco serve` in a process of its own: a lost Ray can end it, and must not end us.

    The socket is ours: while the panel starts again browsers wait, and nobody takes the port.
    """

    def __init__(self, env: Mapping[str, str], sock: socket.socket) -> None:
        command = [sys.executable, "-m", "kodosumi", "serve", "--fd", str(sock.fileno())]
        self._child = Child(command, env, files=[sock.fileno()])
        self._sock = sock
        self._health = f"{_url(sock)}/health"

    async def run(self) -> None:
        """See Part."""
        while True:
            await self._child.start()
            up = asyncio.create_task(self._wait_up())
            code = await self._child.wait()
            if not up.done():
                up.cancel()
                msg = "The panel does not start; it has said why."
                raise Trouble(msg)
            say(f"The panel has ended by itself (exit code {code}); starting it again.")
            await self._child.stop(0)

    async def stop(self) -> None:
        """See Part."""
        self._sock.close()
        await self._child.stop(PATIENCE)

    def kill(self) -> None:
        """See Part."""
        self._child.kill()

    async def _wait_up(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            while True:
                await asyncio.sleep(LOOK)
                if await _answers(http, self._health):
                    return


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        await http.get(url)
    except httpx.TransportError:
        return False
    return True
