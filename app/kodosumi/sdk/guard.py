"""Around every request of a service: who asks, and how failures are answered."""

import logging
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kodosumi.sdk.errors import KodosumiError
from kodosumi.wire import headers

log = logging.getLogger("kodosumi.service")


class Guard:
    """Sets `request.state.user` and `.prefix`; answers exceptions as JSON without a traceback.

    The user is None, and the prefix empty, for requests that do not come from the panel. Exceptions
    for which the author registered a handler are left to it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer for what it raises."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _introduce(scope)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as exc:
            if started or _is_handled(scope, exc):
                raise
            await _failure(scope, exc)(scope, receive, send)


def _introduce(scope: Scope) -> None:
    sent = Headers(scope=scope)
    state = scope.setdefault("state", {})
    state["user"] = unquote(sent.get(headers.USER, "")) or None
    state["prefix"] = sent.get(headers.PREFIX, "")


def _is_handled(scope: Scope, exc: Exception) -> bool:
    """Tell whether the author has a handler for all exceptions; others have had their turn."""
    handlers = getattr(scope.get("app"), "exception_handlers", {})
    return not isinstance(exc, KodosumiError) and (Exception in handlers or 500 in handlers)  # noqa: PLR2004


def _failure(scope: Scope, exc: Exception) -> JSONResponse:
    kind = type(exc).__name__
    place = f"{scope['method']} {scope['path']}"
    if isinstance(exc, KodosumiError):
        log.warning("%s: %s: %s", place, kind, exc)
        content: dict[str, Any] = {"detail": str(exc) or kind, "type": kind, "public": True}
    else:
        log.error("%s failed", place, exc_info=exc)
        content = {"detail": f"{kind}: {exc}" if str(exc) else kind, "type": kind, "public": False}
    return JSONResponse(content, status_code=500)
