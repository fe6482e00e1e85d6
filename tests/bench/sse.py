"""A client of server-sent events that costs little: the server's CPU is what is measured.

It speaks HTTP/1.1 on a socket of its own, and looks for what it needs in whole messages only.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from tests.bench.tally import Tally


@dataclass(frozen=True)
class Dialect:
    """How a product words its streams: the gap after a message, a job's event, a job's end."""

    gap: bytes
    event: re.Pattern[bytes]
    end: re.Pattern[bytes]


class Watch(asyncio.Protocol):
    """One open stream of a job, and what has been seen on it.

    `ended` is set at the end of the job or of the connection; `whole` when all results were seen.
    """

    def __init__(self, tally: Tally, dialect: Dialect, request: bytes) -> None:
        self.tally = tally
        self.status = 0
        self.bytes = 0
        self.ended = asyncio.Event()
        self.whole = asyncio.Event()
        self.begun = asyncio.Event()
        self._dialect = dialect
        self._request = request
        self._rest = b""
        self._now = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # uvloop's is no subclass
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._now = time.time()
        self.bytes += len(data)
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.begun.set()

    def on_body(self, body: bytes) -> None:
        text, gap, self._rest = (self._rest + body).rpartition(self._dialect.gap)
        if gap:
            self._look(text)

    def on_message_complete(self) -> None:
        self.ended.set()

    def close(self) -> None:
        """Close the connection."""
        if self._transport:
            self._transport.abort()

    def _look(self, text: bytes) -> None:
        self.tally.take(text, self._now)
        if self.tally.first > self._now and self._dialect.event.search(text):
            self.tally.first = self._now
        if self.tally.complete:
            self.whole.set()
        if self._dialect.end.search(text):
            self.ended.set()


async def watch(url: str, cookie: str, dialect: Dialect, expected: int) -> Watch:
    """Open the stream at `url`; `expected` is how many results the job emits."""
    where = urlsplit(url)
    target = f"{where.path}?{where.query}" if where.query else where.path
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {where.netloc}",
        "Accept: text/event-stream",
        f"Cookie: {cookie}",
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(
        lambda: Watch(Tally(expected), dialect, request), where.hostname, where.port
    )
    return made
