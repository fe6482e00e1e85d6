"""The rows of the table: which module measures which, in the order in which they are run."""

from dataclasses import dataclass

from tests.bench.results import Measure
from tests.bench.rows import burst, crowd, idle, launching, lists, pace, paint, viewers


@dataclass(frozen=True)
class Family:
    """Rows that are measured together; `apart` wants the spooler in a process of its own."""

    rows: tuple[int, ...]
    measure: Measure
    bound: float
    apart: bool = False


FAMILIES = (
    Family((1, 2), launching.measure, 150),
    Family((3,), burst.measure, 150),
    Family((4,), pace.measure, 120),
    Family((6,), crowd.measure, 240),
    Family((9,), lists.measure, 180),
    Family((12,), paint.measure, 150),
    Family((11,), viewers.measure, 180),
    Family((5, 7, 8), idle.measure, 260, apart=True),
)
