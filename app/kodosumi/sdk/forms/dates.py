"""Fields for dates and times. Values are text as in HTML; limits compare as text does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from kodosumi.sdk.forms.base import Field

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"

Moment = str | date | time | None
"""A limit or a default: HTML's text, or an object that is turned into it."""


class _Dated(Field):
    form: ClassVar[str]
    example: ClassVar[str]

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            setattr(self, name, _as_text(value))

    def limits(self) -> tuple[Moment, Moment]:
        """Return the earliest and the latest value."""
        raise NotImplementedError

    def exists(self, value: str) -> object:
        """Raise ValueError for a day or time of no calendar, such as 30 February."""
        raise NotImplementedError

    def check(self, value: str) -> Iterator[str]:
        """Yield what is wrong with the form or the range of the value."""
        if not self._valid(value):
            yield f"Enter a value like {self.example}."
            return
        low, high = self.limits()
        if low and value < str(low):
            yield f"Must not be before {low}."
        if high and value > str(high):
            yield f"Must not be after {high}."

    def _valid(self, value: str) -> bool:
        try:
            self.exists(value)
        except ValueError:
            return False
        return re.fullmatch(self.form, value) is not None


@dataclass
class InputDate(_Dated):
    """A day, `YYYY-MM-DD`."""

    type: ClassVar[str] = "date"
    form: ClassVar[str] = _DATE
    example: ClassVar[str] = "2026-01-31"
    name: str
    label: str | None = None
    value: Moment = None
    required: bool = False
    placeholder: str | None = None
    min_date: Moment = None
    max_date: Moment = None
    error: str | None = None

    def limits(self) -> tuple[Moment, Moment]:
        """Return the first and the last day."""
        return self.min_date, self.max_date

    def exists(self, value: str) -> object:
        """Raise ValueError when there is no such day."""
        return date.fromisoformat(value)


@dataclass
class InputTime(_Dated):
    """A time of day, `HH:MM` or `HH:MM:SS`. `step` is in seconds, for the browser only."""

    type: ClassVar[str] = "time"
    form: ClassVar[str] = _TIME
    example: ClassVar[str] = "23:59"
    name: str
    label: str | None = None
    value: Moment = None
    required: bool = False
    placeholder: str | None = None
    min_time: Moment = None
    max_time: Moment = None
    step: float | None = None
    error: str | None = None

    def limits(self) -> tuple[Moment, Moment]:
        """Return the earliest and the latest time."""
        return self.min_time, self.max_time

    def exists(self, value: str) -> object:
        """Raise ValueError when there is no such time."""
        return time.fromisoformat(value)


@dataclass
class InputDateTime(_Dated):
    """A day and time without zone, `YYYY-MM-DDTHH:MM`. `step` is as for InputTime."""

    type: ClassVar[str] = "datetime-local"
    form: ClassVar[str] = f"{_DATE}T{_TIME}"
    example: ClassVar[str] = "2026-01-31T23:59"
    name: str
    label: str | None = None
    value: Moment = None
    required: bool = False
    placeholder: str | None = None
    min_datetime: Moment = None
    max_datetime: Moment = None
    step: float | None = None
    error: str | None = None

    def limits(self) -> tuple[Moment, Moment]:
        """Return the earliest and the latest moment."""
        return self.min_datetime, self.max_datetime

    def exists(self, value: str) -> object:
        """Raise ValueError when there is no such moment."""
        return datetime.fromisoformat(value)


@dataclass
class InputMonth(_Dated):
    """A month, `YYYY-MM`."""

    type: ClassVar[str] = "month"
    form: ClassVar[str] = "[0-9]{4}-[0-9]{2}"
    example: ClassVar[str] = "2026-01"
    name: str
    label: str | None = None
    value: Moment = None
    required: bool = False
    min_month: Moment = None
    max_month: Moment = None
    error: str | None = None

    def limits(self) -> tuple[Moment, Moment]:
        """Return the first and the last month."""
        return self.min_month, self.max_month

    def exists(self, value: str) -> object:
        """Raise ValueError when there is no such month."""
        return date.fromisoformat(f"{value}-01")


@dataclass
class InputWeek(_Dated):
    """A week, `YYYY-Www`."""

    type: ClassVar[str] = "week"
    form: ClassVar[str] = "[0-9]{4}-W[0-9]{2}"
    example: ClassVar[str] = "2026-W05"
    name: str
    label: str | None = None
    value: Moment = None
    required: bool = False
    min_week: Moment = None
    max_week: Moment = None
    error: str | None = None

    def limits(self) -> tuple[Moment, Moment]:
        """Return the first and the last week."""
        return self.min_week, self.max_week

    def exists(self, value: str) -> object:
        """Raise ValueError when there is no such week."""
        return date.fromisoformat(f"{value}-1")


def _as_text(value: object) -> object:
    if isinstance(value, (datetime, time)):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
