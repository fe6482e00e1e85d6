"""What a job says of itself: text, values, progress."""

import asyncio
import sys
import traceback
from typing import Protocol

from kodosumi.sdk.responses import HTML, Markdown, Text
from kodosumi.wire.codec import clean, pack
from kodosumi.wire.events import Kind, Progress, dump


class Emitter(Protocol):
    """Where a tracer's events go; in a job, the outbox of this process."""

    @property
    def cancelled(self) -> bool:
        """True once somebody asked the job to stop."""
        ...

    @property
    def crowded(self) -> bool:
        """True while so much waits to be stored that emitting should slow down."""
        ...

    def emit(self, kind: Kind, payload: str) -> None:
        """Take an event; `payload` is JSON text of the kind's shape. Never waits."""
        ...

    def make_room(self) -> None:
        """Wait until it is no longer crowded."""
        ...


class Tracer:
    """Emits the events of one job, from any thread, child, Ray task or actor that has it.

    Each method has a twin with the suffix `_sync` for code that is not async. Emitting returns at
    once; only when more than 64 MB wait to be stored, it waits until some of them are.
    """

    def __init__(self, fid: str, emitter: Emitter) -> None:
        self.fid = fid
        self._emitter = emitter

    @property
    def cancelled(self) -> bool:
        """True once somebody asked the job to stop: clean up and return."""
        return self._emitter.cancelled

    def emit(self, kind: Kind, payload: str) -> None:
        """Emit an event of `kind`; `payload` is JSON text (see `kodosumi.wire`). Never waits."""
        self._emitter.emit(kind, payload)

    def debug_sync(self, *text: object) -> None:
        """Write to the job's log, one event per line."""
        self._write(Kind.DEBUG, text)
        self._settle()

    async def debug(self, *text: object) -> None:
        """Write to the job's log, one event per line."""
        self._write(Kind.DEBUG, text)
        await self._settled()

    def warning_sync(self, *text: object, exc_info: bool = False) -> None:
        """Write a warning to the job's log; `exc_info` adds the current exception's traceback."""
        self._warn(text, exc_info=exc_info)
        self._settle()

    async def warning(self, *text: object, exc_info: bool = False) -> None:
        """Write a warning to the job's log; `exc_info` adds the current exception's traceback."""
        self._warn(text, exc_info=exc_info)
        await self._settled()

    def result_sync(self, *values: object) -> None:
        """Show partial results, one event per value: text, numbers, models, dicts, lists."""
        self._values(Kind.RESULT, values)
        self._settle()

    async def result(self, *values: object) -> None:
        """Show partial results, one event per value: text, numbers, models, dicts, lists."""
        self._values(Kind.RESULT, values)
        await self._settled()

    def action_sync(self, *values: object) -> None:
        """Tell what the job does, one event per value."""
        self._values(Kind.ACTION, values)
        self._settle()

    async def action(self, *values: object) -> None:
        """Tell what the job does, one event per value."""
        self._values(Kind.ACTION, values)
        await self._settled()

    def markdown_sync(self, *text: object) -> None:
        """Show Markdown as a partial result."""
        self.result_sync(Markdown(body=_joined(text)))

    async def markdown(self, *text: object) -> None:
        """Show Markdown as a partial result."""
        await self.result(Markdown(body=_joined(text)))

    def html_sync(self, *text: object) -> None:
        """Show HTML as a partial result; the panel cleans it of scripts and styles."""
        self.result_sync(HTML(body=_joined(text)))

    async def html(self, *text: object) -> None:
        """Show HTML as a partial result; the panel cleans it of scripts and styles."""
        await self.result(HTML(body=_joined(text)))

    def text_sync(self, *text: object) -> None:
        """Show plain text as a partial result."""
        self.result_sync(Text(body=_joined(text)))

    async def text(self, *text: object) -> None:
        """Show plain text as a partial result."""
        await self.result(Text(body=_joined(text)))

    def progress_sync(self, done: float, total: float | None = None, text: str = "") -> None:
        """Declare how far the job is; `done` and `total` in the same unit of your choice."""
        self.emit(Kind.PROGRESS, dump(Progress(done=done, total=total, text=clean(text))))
        self._settle()

    async def progress(self, done: float, total: float | None = None, text: str = "") -> None:
        """Declare how far the job is; `done` and `total` in the same unit of your choice."""
        self.emit(Kind.PROGRESS, dump(Progress(done=done, total=total, text=clean(text))))
        await self._settled()

    def _write(self, kind: Kind, text: tuple[object, ...]) -> None:
        for line in _joined(text).splitlines() or [""]:
            self.emit(kind, dump(line))

    def _warn(self, text: tuple[object, ...], *, exc_info: bool) -> None:
        self._write(Kind.STDERR, text)
        if exc_info and sys.exc_info()[0]:
            self._write(Kind.STDERR, (traceback.format_exc(),))

    def _values(self, kind: Kind, values: tuple[object, ...]) -> None:
        for value in values:
            self.emit(kind, pack(value))

    def _settle(self) -> None:
        if self._emitter.crowded:
            self._emitter.make_room()

    async def _settled(self) -> None:
        if self._emitter.crowded:
            await asyncio.to_thread(self._emitter.make_room)


def _joined(text: tuple[object, ...]) -> str:
    return clean(" ".join(str(part) for part in text))


class _Printer:
    """Prints events, for trying a service without Ray."""

    cancelled = False
    crowded = False

    def emit(self, kind: Kind, payload: str) -> None:
        sys.stdout.write(f"{kind}: {payload}\n")

    def make_room(self) -> None:
        """Nothing waits here."""


class TracerMock(Tracer):
    """A tracer that prints its events instead of sending them."""

    def __init__(self, fid: str = "mock") -> None:
        super().__init__(fid, _Printer())
