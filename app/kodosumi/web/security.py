"""Headers that every answer carries, static files and errors included."""

import secrets

from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from kodosumi.web.deps import AnyVisit

_NONCE = "kodo_nonce"
_NUL = "The address has a character in it that nothing here has. Type it anew."
_YEAR = 31_536_000

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def nonce(scope: Scope) -> str:
    """Return the nonce of this answer's own scripts and styles."""
    state = scope["state"]
    if _NONCE not in state:
        state[_NONCE] = secrets.token_urlsafe(16)
    return str(state[_NONCE])


def content_policy(value: str) -> str:
    """Return the Content-Security-Policy of pages whose nonce is `value`."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{value}'",
            f"style-src 'self' 'nonce-{value}'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def refuse_nul(connection: AnyVisit, _handler: BaseRouteHandler) -> None:
    """Refuse an address with a NUL in it: nothing has one, and PostgreSQL fails on it.

    Raises:
        ClientException: there is one.
    """
    if "\x00" in connection.scope["path"] or b"%00" in connection.scope["query_string"]:
        raise ClientException(_NUL)


async def add_headers(message: Message, scope: Scope) -> None:
    """Complete the headers of an answer; a policy that the route has set stays."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _FIXED.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", content_policy(nonce(scope)))
    headers.setdefault("Cache-Control", _caching(scope))
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")


def _caching(scope: Scope) -> str:
    """Static files carry a digest in their address and never change; all else is private."""
    if not scope["path"].startswith("/static/"):
        return "no-store"
    kept = scope["query_string"].startswith(b"v=")
    return f"public, max-age={_YEAR}, immutable" if kept else "no-cache"
