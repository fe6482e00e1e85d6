"""Events that a database refuses, whatever the state it is in: they must not hold up all others."""

from collections.abc import Sequence

from sqlalchemy.exc import DataError, DBAPIError, StatementError

from kodosumi.wire.batches import Batch
from kodosumi.wire.events import Emitted, Kind, dump

_REFUSALS = ("22", "54")
"""Classes of PostgreSQL's error codes: data exceptions, and limits that were exceeded."""


def is_refusal(exc: Exception) -> bool:
    """Tell whether `exc` is about what was to be stored, so that trying again is of no use."""
    if isinstance(exc, DBAPIError):
        code = str(getattr(exc.orig, "sqlstate", None) or "")
        cause = exc.orig.__cause__ if exc.orig else None
        return isinstance(exc, DataError) or code[:2] in _REFUSALS or isinstance(cause, ValueError)
    return isinstance(exc, StatementError | ValueError | TypeError | OverflowError)


def parts(batches: Sequence[Batch], exc: Exception) -> tuple[Sequence[Batch], ...]:
    """Return `batches`, one of which was refused, in halves; for a lone event, what tells of it."""
    middle = len(batches) // 2
    if middle:
        return batches[:middle], batches[middle:]
    batch = batches[0]
    middle = len(batch.events) // 2
    if middle:
        first = batch._replace(events=batch.events[:middle])
        return [first], [batch.after(first.last)]
    return ([batch._replace(events=[_instead(batch.events[0], exc)])],)


def _instead(event: Emitted, exc: Exception) -> Emitted:
    kind = event.kind if event.kind in set(Kind) else "unknown"
    size = len(event.payload)
    text = f"An event of kind {kind} ({size:,} characters) is missing: {type(exc).__name__}."
    return Emitted(event.at, Kind.STDERR.value, dump(text))
