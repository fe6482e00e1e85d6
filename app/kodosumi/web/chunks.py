"""Consecutive events of a job as messages for those who watch it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kodosumi.domain.jobs.pages import Limit, Stored
from kodosumi.web.lines import RESULTS, Results, Rows, line_of, lines_of
from kodosumi.web.render import Page, Renderer
from kodosumi.web.sse import message
from kodosumi.wire.events import Kind

LIMIT = Limit(rows=200, size=256_000)
"""What a chunk holds at most."""

HEAVY = 8_000
"""Characters of results whose rendering may take so long that it is done in a thread."""

GAP = 6000
"""Rows that a page keeps. One that is further behind than that may be spared what it would drop."""

KEPT = 1000
"""Rows that it is sent all the same."""


@dataclass(frozen=True)
class MoreResults(Results):
    """Results to append to those on the page."""

    template: ClassVar[str] = "jobs/_more_results.html"


@dataclass(frozen=True)
class Gap(Page):
    """The rows `first` to `last`, which are not shown; `href` leads to them."""

    template: ClassVar[str] = "jobs/_gap.html"
    first: int
    last: int
    href: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Messages up to event `last`. `ended`: no event follows."""

    data: bytes
    last: int
    ended: bool


_Part = Callable[[Sequence[Stored], Renderer], tuple[str, str]]


def _log(events: Sequence[Stored], renderer: Renderer) -> tuple[str, str]:
    return "log", _rows(events[0].seq, events[-1].seq, renderer.render(Rows(lines_of(events))))


def _rows(first: int, last: int, html: str) -> str:
    return json.dumps({"from": first, "to": last, "html": html}, ensure_ascii=False)


def _results(events: Sequence[Stored], renderer: Renderer) -> tuple[str, str]:
    results = lines_of(event for event in events if event.kind in RESULTS)
    return "", renderer.render(MoreResults(results)) if results else ""


_PARTS: dict[str, tuple[_Part, ...]] = {
    "": (_log, _results),
    "log": (_log,),
    "result": (_results,),
}


def is_light(events: Sequence[Stored], tab: str) -> bool:
    """Tell whether to render `events` takes so little time that nobody minds waiting for it."""
    shown = sum(len(event.payload) for event in events if event.kind in RESULTS)
    return tab == "log" or shown <= HEAVY


def chunk_of(events: Sequence[Stored], tab: str, renderer: Renderer) -> Chunk:
    """Return `events` as a page on `tab` is told of them; without a tab it is told all.

    Only the last message carries the last number. Who loses the connection between two of them gets
    the chunk again: the page drops rows that it has, and results, which it could not tell apart,
    come in the last message.
    """
    parts = [part(events, renderer) for part in _PARTS.get(tab, ())]
    told = [(event, data) for event, data in parts if data]
    ids = [events[0].seq - 1] * (len(told) - 1) + [events[-1].seq]
    data = b"".join(
        message(text, event, seq) for (event, text), seq in zip(told, ids, strict=False)
    )
    return Chunk(data, events[-1].seq, _ends(events[-1]))


def gap_of(job_id: str, after: int, last: int, renderer: Renderer) -> Chunk:
    """Return a row in place of those after number `after`, up to `last`."""
    html = renderer.render(Gap(after + 1, last, f"/jobs/{job_id}?tab=log&from={after + 1}"))
    return Chunk(message(_rows(after + 1, last, html), "log", last), last, ended=False)


def _ends(event: Stored) -> bool:
    if event.kind != Kind.STATUS:
        return False
    line = line_of(event)
    return not line.problem and bool(line.data.status.ended)
