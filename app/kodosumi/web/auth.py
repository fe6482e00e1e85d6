"""Who is asking, and whether they may.

Every route declares its action with `needs(…)`, or that it is open to everybody with `OPEN`; the
guard refuses what declares nothing. Rights on a single job or service are the domain's to check.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import quote

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import HTTPScope, Scope

from kodosumi.domain.access import Action, may
from kodosumi.domain.errors import NotAllowedError
from kodosumi.domain.people.models import User
from kodosumi.web.deps import AnyVisit, services

SESSION_COOKIE = "kodo_session"

_ACTION = "action"
OPEN: Final[Mapping[str, object]] = {_ACTION: "open"}


class NotSignedInError(Exception):
    """The page is for people who are signed in."""


def needs(action: Action) -> dict[str, object]:
    """Return the options of a route for those who may do `action`."""
    return {_ACTION: action}


class Identify(AbstractAuthenticationMiddleware):
    """Finds out who asks by the session cookie, on every route but static files."""

    async def authenticate_request(self, connection: AnyVisit) -> AuthenticationResult:
        """Return the user, or None, and the cookie that proves it."""
        user, cookie = await _identify(connection)
        return AuthenticationResult(user=user, auth=cookie)


async def identify_lost(_error: Exception, scope: Scope) -> None:
    """Find out who asks for an address that has no route, so that the error page knows them."""
    if "user" not in scope:
        scope["user"], scope["auth"] = None, ""
        with suppress(Exception):  # the error to tell of may be that nobody can be identified
            scope["user"], scope["auth"] = await _identify(ASGIConnection(scope))


async def _identify(connection: AnyVisit) -> tuple[User | None, str]:
    cookie = connection.cookies.get(SESSION_COOKIE, "")
    user = await services(connection).people.by_session(cookie) if cookie else None
    return (user, cookie) if user else (None, "")


def enforce(connection: AnyVisit, handler: BaseRouteHandler) -> None:
    """Refuse who is not signed in, or may not do the route's action to anything at all.

    Raises:
        NotSignedInError: nobody is signed in.
        NotAllowedError: this person's role does not allow the action.
    """
    action = handler.opt.get(_ACTION)
    if action == OPEN[_ACTION] or connection.scope.get("method") == "OPTIONS":
        return  # Litestar answers OPTIONS itself, with the methods of the address
    if connection.user is None or not isinstance(action, Action):
        raise NotSignedInError
    if action is not Action.CHANGE and not may(connection.user, action):
        msg = f"Your role, {connection.user.role}, does not allow this. Ask an admin for the right."
        raise NotAllowedError(msg)


def check_routes(app: Litestar) -> None:
    """Raise ImproperlyConfiguredException unless every route declares its action."""
    for path, handler in all_handlers(app):
        if _ACTION not in handler.opt:
            msg = f"{path} declares no action"
            raise ImproperlyConfiguredException(msg)


def all_handlers(app: Litestar) -> Iterable[tuple[str, HTTPRouteHandler]]:
    """Yield the path and handler of every route; OPTIONS, which Litestar adds, left out."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.http_methods != {"OPTIONS"}:
                yield route.path, handler


def sign_in_path(scope: Scope) -> str:
    """Return the address of the sign-in page that leads back to what was asked for."""
    http: HTTPScope = scope  # type: ignore[assignment]
    query = http["query_string"].decode("latin-1")
    asked = http["path"] + (f"?{query}" if query else "")
    if http["method"] != "GET" or asked == "/":
        return "/login"
    return f"/login?redirect={quote(asked, safe='/')}"


def local_path(target: str) -> str:
    """Return `target` if it is a path of this panel, or else the start page."""
    strange = "\\" in target or not target.isprintable()
    if strange or not target.startswith("/") or target.startswith("//"):
        return "/"
    return target
