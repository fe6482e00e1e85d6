"""Fields for numbers."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, TypeGuard

from kodosumi.sdk.forms.base import Field

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_NO_NUMBER = "Enter a number."


class _Number(Field):
    min_value: float | None
    max_value: float | None
    step: float | None

    def parse_value(self, raw: Any) -> float | None:
        """Return an int for a whole number as text, else a float; None for an empty field."""
        if raw is None or raw == "":
            return None
        number = raw if _is_number(raw) else _parsed(str(raw).strip())
        if not _finite(number):
            raise ValueError(_NO_NUMBER)
        return number

    def check(self, value: float) -> Iterator[str]:
        """Yield whether the number is out of range or between two steps."""
        if self.min_value is not None and value < self.min_value:
            yield f"Must be at least {self.min_value}."
        if self.max_value is not None and value > self.max_value:
            yield f"Must be at most {self.max_value}."
        if _is_number(self.step) and self.step > 0 and not self._on_step(value, self.step):
            yield f"Must be in steps of {self.step} from {self._first()}."

    def _on_step(self, value: float, step: float) -> bool:
        """Count exactly, so that 0.3 is three steps of 0.1."""
        return (_exact(value) - _exact(self._first())) % _exact(step) == 0

    def _first(self) -> float:
        """Return where the steps start: at the minimum or else the default, as in browsers."""
        starts = (self.min_value, self.value)
        return next((start for start in starts if _is_number(start)), 0)


@dataclass
class InputNumber(_Number):
    """A number. `pattern` is sent to the browser, which does not heed it."""

    type: ClassVar[str] = "number"
    name: str
    label: str | None = None
    value: float | None = None
    required: bool = False
    placeholder: str | None = None
    size: int | None = None
    pattern: str | None = None
    min_value: float | None = None
    max_value: float | None = None
    step: float | None = None
    error: str | None = None


@dataclass
class InputRange(_Number):
    """A number chosen by a slider."""

    type: ClassVar[str] = "range"
    name: str
    label: str | None = None
    value: float | None = None
    required: bool = False
    min_value: float | None = None
    max_value: float | None = None
    step: float | None = None
    error: str | None = None


def _parsed(entered: str) -> float:
    if not _DECIMAL.fullmatch(entered):
        raise ValueError(_NO_NUMBER)
    try:
        return int(entered) if _INTEGER.fullmatch(entered) else float(entered)
    except ValueError as exc:  # Python refuses thousands of digits
        raise ValueError(_NO_NUMBER) from exc


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _exact(value: float) -> Fraction:
    return Fraction(str(value))
