"""Whether something has grown: the first quarter of a series beside its last."""

from collections.abc import Sequence
from statistics import linear_regression, median
from typing import NamedTuple

from tests.soak.measure import Sample

NOISE = {
    "pss": (0.10, 12e6),
    "files": (0.10, 8),
    "threads": (0.10, 5),
    "actors": (0.20, 4),
    "workers": (0.20, 4),
    "runners": (0.20, 4),
}
"""By kind of figure: the share of the first median, and the amount, that noise may make; the larger
one counts. What is not named here (the database) may grow."""

FEW = 8
"""Samples below which nothing can be said."""


class Growth(NamedTuple):
    """Medians of the first and the last quarter, the slope per hour, and the noise allowed."""

    name: str
    first: float
    last: float
    slope: float
    noise: float | None

    @property
    def grown(self) -> bool:
        return self.noise is not None and self.last - self.first > self.noise


def growths(samples: Sequence[Sample]) -> list[Growth]:
    """Judge all series that have enough samples."""
    names = sorted({name for sample in samples for name in sample} - {"at"})
    series = {name: [(s["at"], s[name]) for s in samples if name in s] for name in names}
    return [growth(name, points) for name, points in series.items() if len(points) >= FEW]


def growth(name: str, points: Sequence[tuple[float, float]]) -> Growth:
    """Judge one series of (seconds, value)."""
    quarter = max(1, len(points) // 4)
    first = median(value for _, value in points[:quarter])
    last = median(value for _, value in points[-quarter:])
    slope = linear_regression(*zip(*points, strict=True)).slope * 3600
    share = NOISE.get(name.rpartition(".")[2])
    return Growth(name, first, last, slope, max(share[0] * first, share[1]) if share else None)


def table(found: Sequence[Growth]) -> str:
    """Return the judgement as a table for people."""
    lines = [f"{'':22}{'first quarter':>14}{'last quarter':>14}{'per hour':>14}"]
    for each in found:
        cells = "".join(_shown(each.name, n) for n in (each.first, each.last, each.slope))
        lines.append(f"{each.name:22}{cells}{'  GROWS' if each.grown else ''}")
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    big = name.endswith((".pss", ".bytes"))
    return f"{value / 1e6:>11.1f} MB" if big else f"{value:>14.1f}"
