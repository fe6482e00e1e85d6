"""From errors to answers: one table for pages and API."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from litestar import MediaType, Response
from litestar.exceptions import HTTPException, NotFoundException, ValidationException

from kodosumi.domain.errors import (
    ConflictError,
    DomainError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from kodosumi.domain.outage import OutageError
from kodosumi.domain.ports import ClusterUnavailableError
from kodosumi.web.auth import NotSignedInError, sign_in_path
from kodosumi.web.deps import Visit
from kodosumi.web.framing import make_frame
from kodosumi.web.render import FramedPage
from kodosumi.web.replies import go, html

log = logging.getLogger(__name__)

STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {
        NotFoundError: 404,
        NotAllowedError: 403,
        ConflictError: 409,
        InvalidError: 422,
        ServiceError: 502,
        UnavailableError: 503,
        ClusterUnavailableError: 503,
        NotSignedInError: 401,
    }
)
"""HTTP status of each foreseen error."""

_TITLES = {
    400: "This request cannot be read",
    401: "Sign in first",
    403: "You may not do this",
    404: "There is nothing here",
    405: "This address does not take that request",
    409: "Not now",
    413: "This is too large",
    422: "Something is wrong with what was entered",
    502: "The service failed",
    503: "This cannot be reached now",
}
_LOST = (
    "No page has this address. It may have been mistyped, or what was here has been removed. "
    "Look for it in the lists of services and jobs."
)
_UNFORESEEN = (
    "Something went wrong in the panel. Try again; if it stays, tell an operator this id, "
    "which names the entry in the log"
)
_OUTAGE = "What you asked for was not done; try again in a while. Of jobs nothing is lost."
_FRAMED = "sandbox; default-src 'none'; frame-ancestors 'self'"
"""The policy of errors within the sandboxed frame of a service, where pages could not be shown."""


@dataclass(frozen=True)
class Problem:
    """An error as told to people. `id` names an entry of the log, empty for foreseen errors."""

    status: int
    title: str
    text: str
    id: str = ""


@dataclass(frozen=True)
class ErrorPage(FramedPage):
    """What happened, and where to go on."""

    template: ClassVar[str] = "errors/error.html"
    problem: Problem


def answer_error(request: Visit, error: Exception) -> Response[Any]:
    """Return the answer to a request that failed: a page, or JSON for the API."""
    problem = problem_of(error)
    path = request.scope["path"]
    if path.startswith("/api/"):
        return Response(
            {"status": problem.status, "title": problem.title, "detail": problem.text}
            | ({"id": problem.id} if problem.id else {}),
            status_code=problem.status,
            media_type="application/problem+json",
        )
    if "text/event-stream" in request.headers.get("accept", "") or path.endswith("/stream"):
        return _as_text(problem)
    if path.startswith("/frame/"):
        return _as_text(problem, {"Content-Security-Policy": _FRAMED})
    if isinstance(error, NotSignedInError):
        return go(request, sign_in_path(request.scope))
    headers = error.headers if isinstance(error, HTTPException) else None
    page = ErrorPage(make_frame(request), problem)
    return html(request, page, block="problem", status=problem.status, headers=headers)


def _as_text(problem: Problem, headers: Mapping[str, str] | None = None) -> Response[str]:
    return Response(
        problem.text,
        status_code=problem.status,
        media_type=MediaType.TEXT,
        headers=dict(headers or {}),
    )


def problem_of(error: Exception) -> Problem:
    """Return what to tell of `error`; what nobody foresaw goes to the log under an id."""
    status = next((STATUS[cls] for cls in type(error).__mro__ if cls in STATUS), None)
    if status:
        return Problem(status, _TITLES[status], str(error) or _TITLES[status])
    if isinstance(error, HTTPException) and error.status_code < 500:  # noqa: PLR2004
        return Problem(error.status_code, _title(error.status_code), _detail(error))
    if isinstance(error, OutageError):
        return Problem(503, "The database does not work now", f"{error} {_OUTAGE}")
    if isinstance(error, DomainError):
        return Problem(400, _TITLES[400], str(error))
    problem_id = secrets.token_hex(6)
    log.error("unforeseen error %s", problem_id, exc_info=error)
    return Problem(500, "The panel failed", f"{_UNFORESEEN}: {problem_id}.", problem_id)


def _title(status: int) -> str:
    return _TITLES.get(status, _TITLES[400])


def _detail(error: HTTPException) -> str:
    if isinstance(error, NotFoundException):
        return _LOST
    if isinstance(error, ValidationException):
        items = [item for item in error.extra or () if isinstance(item, dict)]
        fields = ", ".join(str(item.get("key", "")) for item in items)
        return f"The address has a value that does not fit: {fields}." if fields else error.detail
    return error.detail
