"""Listens to a stream as a browser does: message by message, while it goes on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

from kodosumi.web.auth import SESSION_COOKIE


@dataclass
class Message:
    id: int | None
    event: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Listener:
    """One open request; `read` returns the next message, `status` and `headers` the answer's."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.raw = b""
        self._buffer = b""
        self._sent: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.begun = asyncio.Event()
        self.gone = asyncio.Event()

    async def send(self, message: dict) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            self.begun.set()
            return
        self._sent.put_nowait(message.get("body", b""))
        if not message.get("more_body"):
            self._sent.put_nowait(None)

    async def receive(self) -> dict:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def read(self) -> Message | None:
        """Return the next message, None at the end of the stream."""
        while b"\n\n" not in self._buffer:
            part = await asyncio.wait_for(self._sent.get(), 5)
            if part is None:
                return None
            self.raw += part
            self._buffer += part
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        return _parse(block.decode()) or await self.read()

    async def until(self, event: str) -> list[Message]:
        """Return all messages up to the first one named `event`."""
        found: list[Message] = []
        while not found or found[-1].event != event:
            message = await self.read()
            assert message, f"the stream ended without {event}"
            found.append(message)
        return found


def _parse(block: str) -> Message | None:
    fields = [line.partition(": ") for line in block.split("\n")]
    data = [value for key, _, value in fields if key == "data"]
    named = {key: value for key, _, value in fields if key != "data"}
    if not data:
        return None
    seq = named.get("id")
    return Message(int(seq) if seq else None, named.get("event", ""), "\n".join(data))


@asynccontextmanager
async def listen(
    app: Litestar, path: str, cookie: str, last_event_id: str = ""
) -> AsyncIterator[Listener]:
    path, _, query = path.partition("?")
    headers = [(b"host", b"panel.test"), (b"accept", b"text/event-stream")]
    headers.append((b"cookie", f"{SESSION_COOKIE}={cookie}".encode()))
    if last_event_id:
        headers.append((b"last-event-id", last_event_id.encode()))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "asgi": {"version": "3.0"},
    }
    listener = Listener()
    task = asyncio.create_task(app(scope, listener.receive, listener.send))
    try:
        await asyncio.wait_for(listener.begun.wait(), 5)
        yield listener
    finally:
        listener.gone.set()
        await asyncio.wait_for(task, 5)
