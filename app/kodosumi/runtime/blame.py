"""Tracebacks of an author's code, without the frames that are the runner's."""

import traceback
from pathlib import Path
from types import TracebackType

_OURS = str(Path(__file__).parent)


def author_traceback(exc: BaseException) -> str:
    """Return the traceback of `exc` as text, from the author's first frame on."""
    return "".join(traceback.format_exception(type(exc), exc, _after_ours(exc.__traceback__)))


def _after_ours(trace: TracebackType | None) -> TracebackType | None:
    """Return what follows the last of the runner's own frames."""
    found = trace
    while trace:
        if trace.tb_frame.f_code.co_filename.startswith(_OURS):
            found = trace.tb_next
        trace = trace.tb_next
    return found
