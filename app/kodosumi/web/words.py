"""Times and amounts in words, for templates; static/js/time.js words them the same way."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isfinite
from types import MappingProxyType

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_EXACT_BELOW = 10


def iso(epoch: float) -> str:
    """Return epoch seconds as `2026-11-23T12:00:00Z`."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc(epoch: float) -> str:
    """Return epoch seconds as `23 Nov 2026, 12:00:00 UTC`."""
    return f"{datetime.fromtimestamp(epoch, UTC):%d %b %Y, %H:%M:%S} UTC".removeprefix("0")


def clock(epoch: float) -> str:
    """Return the time of day of epoch seconds as `12:00:00.125` (UTC)."""
    return f"{datetime.fromtimestamp(epoch, UTC):%H:%M:%S.%f}"[:-3]


def span(seconds: float) -> str:
    """Return a length of time as `4.2 s`, `42 s`, `3 min 5 s`, `2 h 10 min` or `3 d 4 h`."""
    if not isfinite(seconds):
        return "unknown"
    if seconds < _EXACT_BELOW:
        return f"{max(seconds, 0):.1f} s"
    return whole_span(int(seconds))


def whole_span(seconds: int) -> str:
    """Return whole seconds in the two largest units that fit."""
    if seconds < _MINUTE:
        return f"{max(seconds, 0)} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def ago(epoch: float, now: float) -> str:
    """Return how long before `now` a moment was: `just now`, `5 min ago`, `23 Nov 2026`."""
    seconds = now - epoch
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min ago"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h ago"
    if seconds < 7 * _DAY:
        return f"{int(seconds // _DAY)} d ago"
    return f"{datetime.fromtimestamp(epoch, UTC):%d %b %Y}".removeprefix("0")


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"iso": iso, "utc": utc, "clock": clock, "span": span, "whole_span": whole_span, "ago": ago}
)
"""For `Environment.filters`; templates/ui needs every one of them."""
