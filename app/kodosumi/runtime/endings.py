"""How a job ended, as the events that tell it."""

from typing import NamedTuple

from kodosumi.runtime.blame import author_traceback
from kodosumi.sdk.errors import KodosumiError
from kodosumi.wire.codec import clean, pack
from kodosumi.wire.events import Failure, Kind, Status, dump
from kodosumi.wire.states import JobStatus


class End(NamedTuple):
    """The last status, and the event before it that tells the value or the error."""

    status: Status
    kind: Kind | None = None
    payload: str = ""


def finished(value: object) -> End:
    """Return the end of a job whose code returned `value`."""
    return End(Status(status=JobStatus.FINISHED), Kind.FINAL, pack(value))


def cancelled(by: str) -> End:
    """Return the end of a job that stopped because `by` asked it to."""
    return End(Status(status=JobStatus.CANCELLED, by=by))


def failed(exc: BaseException) -> End:
    """Return the end of a job whose code raised `exc`."""
    failure = Failure(
        type=type(exc).__name__,
        message=clean(_said(exc)) or type(exc).__name__,
        traceback=clean(author_traceback(exc)),
        public=isinstance(exc, KodosumiError),
    )
    return End(Status(status=JobStatus.ERROR), Kind.ERROR, dump(failure))


def _said(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception:  # noqa: BLE001 - a broken __str__ is the author's, not ours
        return ""
