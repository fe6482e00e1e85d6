"""What travels from a source to the mailbox and on to the spooler.

Every process that traces a job is a *source*: it has an id of its own and numbers its events 1, 2,
3 … without gaps. (source, number) names an event for ever, so that what is sent twice can be
stored once.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from kodosumi.wire.events import Emitted


class Batch(NamedTuple):
    """A run of events of one source. `first` is the number of `events[0]`."""

    job: str
    source: str
    first: int
    events: list[Emitted]

    @property
    def last(self) -> int:
        """The number of the last event; `first - 1` when there is none."""
        return self.first + len(self.events) - 1

    def after(self, number: int) -> "Batch":
        """Return what of this batch comes after event `number`."""
        skip = max(0, number + 1 - self.first)
        return self._replace(first=self.first + skip, events=self.events[skip:]) if skip else self

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Ray's pickler calls Python for each object of a class: columns travel 100 times as fast.
        columns = tuple(zip(*self.events, strict=True))
        return _unpacked, (self.job, self.source, self.first, columns)


def _unpacked(job: str, source: str, first: int, columns: tuple[Sequence[Any], ...]) -> Batch:
    return Batch(job, source, first, list(map(Emitted, *columns)) if columns else [])


class Receipt(NamedTuple):
    """What the mailbox tells a source: the numbers up to which it has received, and stored."""

    received: int
    stored: int


def weigh(event: Emitted) -> int:
    """Return roughly how many bytes of memory `event` takes."""
    return len(event.payload) + 100
