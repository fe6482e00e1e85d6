"""Cross-site request forgery: requests that change something must carry a token of the session.

The token is a signature over the session's cookie, in the header `x-csrf-token` or the form field
`_csrf`. The sign-in form has no session yet; a random cookie of its own takes that place.
"""

import secrets

from litestar.connection import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from kodosumi.web.deps import AnyVisit, Visit
from kodosumi.web.keys import Keys

HEADER = "x-csrf-token"
FIELD = "_csrf"
PRE_SESSION_COOKIE = "kodo_pre"
EXEMPT = {"csrf": "exempt"}
"""Option of routes whose address is itself the proof, such as frames."""

_REFUSED = "This form is of an older session. Go back, reload the page and send it again."
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = frozenset({RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART})


def token(visit: AnyVisit | Visit) -> str:
    """Return the token of this session, or of this browser before sign-in; empty without both."""
    keys: Keys = visit.app.state.signer
    if visit.scope.get("auth"):
        return keys.sign("csrf", visit.auth)
    pre = pre_session(visit)
    return keys.sign("csrf-pre", pre) if pre else ""


def pre_session(visit: AnyVisit | Visit) -> str:
    """Return the random cookie that stands for a session before sign-in; empty without."""
    return visit.cookies.get(PRE_SESSION_COOKIE, "")


def new_pre_session(visit: Visit) -> tuple[str, str]:
    """Return a cookie to set before sign-in, and its token."""
    value = secrets.token_urlsafe(24)
    keys: Keys = visit.app.state.signer
    return value, keys.sign("csrf-pre", value)


async def check_csrf(connection: AnyVisit, handler: BaseRouteHandler) -> None:
    """Refuse a request that may change something and carries no token.

    Raises:
        PermissionDeniedException: the token is missing or of another session.
    """
    if connection.scope.get("method") in _SAFE or handler.opt.get("csrf") == EXEMPT["csrf"]:
        return
    expected = token(connection)
    given = connection.headers.get(HEADER) or await _field(connection)
    if not expected or not secrets.compare_digest(expected.encode(), given.encode()):
        raise PermissionDeniedException(_REFUSED)


async def _field(connection: AnyVisit) -> str:
    # Guards are given the request itself; its form is parsed once and kept.
    if not isinstance(connection, Request) or connection.content_type[0] not in _FORMS:
        return ""
    value = (await connection.form()).get(FIELD, "")
    return value if isinstance(value, str) else ""
