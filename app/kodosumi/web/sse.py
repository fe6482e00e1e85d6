"""Server-sent events as htmx wants them: LF only, an id on every message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any

from litestar.types import Receive, Scope, Send

from kodosumi.domain.outage import OutageError

RETRY = b"retry: 1000\n\n"

SLICE = 64_000
"""Bytes given to the server at once; it asks for more when the viewer has taken most of them."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


def message(data: str, event: str, last_id: int) -> bytes:
    """Return one message; without an `event` name htmx swaps its data into the page."""
    name = f"event: {event}\n" if event else ""
    text = data.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\ndata: ")
    return f"id: {last_id}\n{name}data: {text}\n\n".encode()


def json_message(data: dict[str, Any], event: str, last_id: int) -> bytes:
    """Return one named message whose data is JSON."""
    return message(json.dumps(data, ensure_ascii=False), event, last_id)


class EventStream:
    """An ASGI answer that sends `messages` as they come, to their end.

    It ends before that when the viewer leaves, or when `over` is done.
    """

    def __init__(self, messages: AsyncIterator[bytes], over: asyncio.Future[None]) -> None:
        self._messages = messages
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; HEAD gets the headers only."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] != "HEAD":  # type: ignore[typeddict-item]
            await self._stream(receive, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stream(self, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            ends = (sending, leaving, self._over)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            with suppress(OutageError):  # the browser comes again, as after any other break
                sending.result()

    async def _send(self, send: Send) -> None:
        async with aclosing(self._messages) as messages:  # type: ignore[type-var]
            async for data in messages:
                for start in range(0, len(data), SLICE):
                    body = data[start : start + SLICE]
                    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
