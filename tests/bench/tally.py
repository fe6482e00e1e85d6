"""What was seen of a job from outside, and whether it was all of it, once, and in order."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

STAMP = re.compile(rb"@(\d+)@(\d+\.\d+)@")
"""A result of `bench_work`: its number and when it was emitted, in seconds since the epoch."""


@dataclass
class Tally:
    """The numbered results that one viewer saw. Times are seconds since the epoch.

    `first` is when the first event of the job was seen, whoever emitted it.
    """

    expected: int
    first: float = math.inf
    numbers: list[int] = field(default_factory=list)
    emitted: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)

    def take(self, text: bytes, now: float) -> None:
        """Note the results in `text`, seen at `now`."""
        for number, emitted in STAMP.findall(text):
            self.numbers.append(int(number))
            self.emitted.append(float(emitted))
            self.seen.append(now)

    @property
    def complete(self) -> bool:
        """True when as many were seen as are expected."""
        return len(self.numbers) >= self.expected

    @property
    def missing(self) -> int:
        """How many were not seen."""
        return self.expected - len(set(self.numbers))

    @property
    def repeated(self) -> int:
        """How many were seen again."""
        return len(self.numbers) - len(set(self.numbers))

    @property
    def disordered(self) -> int:
        """How many came after one that they precede."""
        return sum(a > b for a, b in zip(self.numbers, self.numbers[1:], strict=False))

    def latencies(self, since: float = 0.0) -> list[float]:
        """Return the milliseconds between emission and sight of what was emitted after `since`."""
        pairs = zip(self.emitted, self.seen, strict=True)
        return [1000 * (seen - emitted) for emitted, seen in pairs if emitted >= since]


def faults(tallies: Iterable[Tally]) -> str:
    """Tell what is wrong with these in all; empty when nothing is."""
    every = list(tallies)
    counts = {
        "lost": sum(max(0, tally.missing) for tally in every),
        "repeated": sum(tally.repeated for tally in every),
        "out of order": sum(tally.disordered for tally in every),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` (0 to 1) of all do not exceed; NaN without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def spread(name: str, values: Sequence[float], unit: str = "ms") -> dict[str, float]:
    """Return p50, p95 and the largest of `values` under names that begin with `name`."""
    found = {"p50": percentile(values, 0.5), "p95": percentile(values, 0.95)}
    return {
        **{f"{name} {share} {unit}": value for share, value in found.items()},
        f"{name} max {unit}": max(values, default=math.nan),
    }
