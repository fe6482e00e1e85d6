"""Server-sent events as htmx wants them: LF only, an id on every message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any

from sse_starlette import EventSourceResponse

from kodosumi.domain.outage import OutageError

RETRY = b"retry: 1000\n\n"

SLICE = 64_000
"""Bytes given to the server at once; it asks for more when the viewer has taken most of them."""

_HEADERS = {"Cache-Control": "no-cache"}


def message(data: str, event: str, last_id: int) -> bytes:
    """Return one message; without an `event` name htmx swaps its data into the page."""
    name = f"event: {event}\n" if event else ""
    text = data.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\ndata: ")
    return f"id: {last_id}\n{name}data: {text}\n\n".encode()


def json_message(data: dict[str, Any], event: str, last_id: int) -> bytes:
    """Return one named message whose data is JSON."""
    return message(json.dumps(data, ensure_ascii=False), event, last_id)


class EventStream(EventSourceResponse):
    """An answer that sends `messages` as they come, to their end.

    It ends before that when the viewer leaves, or when `over` is done. HEAD gets the headers only.
    """

    def __init__(self, messages: AsyncIterator[bytes], over: asyncio.Future[None]) -> None:
        super().__init__(_sliced(messages), headers=_HEADERS, sep="\n", ping=0)
        self._over = over

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, as an ASGI application."""
        if scope["method"] == "HEAD":
            self.body_iterator = _nothing()
        answering = asyncio.create_task(super().__call__(scope, receive, send))
        try:
            await asyncio.wait((answering, self._over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not answering.done():
                answering.cancel()
                await asyncio.gather(answering, return_exceptions=True)
        if answering.cancelled():  # nobody else says that this is the end
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            answering.result()

    async def _stream_response(self, send: Any) -> None:
        """Send without a lock, a timer and a log line for each message: nobody else sends here."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        async for data in self.body_iterator:
            await send({"type": "http.response.body", "body": data, "more_body": True})
        self.active = False
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _sliced(messages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(messages) as open_messages:  # type: ignore[type-var]
        with suppress(OutageError):  # the browser comes again, as after any other break
            async for data in open_messages:
                for start in range(0, len(data), SLICE):
                    yield data[start : start + SLICE]


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
