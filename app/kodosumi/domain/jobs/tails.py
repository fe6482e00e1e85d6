"""The newest events of the jobs that somebody watches, as they were committed.

Streams that are up to date are fed from here; who is further behind reads the database. What was
kept longest goes first when there is no more room.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from kodosumi.domain.jobs.pages import Limit, Stored

ROOM = 16_000_000
"""Bytes that are kept of all jobs together, roughly."""

_OVERHEAD = 200
"""Bytes of an event beside its payload, roughly."""


class _Piece(NamedTuple):
    """Consecutive events of one commit."""

    first: int
    events: list[Stored]
    size: int


class Tails:
    """Keeps what has just been committed, within ROOM."""

    def __init__(self) -> None:
        self._viewers: Counter[str] = Counter()
        self._tails: dict[str, deque[_Piece]] = {}
        self._order: deque[deque[_Piece]] = deque()
        self._size = 0

    @contextmanager
    def watched(self, job: str) -> Iterator[None]:
        """Keep the events of `job` within the block."""
        self._viewers[job] += 1
        try:
            yield
        finally:
            self._viewers[job] -= 1
            if not self._viewers[job]:
                del self._viewers[job]
                self._tails.pop(job, None)

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take the rows of one commit: those of a job in order, and without gaps."""
        if self._viewers:
            for job, group in groupby(rows, itemgetter("job_id")):
                if job in self._viewers:
                    self._add(job, [_stored(row) for row in group])

    def after(self, job: str, seq: int, limit: Limit) -> list[Stored]:
        """Return the first events after number `seq`; none when they are not, or no more, here."""
        tail = self._tails.get(job)
        if not tail or tail[0].first > seq + 1:
            return []
        found: list[Stored] = []
        for index in range(bisect_right(tail, seq + 1, key=itemgetter(0)) - 1, len(tail)):
            piece = tail[index]
            start = max(0, seq + 1 - piece.first)
            found += piece.events[start : start + limit.rows]
            if len(found) >= limit.rows:
                break
        return found[: limit.fitting(len(event.payload) for event in found)]

    def _add(self, job: str, events: list[Stored]) -> None:
        tail = self._tails.get(job)
        if tail is None or not tail or tail[-1].events[-1].seq + 1 != events[0].seq:
            tail = self._tails[job] = deque()
        size = sum(len(event.payload) + _OVERHEAD for event in events)
        tail.append(_Piece(events[0].seq, events, size))
        self._order.append(tail)
        self._size += size
        while self._size > ROOM:
            self._size -= self._order.popleft().popleft().size


def _stored(row: Mapping[str, Any]) -> Stored:
    return Stored(row["seq"], row["at"], row["kind"], row["payload"])
