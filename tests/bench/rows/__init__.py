"""The rows of the table: which module measures which, in the order in which they are run."""

from dataclasses import dataclass

from tests.bench.results import Measure
from tests.bench.rows import burst, launching, pace


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
)
